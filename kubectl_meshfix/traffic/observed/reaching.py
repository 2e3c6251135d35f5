"""Which endpoints a proxy has of a cluster, whose pods they are, and how it sends to each."""

from typing import NamedTuple

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.destination.pods import pod_at
from kubectl_meshfix.traffic.observed.envoy import Cluster, Config, LbEndpoint, TransportSocket
from kubectl_meshfix.traffic.parties import party_of_pod
from kubectl_meshfix.traffic.terms.wire import Transport

_BY_ENDPOINTS = ("EDS", "STATIC")
_HEALTHY = ("", "HEALTHY", "UNKNOWN", "DEGRADED")
_MATCHES, _ISTIO = "envoy.transport_socket_match", "istio"


class Reached(NamedTuple):
    """An endpoint as the proxy has it. ``owner`` is what makes the pod that has the address, or the address itself."""

    owner: str
    address: str
    port: int
    is_healthy: bool
    transport: Transport | None


def is_listed(cluster: Cluster) -> bool:
    """Whether istiod lists its endpoints; those of other clusters are found by DNS, or are the address that was called."""
    return cluster.type in _BY_ENDPOINTS


def reached(mesh: Mesh, found: Config, cluster: Cluster) -> tuple[Reached, ...]:
    """The endpoints that the proxy has of a cluster."""
    listed = found.endpoints.get(cluster.name) or cluster.load_assignment
    return tuple(_reached(mesh, cluster, item) for place in (listed.endpoints if listed else ()) for item in place.lb_endpoints)


def _reached(mesh: Mesh, cluster: Cluster, item: LbEndpoint) -> Reached:
    place, tunnel = item.endpoint.address.socket_address, item.endpoint.address.envoy_internal_address
    transport = Transport.HBONE if tunnel else _of_endpoint(cluster, item)
    if place is None:
        named = str(item.metadata.filter_metadata.get("envoy.filters.listener.original_dst", {}).get("local", ""))
        address, _, port = named.rpartition(":")
    else:
        address, port = place.address, str(place.port_value)
    pod = pod_at(mesh, address)
    owner = str(party_of_pod(mesh, pod)) if pod else address
    return Reached(owner, address, int(port) if port.isdecimal() else 0, item.health_status in _HEALTHY, transport)


def _of_endpoint(cluster: Cluster, item: LbEndpoint) -> Transport | None:
    """The first transport socket whose match the endpoint's metadata holds; else the cluster's own (`transport_socket_match.cc`)."""
    said = item.metadata.filter_metadata.get(_MATCHES, {})
    for match in cluster.transport_socket_matches:
        if all(said.get(key) == value for key, value in match.match.items()):
            return _transport(match.transport_socket)
    return _transport(cluster.transport_socket)


def _transport(socket: TransportSocket | None) -> Transport | None:
    """None for what is not known here. TLS that offers ``istio`` is the mesh's (`pilot/pkg/networking/core/cluster_tls.go`)."""
    match socket.typed_config.type.rpartition(".")[2] if socket else "RawBuffer":
        case "RawBuffer":
            return Transport.PLAIN
        case "InternalUpstreamTransport":
            return Transport.HBONE
        case "UpstreamTlsContext":
            context = socket.typed_config.common_tls_context if socket else None
            return Transport.ISTIO if context and _ISTIO in context.alpn_protocols else Transport.TLS
        case _:
            return None
