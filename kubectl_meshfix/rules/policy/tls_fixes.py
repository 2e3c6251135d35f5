"""What to do where the TLS of callers and servers does not fit."""

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import patch
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.control_plane import mesh_config
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule, TrafficPolicy
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.coherence.disagreement import Disagreement, wider_rule
from kubectl_meshfix.traffic.registry import registry

_ORIGINATING = frozenset({"SIMPLE", "MUTUAL"})
_TLS = frozenset({Protocol.HTTPS, Protocol.TLS})
RISK = "Requests that fail today reach these pods; callers use mTLS or plain text, as each pod takes it."


def fix_of(mesh: Mesh, one: Disagreement) -> Fix:
    """Remove what callers are told, so that Istio chooses, where that is certain to help; else what a person can do."""
    if one.by_namespace:
        return manual("Set PERMISSIVE in the namespace's policy, or add a DestinationRule with tls.mode ISTIO_MUTUAL for the Service.")
    if one.by_client is None:
        where = "in this rule" if wider_rule(mesh, one) else "in a DestinationRule"
        return manual(f"Set trafficPolicy.tls.mode ISTIO_MUTUAL {where}, or turn enableAutoMtls on.")
    rule = mesh.find(one.by_client.resource)
    if _serves_tls(mesh, one):
        return manual(f"Set tls in portLevelSettings, for the ports that serve TLS alone; port {one.port} does not.")
    if isinstance(rule, DestinationRule) and _is_automatic(mesh, one) and (place := _removable(rule, one.by_client.path)):
        mode = one.cluster.tls.mode if one.cluster.tls else ""
        operations = (Operation("test", f"{one.by_client.path}/mode", mode), Operation("remove", place))
        return patch(rule.ref, operations, "Remove tls, so that callers use what each pod takes.", risk=RISK)
    return manual("Set the tls.mode that the pods take, or change what they take.")


def _is_automatic(mesh: Mesh, one: Disagreement) -> bool:
    """Whether istiod's own choice is what each pod takes: for all but the endpoints that it does not choose one by one."""
    return mesh_config(mesh, one.sender.revision).enable_auto_mtls and not one.cluster.asks_endpoints


def _serves_tls(mesh: Mesh, one: Disagreement) -> bool:
    """Whether the TLS that this port refuses is what another port of the Service declares: routes to that one need it."""
    mode = one.cluster.tls.mode if one.cluster.tls else ""
    entries = registry(mesh).exact.get(hosts.of_service(one.service.name, one.service.namespace), ())
    others = {port.protocol for entry in entries for port in entry.ports if port.number != one.port}
    return mode in _ORIGINATING and not others.isdisjoint(_TLS)


def _removable(rule: DestinationRule, path: str) -> str | None:
    """The place of ``tls``, or of the policy where it is all that is in it; None where another policy's ``tls`` would count instead."""
    match pointer.split(path), rule.spec.traffic_policy:
        case ("spec", "trafficPolicy", "tls"), TrafficPolicy() as own if not any(level.tls for level in own.port_level_settings):
            return "/spec/trafficPolicy" if _is_all(own) else path
        case ("spec", "subsets", number, "trafficPolicy", "tls"), None | TrafficPolicy(tls=None):
            match rule.spec.subsets[int(number)].traffic_policy:
                case TrafficPolicy() as own if _is_all(own):
                    return path.removesuffix("/tls")
            return path
        case _:
            return None


def _is_all(policy: TrafficPolicy) -> bool:
    """Whether a policy has ``tls`` alone; istiod refuses one that has nothing (`pkg/config/validation validateTrafficPolicy`)."""
    others = (
        policy.connection_pool,
        policy.outlier_detection,
        policy.load_balancer,
        policy.tunnel,
        policy.proxy_protocol,
        policy.retry_budget,
    )
    return not any(others) and not policy.port_level_settings
