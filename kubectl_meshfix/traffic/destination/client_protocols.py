"""What DestinationRules change of the protocol that clients speak to a host, in whichever namespace the clients are."""

from collections.abc import Iterator

from kubectl_meshfix.mesh.control_plane import mesh_config
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule, PortTrafficPolicy, TrafficPolicy
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.destination.destination_rules import rules_covering, rules_in_force


def modes_asked(mesh: Mesh, service: Service) -> Iterator[tuple[str, DestinationRule]]:
    """The TLS modes in which clients of a Service's own namespace are told to call it, and the rules that say so."""
    from kubectl_meshfix.traffic.destination.traffic_policies import top_policy  # noqa: PLC0415 -- where pods have no sidecar alone

    host = hosts.of_service(service.name, service.namespace)
    for rule in rules_in_force(mesh, host, service.namespace, service.namespace):
        top = top_policy((rule,))
        if top and top.settings.tls:
            yield top.settings.tls.mode, rule


def originates_tls(mesh: Mesh, host: str) -> bool:
    """Whether proxies of some clients speak TLS of the application to a full host (``SIMPLE`` or ``MUTUAL``)."""
    return any(policy.tls and policy.tls.mode in ("SIMPLE", "MUTUAL") for policy in _policies(mesh, host))


def keeps_protocol(mesh: Mesh, host: str) -> bool:
    """Whether some clients' HTTP/2 reaches a full host as HTTP/2 whatever its port declares, also through the server's proxy.

    `pilot/pkg/networking/core/cluster_traffic_policy.go applyConnectionPool`, which holds for inbound clusters too.
    """
    return any(policy.connection_pool and policy.connection_pool.http.use_client_protocol for policy in _policies(mesh, host))


def upgrades_to_http2(mesh: Mesh, host: str) -> bool:
    """Whether some clients' proxies send HTTP/2 to a full host whose port declares http; the server's proxy sends HTTP/1.1 all the same.

    `pilot/pkg/networking/core/cluster_traffic_policy.go applyH2Upgrade`, only for outbound clusters. The mesh's own setting counts
    where none says.
    """
    said = {policy.connection_pool.http.h2_upgrade_policy for policy in _policies(mesh, host) if policy.connection_pool}
    return "UPGRADE" in said or (mesh_config(mesh).h2_upgrade_policy == "UPGRADE" and "DO_NOT_UPGRADE" not in said)


def _policies(mesh: Mesh, host: str) -> Iterator[TrafficPolicy | PortTrafficPolicy]:
    for rule in rules_covering(mesh, host):
        for policy in (rule.spec.traffic_policy, *(subset.traffic_policy for subset in rule.spec.subsets)):
            if policy:
                yield policy
                yield from policy.port_level_settings
