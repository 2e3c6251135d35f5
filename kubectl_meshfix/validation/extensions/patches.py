"""The value of a patch of an EnvoyFilter, as far as it can be judged without Envoy's own schemas (`pkg/config/xds/xds.go`)."""

from collections.abc import Mapping

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.validation.violation import Fields, Value, Violation, Violations

_TYPE = "@type"
_CONFIGS = ("typed_config", "typedConfig")

_FILTERS = frozenset({"HTTP_FILTER", "NETWORK_FILTER", "LISTENER_FILTER", "EXTENSION_CONFIG"})
"""Kinds whose value is a name and a configuration with a type."""


def value_of(kind: str, value: Fields, path: str) -> Violations:
    """The value of a patch of a filter: a name, and a configuration that has a type. Nothing is said of other kinds."""
    if kind not in _FILTERS:
        return
    name = value.get("name")
    if name is not None and not isinstance(name, str):
        yield Violation(path=f"{path}/name", says="name of a patch's value has to be a text", correction=_quoted(name))
    for field in _CONFIGS:
        config = value.get(field)
        if isinstance(config, Mapping):
            yield from _config(config, path + join(field), field)
        elif config is not None:
            yield Violation(path=path + join(field), says=f"{field} is no map")


def _config(config: Fields, path: str, field: str) -> Violations:
    kind = config.get(_TYPE)
    if kind is not None and not isinstance(kind, str):
        yield Violation(path=path + join(_TYPE), says=f"{_TYPE} is no text")
    elif config and not kind:
        yield Violation(path=path, says=f"{field} has no {_TYPE}, and so no type")


def _quoted(value: Value) -> str | None:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
