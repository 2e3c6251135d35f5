"""What VirtualServices and routes of Services lead to: who follows one gets clusters for it (`sidecar.go collectImportedServices`)."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.destinations import Destination
from kubectl_meshfix.resources.istio_networking.routes import VirtualService, VirtualServiceHTTPRoute
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.client.mesh_routes import backends, mesh_routes
from kubectl_meshfix.traffic.discovery import reads
from kubectl_meshfix.traffic.gateway_names import MESH


class Use(msgspec.Struct, frozen=True):
    """A destination of a VirtualService: the port that it names, 0 for none, and the HTTP route, None where it asks for no namespace."""

    virtual_service: VirtualService
    port: int
    route: VirtualServiceHTTPRoute | None

    def is_for(self, namespace: str) -> bool:
        """Whether its route may be for callers of a namespace: no match says another one, or one says this one."""
        named = [match.source_namespace for match in self.route.match if match.source_namespace] if self.route else []
        return not named or namespace in named


def uses(mesh: Mesh, revision: str | None, homes: Collection[str] | None = None) -> Iterator[tuple[str, Sequence[Use]]]:
    """What is routed to for sidecars, by the full host: by objects of some namespaces, or by all of them."""
    found = _by_home(mesh, revision)
    for host in found.hosts if homes is None else dict.fromkeys(host for home in sorted(homes) for host in found.by_home.get(home, ())):
        yield host, found.hosts[host]


class _Uses(msgspec.Struct, frozen=True):
    """All uses by the full host; and the hosts by the namespaces of the VirtualServices."""

    hosts: Mapping[str, Sequence[Use]]
    by_home: Mapping[str, Mapping[str, None]]


def _by_home(mesh: Mesh, revision: str | None) -> _Uses:
    mesh.require(kinds.VIRTUAL_SERVICE)
    memo = mesh.memo("destinations of virtual services")
    if revision not in memo:
        found: dict[str, list[Use]] = defaultdict(list)
        by_home: dict[str, dict[str, None]] = defaultdict(dict)
        for virtual_service in mesh.all(VirtualService):
            spec = virtual_service.spec
            if spec.hosts and (not spec.gateways or MESH in spec.gateways) and reads(mesh, virtual_service, revision):
                for destination, route in _destinations(mesh, virtual_service):
                    host = hosts.fqdn(destination.host, virtual_service.namespace)
                    found[host].append(Use(virtual_service, destination.port.number if destination.port else 0, route))
                    by_home[virtual_service.namespace][host] = None
        for made in mesh_routes(mesh):
            stand_in = made.stand_in
            if reads(mesh, stand_in, revision):
                for host, port in backends(made):
                    found[host].append(Use(stand_in, port, None))
                    by_home[made.namespace][host] = None
        memo[revision] = _Uses(dict(found), dict(by_home))
    index: _Uses = memo[revision]
    return index


def _destinations(mesh: Mesh, virtual_service: VirtualService) -> Iterator[tuple[Destination, VirtualServiceHTTPRoute | None]]:
    """Its destinations and mirrors, and those of the VirtualServices to which it delegates, with its own route for these."""
    for route in virtual_service.spec.http:
        yield from ((destination, route) for destination in _of_http(route))
        if route.delegate:
            other = mesh.get(VirtualService, route.delegate.namespace or virtual_service.namespace, route.delegate.name)
            for inner in other.spec.http if other and not other.spec.hosts else ():
                yield from ((destination, route) for destination in _in_full(_of_http(inner), other))
    for l4 in (*virtual_service.spec.tcp, *virtual_service.spec.tls):
        yield from ((item.destination, None) for item in l4.route)


def _of_http(route: VirtualServiceHTTPRoute) -> Iterator[Destination]:
    yield from (item.destination for item in route.route)
    if route.mirror:
        yield route.mirror
    yield from (mirror.destination for mirror in route.mirrors)


def _in_full(destinations: Iterator[Destination], owner: VirtualService | None) -> Iterator[Destination]:
    for item in destinations:
        yield Destination(host=hosts.fqdn(item.host, owner.namespace if owner else ""), subset=item.subset, port=item.port)
