"""All servers of all gateways, by the pods and the port that they share."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.indexes import grouped
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.traffic.gateway.applying import configured
from kubectl_meshfix.traffic.gateway.found import gateway_parties
from kubectl_meshfix.traffic.gateway.kubernetes.classes import is_istios
from kubectl_meshfix.traffic.gateway.servers import Server
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.workload_selectors import WORKLOADS

INPUTS = (
    kinds.GATEWAY, kinds.KUBERNETES_GATEWAY, kinds.GATEWAY_CLASS, kinds.REFERENCE_GRANT, kinds.NAMESPACE, kinds.SECRET, kinds.SERVICE,
    *WORKLOADS, *control_plane.INPUTS,
)  # fmt: skip
"""The kinds that decide on servers and their pods."""

ROUTES = (kinds.VIRTUAL_SERVICE, kinds.HTTP_ROUTE, kinds.GRPC_ROUTE, kinds.TLS_ROUTE, kinds.TCP_ROUTE)
"""The kinds that decide on what servers do."""


class Shared(msgspec.Struct, frozen=True):
    """The servers on one container port of some pods, in the order in which istiod merges them."""

    pods: Party
    port: int
    servers: tuple[Server, ...]


def shared_ports(mesh: Mesh) -> tuple[Shared, ...]:
    """Each port of a gateway's pods that several servers name. In files, pods that an installer makes are taken to be there."""
    mesh.require(*INPUTS)
    return mesh.cached("ports that servers share", lambda view: tuple(_shared(view)))


def _shared(mesh: Mesh) -> Iterator[Shared]:
    if mesh.live and not all(mesh.coverage(kind).is_complete for kind in (kinds.GATEWAY, kinds.KUBERNETES_GATEWAY)):
        return  # a Gateway that was not read may be the oldest
    for pods in _parties(mesh):
        for port, servers in grouped(configured(mesh, pods), lambda server: server.port).items():
            if len(servers) > 1:
                yield Shared(pods, port, tuple(servers))


def _parties(mesh: Mesh) -> tuple[Party, ...]:
    """The pods of all gateways, each once; Gateways of one selector are not looked up again.

    A Kubernetes Gateway whose class is not known to be one of Istio's may be configured by somebody else.
    """
    known: set[object] = set()
    found: dict[object, Party] = {}
    istios = (gateway for gateway in mesh.all(KubernetesGateway) if is_istios(mesh, gateway))
    for gateway in (*mesh.all(Gateway), *istios):
        place = (frozenset(gateway.spec.selector.items()) if isinstance(gateway, Gateway) else gateway.name, gateway.namespace)
        if place in known:
            continue
        known.add(place)
        for party in gateway_parties(mesh, gateway.name, gateway.namespace):
            if party.plane is Plane.GATEWAY:
                alike = msgspec.structs.replace(party, gateway=None)
                found.setdefault(alike.key, alike)
    return tuple(found.values())
