"""Whom a proxy expects to meet: what istiod puts into a cluster from the endpoints of its host, wherever requests go then."""

import msgspec

from kubectl_meshfix.chain.steps import told
from kubectl_meshfix.mesh.control_plane import mesh_config
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.destination.cluster import Cluster
from kubectl_meshfix.traffic.destination.endpoints import endpoints
from kubectl_meshfix.traffic.registry import Port, Resolution
from kubectl_meshfix.traffic.terms.endpoints import Endpoint
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party, Plane

_SCHEME = "spiffe://"


def known(mesh: Mesh, sender: Party, cluster: Cluster) -> tuple[Endpoint, ...]:
    """The endpoints that istiod knows of a cluster's host and port, whatever the subset (`push_context.go ServiceEndpointsByPort`)."""
    return _of_port(mesh, sender, cluster, cluster.port)


def expected(mesh: Mesh, sender: Party, cluster: Cluster) -> frozenset[str]:
    """The identities of which a server must show one in the mesh's TLS; empty where any will do.

    They are the ``subjectAltNames`` of the DestinationRule, else those of the host's endpoints on all ports
    (`cluster_tls.go buildUpstreamTLSSettings`, `push_context.go addServiceAccounts`). Requests that go to one of these endpoints always
    meet one of them.
    """
    if cluster.tls and cluster.tls.subject_alt_names:
        return frozenset(name.removeprefix(_SCHEME) for name in cluster.tls.subject_alt_names)
    if cluster.resolution is not Resolution.NONE:
        return frozenset()
    memo, key = mesh.memo("identities of hosts"), (cluster.entry.host, cluster.entry.resource.key, sender.revision)
    if key not in memo:
        config = mesh_config(mesh, sender.revision)
        domains = (config.trust_domain, *config.trust_domain_aliases)
        found = [item.party for port in cluster.entry.ports for item in _of_port(mesh, sender, cluster, port)]
        memo[key] = frozenset(
            f"{domain}/ns/{party.namespace}/sa/{party.service_account or 'default'}"
            for party in found
            if party.plane is not Plane.OUTSIDE
            for domain in domains
        )
    names: frozenset[str] = memo[key]
    return names


def _of_port(mesh: Mesh, sender: Party, cluster: Cluster, port: Port) -> tuple[Endpoint, ...]:
    by_port = msgspec.structs.replace(cluster, port=port, subset="", labels={}, resolution=Resolution.STATIC)
    found = told(endpoints(mesh, sender, by_port)).value
    return () if isinstance(found, Failure) else found
