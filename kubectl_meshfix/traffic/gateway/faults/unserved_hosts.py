"""Hosts of VirtualServices that no server of their gateways has."""

from collections.abc import Sequence
from typing import NamedTuple

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.gateway.applying import declared
from kubectl_meshfix.traffic.gateway.names import admitted
from kubectl_meshfix.traffic.gateway.servers import Server
from kubectl_meshfix.traffic.gateway_names import MESH, resolve


class Unserved(NamedTuple):
    """The positions of the hosts, and the servers of all gateways to which the VirtualService is bound."""

    positions: tuple[int, ...]
    servers: tuple[Server, ...]


def unserved(mesh: Mesh, virtual_service: VirtualService) -> Unserved | None:
    """The hosts of a VirtualService that is for gateways alone, for which none of these makes a virtual host or a filter chain
    (`pilot/pkg/networking/core/gateway.go pickMatchingGatewayHosts`); None where a gateway is not Istio's, or was not read.
    """
    names = virtual_service.spec.gateways
    if not names or MESH in names:
        return None
    memo: dict[object, tuple[tuple[Server, ...], hosts.Hosts] | None] = mesh.memo("hosts that gateways serve")
    gateways = tuple(resolve(name, virtual_service.namespace) for name in names)
    key = (gateways, virtual_service.namespace)
    if key not in memo:
        memo[key] = _served(mesh, gateways, virtual_service.namespace)
    if not (found := memo[key]):
        return None
    servers, known = found
    positions = tuple(i for i, host in enumerate(virtual_service.spec.hosts) if not known.match(host.lower()))
    return Unserved(positions, servers) if positions else None


def _served(mesh: Mesh, gateways: Sequence[tuple[str, str]], namespace: str) -> tuple[tuple[Server, ...], hosts.Hosts] | None:
    """The servers of some gateways, and their hosts that admit routes of a namespace."""
    servers: list[Server] = []
    for key in gateways:
        gateway = mesh.get(Gateway, *key)
        if gateway is None or not gateway.spec.servers or mesh.get(KubernetesGateway, *key):
            return None
        servers += declared(gateway)
    return tuple(servers), hosts.Hosts([host.lower() for server in servers for host in admitted(server.hosts, namespace)])
