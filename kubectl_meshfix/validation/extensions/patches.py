"""The value of a patch of an EnvoyFilter, as far as it can be judged without Envoy's own schemas (`pkg/config/xds/xds.go`)."""

from collections.abc import Iterator, Mapping

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.validation.values.fields import has
from kubectl_meshfix.validation.violation import Fields, Value, Violation, Violations, warning

_TYPE = "@type"
_STRUCTS = ("TypedStruct", "google.protobuf.Struct", "google.protobuf.Value")
_CONFIGS = ("typed_config", "typedConfig")
_DISCOVERY = ("config_discovery", "configDiscovery")
_ADDS = ("ADD", "INSERT_BEFORE", "INSERT_AFTER", "INSERT_FIRST")

_FILTERS = frozenset({"HTTP_FILTER", "NETWORK_FILTER", "LISTENER_FILTER", "EXTENSION_CONFIG"})
"""Kinds whose value is a name and a configuration with a type."""


def value_of(kind: str, operation: str, value: Fields, path: str) -> Violations:
    """The value of a patch: no types of Envoy's old API, and for filters a name and a configuration that has a type."""
    for place, found in _old_types(value, path):
        says = f"{_TYPE} is {found}, of Envoy's API v2, which is gone; write the type of v3"
        yield Violation(path=place, says=says)
    if kind not in _FILTERS:
        return
    name = value.get("name")
    if name is not None and not isinstance(name, str):
        yield Violation(path=f"{path}/name", says=f"name is {str(name).lower()}, and it has to be a text", correction=_quoted(name))
    for field in _CONFIGS:
        config = value.get(field)
        if isinstance(config, Mapping):
            yield from _config(config, path + join(field), field)
        elif config is not None:
            yield Violation(path=path + join(field), says=f"{field} is no map")
    if not has(value, *_CONFIGS) and not has(value, *_DISCOVERY):
        effect = "Envoy refuses filters without a type" if operation in _ADDS else ""
        yield warning(path, "the patch has no typed_config, and Envoy no longer finds filters by their names", effect=effect)


def _config(config: Fields, path: str, field: str) -> Violations:
    kind = config.get(_TYPE)
    if kind is not None and not isinstance(kind, str):
        yield Violation(path=path + join(_TYPE), says=f"{_TYPE} is no text")
    elif not kind:
        yield Violation(path=path, says=f"{field} has no {_TYPE}, and so no type")


def _quoted(value: Value) -> str | None:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _old_types(value: Value, path: str) -> Iterator[tuple[str, str]]:
    """The types of Envoy's API v2 that a value names, each with its path; what is only data for a filter is not looked into."""
    if isinstance(value, Mapping):
        kind = value.get(_TYPE)
        if isinstance(kind, str):
            if kind.rpartition("/")[2].startswith("envoy.") and ".v2." in kind:
                yield path + join(_TYPE), kind
            if kind.endswith(_STRUCTS):
                return
        for name, inner in value.items():
            yield from _old_types(inner, path + join(name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _old_types(inner, path + join(index))
