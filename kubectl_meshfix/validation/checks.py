"""THE table of what istiod checks of each kind, and all that is refused or warned of in an object."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module

from kubectl_meshfix.resources.embedded import without_nulls
from kubectl_meshfix.validation.schema import walk
from kubectl_meshfix.validation.violation import Fields, Violations

Check = Callable[[Fields, Fields], Violations]
"""What is refused or warned of in a spec, with the object's metadata; it is only asked where every value has the right type."""

CHECKS: Mapping[tuple[str, str], str] = {
    ("extensions.istio.io", "TrafficExtension"): "extensions.traffic_extension",
    ("extensions.istio.io", "WasmPlugin"): "extensions.wasm_plugin",
    ("networking.istio.io", "DestinationRule"): "destination_rule",
    ("networking.istio.io", "EnvoyFilter"): "extensions.envoy_filter",
    ("networking.istio.io", "Gateway"): "gateway",
    ("networking.istio.io", "ProxyConfig"): "proxy_config",
    ("networking.istio.io", "ServiceEntry"): "service_entry",
    ("networking.istio.io", "Sidecar"): "sidecar",
    ("networking.istio.io", "VirtualService"): "virtual_service",
    ("networking.istio.io", "WorkloadEntry"): "workload_entry",
    ("networking.istio.io", "WorkloadGroup"): "workload_group",
    ("security.istio.io", "AuthorizationPolicy"): "security.authorization_policy",
    ("security.istio.io", "PeerAuthentication"): "security.peer_authentication",
    ("security.istio.io", "RequestAuthentication"): "security.request_authentication",
    ("telemetry.istio.io", "Telemetry"): "extensions.telemetry",
}
"""By API group and kind, the module whose ``violations`` is the check; it is imported when an object of the kind is judged.

A kind without a row has no checks but those of its schema.
"""


def violations(value: Fields) -> Violations:
    """What is refused or warned of in a whole object: by its schema, or where that has nothing to say by what istiod checks."""
    found = tuple(walk.violations(value))
    yield from found or checked(value)


def checked(value: Fields, *, has_nulls: bool = True) -> Violations:
    """What istiod refuses or warns of in an object that fits its schema. A null is a field that is absent.

    Where a caller knows that an object has none, ``has_nulls`` is False, and nobody looks for them.
    """
    group, kind = str(value.get("apiVersion") or "").rpartition("/")[0], str(value.get("kind") or "")
    if module := CHECKS.get((group, kind)):
        spec = value.get("spec") or {}
        yield from _check(module)(without_nulls(spec) if has_nulls else spec, value.get("metadata") or {})


@cache
def _check(module: str) -> Check:
    check: Check = import_module(f"{__package__}.{module}").violations
    return check
