"""What istiod's webhook says of a Sidecar (`pkg/config/validation/validation.go ValidateSidecar`)."""

from kubectl_meshfix.validation.listeners.egress import egress
from kubectl_meshfix.validation.listeners.ingress import ingress
from kubectl_meshfix.validation.policies.connection_pool import connection_pool
from kubectl_meshfix.validation.routes.destinations import destination
from kubectl_meshfix.validation.values.annotations import annotations
from kubectl_meshfix.validation.values.fields import has, items, part, text
from kubectl_meshfix.validation.values.hosts import flaw, refused
from kubectl_meshfix.validation.values.labels import selector
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_MODE = "outboundTrafficPolicy.mode"


def violations(spec: Fields, metadata: Fields) -> Violations:
    """All that is refused and warned of in a Sidecar."""
    yield from annotations(metadata)
    effect = "It is for all workloads of the namespace"
    yield from selector(spec, "workloadSelector", "/spec", map_name="labels", effect=effect)
    if not items(spec, "egress") and not items(spec, "ingress") and not has(spec, "outboundTrafficPolicy", "inboundConnectionPool"):
        yield Violation(path="/spec", says="a Sidecar has none of egress, ingress, outboundTrafficPolicy and inboundConnectionPool")
    yield from ingress(spec)
    yield from connection_pool(spec, "inboundConnectionPool", "/spec")
    yield from egress(spec, text(metadata, "namespace"))
    policy = part(spec, "outboundTrafficPolicy")
    if policy is not None:
        yield from _outbound(policy, "/spec/outboundTrafficPolicy")


def _outbound(policy: Fields, path: str) -> Violations:
    mode, proxy = text(policy, "mode") or "REGISTRY_ONLY", part(policy, "egressProxy")
    if proxy is not None and mode != "ALLOW_ANY":
        yield Violation(path=f"{path}/egressProxy", says=f"egressProxy is set, and {_MODE} is {mode}; it is for ALLOW_ANY")
    elif proxy is not None:
        place, host = f"{path}/egressProxy", text(proxy, "host")
        found = list(refused("host", host, f"{place}/host" if host else place, flaw(host)))
        yield from found
        if not has(proxy, "port"):
            yield Violation(path=place, says="egressProxy has no port")
        yield from (violation for violation in destination(proxy, place) if violation.path != f"{place}/host" or not found)
