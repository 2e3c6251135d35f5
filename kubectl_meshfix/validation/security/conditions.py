"""Conditions on attributes, in a rule of an AuthorizationPolicy: ``when[]`` (`pkg/config/security/security.go ValidateAttribute`)."""

from collections.abc import Callable, Mapping

from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.validation.values.fields import items, text
from kubectl_meshfix.validation.values.patterns import blocks, filled, port_numbers, wildcards
from kubectl_meshfix.validation.values.service_accounts import service_accounts
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_ATTRIBUTES: Mapping[str, Callable[[Fields, str, str], Violations]] = {
    "source.ip": blocks,
    "remote.ip": blocks,
    "source.namespace": filled,
    "source.serviceAccount": service_accounts,
    "source.principal": filled,
    "source.trustDomain": wildcards,
    "request.auth.principal": filled,
    "request.auth.audiences": filled,
    "request.auth.presenter": filled,
    "destination.ip": blocks,
    "destination.port": port_numbers,
    "connection.sni": filled,
}
_MAPS = ("request.headers", "request.auth.claims")
_FILTERS = "experimental.envoy.filters."
_GONE = {
    "destination.namespace": "the policy's own namespace says it",
    "destination.name": "use a selector or targetRefs",
    "destination.user": "use a selector or targetRefs",
}
_LABELS = "destination.labels"
_NOT_CUSTOM = ("source.namespace", "source.serviceAccount", "source.trustDomain", "source.principal")


def condition(fields: Fields, path: str, *, is_custom: bool) -> Violations:
    """One condition. ``is_custom`` is whether the policy's action is CUSTOM, which knows no identities."""
    key, place = text(fields, "key"), f"{path}/key"
    if not key:
        yield Violation(path=path, says="a condition has no key")
        return
    if is_custom and (key in _NOT_CUSTOM or key.startswith("request.auth.")):
        yield Violation(path=place, says=f"a condition has the key {key}, which is not supported with the action CUSTOM")
    if not items(fields, "values") and not items(fields, "notValues"):
        yield Violation(path=path, says=f"the condition on {key} has neither values nor notValues")
        return
    yield from _key(key, place)
    check = _ATTRIBUTES.get(key, filled)
    for name in ("values", "notValues"):
        yield from check(fields, name, path)


def _key(key: str, path: str) -> Violations:
    start = key.partition("[")[0]
    if key.startswith((*_MAPS, _FILTERS)):
        if not (key.endswith("]") and 0 < key.find("[") < len(key) - 2):
            says = f'a condition has the key "{key}", and it has to name one in brackets, as {start}[NAME]'
            yield Violation(path=path, says=says)
    elif key in _GONE or key.startswith(_LABELS):
        instead = _GONE.get(key, "use a selector or targetRefs")
        yield Violation(path=path, says=f'a condition has the key "{key}", which Istio no longer knows; {instead}')
    elif key not in _ATTRIBUTES:
        known = nearest(start, _MAPS if "[" in key else _ATTRIBUTES)
        meant = None if known is None else known + key.removeprefix(start)
        if meant is not None and start != key and not (key.endswith("]") and key.find("[") < len(key) - 2):
            meant = None
        yield Violation(path=path, says=f'a condition has the key "{key}", and Istio knows no such attribute', correction=meant)
