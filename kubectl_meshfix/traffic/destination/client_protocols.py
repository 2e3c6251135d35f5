"""What DestinationRules change of the protocol that clients speak to a host, in whichever namespace the clients are."""

from collections.abc import Iterator

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking import PortTrafficPolicy, TrafficPolicy
from kubectl_meshfix.traffic.destination.destination_rules import rules_covering


def originates_tls(mesh: Mesh, host: str) -> bool:
    """Whether proxies of some clients speak TLS of the application to a full host (``SIMPLE`` or ``MUTUAL``)."""
    return any(policy.tls and policy.tls.mode in ("SIMPLE", "MUTUAL") for policy in _policies(mesh, host))


def speaks_http2(mesh: Mesh, host: str) -> bool:
    """Whether proxies of some clients speak HTTP/2 to a full host although its port declares http.

    `pilot/pkg/networking/core/cluster_traffic_policy.go applyH2Upgrade`, `applyConnectionPool`.
    """
    pools = (policy.connection_pool.http for policy in _policies(mesh, host))
    return any(http.use_client_protocol or http.h2_upgrade_policy == "UPGRADE" for http in pools)


def _policies(mesh: Mesh, host: str) -> Iterator[TrafficPolicy | PortTrafficPolicy]:
    for rule in rules_covering(mesh, host):
        for policy in (rule.spec.traffic_policy, *(subset.traffic_policy for subset in rule.spec.subsets)):
            if policy:
                yield policy
                yield from policy.port_level_settings
