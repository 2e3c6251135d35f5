"""Which servers of Istio's Gateways and which VirtualServices have hosts in common, found by their hosts: a gateway may have thousands."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.host_patterns import Hosts
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.traffic.gateway.applying import declared
from kubectl_meshfix.traffic.gateway.following import bound
from kubectl_meshfix.traffic.gateway.names import admitted, bare, within
from kubectl_meshfix.traffic.gateway.servers import Server


class Followed(NamedTuple):
    """A VirtualService, and the hosts that it has in common with a server: of each pair the narrower one (``names.common``)."""

    virtual_service: VirtualService
    hosts: tuple[str, ...]


class _Names(NamedTuple):
    """Hosts, and who has them, and at which place: positions in a list."""

    hosts: Hosts
    places: Mapping[str, Sequence[tuple[int, int]]]


def followed(mesh: Mesh, server: Server, namespace: str) -> list[Followed]:
    """What a server follows of the VirtualServices that name its gateway, in istiod's order; ``namespace`` is that of the gateway's pods
    (`gateway.go pickMatchingGatewayHosts`).
    """
    memo: dict[tuple[str, str], _Names] = mesh.memo("hosts of virtual services of gateways")
    key, found = (namespace, server.name), bound(mesh, namespace, server.name)
    if key not in memo:
        memo[key] = _names([item.spec.hosts for item in found])
    names = memo[key]
    rows = sorted(
        (index, place, position, mine, theirs)
        for place, written in enumerate(server.hosts)
        for mine in (bare(written),)
        for theirs in names.hosts.matching(mine)
        for index, position in names.places[theirs]
        if admitted((written,), found[index].namespace)
    )
    common: dict[int, dict[str, None]] = {}
    for index, _, _, mine, theirs in rows:
        common.setdefault(index, {})[mine if within(mine, theirs) else theirs] = None
    return [Followed(found[index], tuple(hosts)) for index, hosts in common.items()]


def serving(mesh: Mesh, gateway: Gateway, virtual_service: VirtualService) -> list[Server]:
    """The servers of a Gateway as they are written that a VirtualService may be for: they have a host in common."""
    memo: dict[object, tuple[Sequence[Server], _Names]] = mesh.memo("servers of a gateway by their hosts")
    if (key := gateway.ref.key) not in memo:
        made = declared(gateway)
        memo[key] = made, _names([[bare(host) for host in server.hosts] for server in made])
    servers, names = memo[key]
    found = {
        index
        for theirs in virtual_service.spec.hosts
        for mine in names.hosts.matching(theirs)
        for index, place in names.places[mine]
        if admitted((servers[index].hosts[place],), virtual_service.namespace)
    }
    return [servers[index] for index in sorted(found)]


def _names(lists: Sequence[Sequence[str]]) -> _Names:
    places: dict[str, list[tuple[int, int]]] = {}
    for index, hosts in enumerate(lists):
        for position, host in enumerate(hosts):
            places.setdefault(host, []).append((index, position))
    return _Names(Hosts(list(places)), places)
