"""THE table of what istiod checks of each kind, and all that is refused or warned of in an object."""

from collections.abc import Callable, Mapping

from kubectl_meshfix.resources.embedded import without_nulls
from kubectl_meshfix.validation import (
    destination_rule,
    gateway,
    proxy_config,
    service_entry,
    sidecar,
    virtual_service,
    workload_entry,
    workload_group,
)
from kubectl_meshfix.validation.extensions import envoy_filter, telemetry, traffic_extension, wasm_plugin
from kubectl_meshfix.validation.schema import walk
from kubectl_meshfix.validation.security import authorization_policy, peer_authentication, request_authentication
from kubectl_meshfix.validation.violation import Fields, Violations

Check = Callable[[Fields, Fields], Violations]
"""What is refused or warned of in a spec, with the object's metadata; it is only asked where every value has the right type."""

CHECKS: Mapping[tuple[str, str], tuple[Check, ...]] = {
    ("extensions.istio.io", "TrafficExtension"): (traffic_extension.violations,),
    ("extensions.istio.io", "WasmPlugin"): (wasm_plugin.violations,),
    ("networking.istio.io", "DestinationRule"): (destination_rule.violations,),
    ("networking.istio.io", "EnvoyFilter"): (envoy_filter.violations,),
    ("networking.istio.io", "Gateway"): (gateway.violations,),
    ("networking.istio.io", "ProxyConfig"): (proxy_config.violations,),
    ("networking.istio.io", "ServiceEntry"): (service_entry.violations,),
    ("networking.istio.io", "Sidecar"): (sidecar.violations,),
    ("networking.istio.io", "VirtualService"): (virtual_service.violations,),
    ("networking.istio.io", "WorkloadEntry"): (workload_entry.violations,),
    ("networking.istio.io", "WorkloadGroup"): (workload_group.violations,),
    ("security.istio.io", "AuthorizationPolicy"): (authorization_policy.violations,),
    ("security.istio.io", "PeerAuthentication"): (peer_authentication.violations,),
    ("security.istio.io", "RequestAuthentication"): (request_authentication.violations,),
    ("telemetry.istio.io", "Telemetry"): (telemetry.violations,),
}
"""By API group and kind. A kind without a row has no checks but those of its schema."""


def violations(value: Fields) -> Violations:
    """What is refused or warned of in a whole object: by its schema, or where that has nothing to say by what istiod checks."""
    found = tuple(walk.violations(value))
    yield from found or checked(value)


def checked(value: Fields) -> Violations:
    """What istiod refuses or warns of in an object that fits its schema. A null is a field that is absent."""
    group, kind = str(value.get("apiVersion") or "").rpartition("/")[0], str(value.get("kind") or "")
    if checks := CHECKS.get((group, kind)):
        spec, metadata = without_nulls(value.get("spec") or {}), value.get("metadata") or {}
        for check in checks:
            yield from check(spec, metadata)
