"""What a VirtualService names: its own hosts, those that its routes send to, and the gateways they are for."""

from collections.abc import Iterator
from typing import Literal, get_args

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.destinations import Destination
from kubectl_meshfix.resources.istio_networking.routes import HTTPMatch, L4Match, L4Route, VirtualService, VirtualServiceHTTPRoute
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.gateway_names import MESH

RouteKind = Literal["http", "tls", "tcp"]
ROUTE_KINDS: tuple[RouteKind, ...] = get_args(RouteKind)
"""The three lists of routes."""

_Route = VirtualServiceHTTPRoute | L4Route


class RouteTarget(Struct, frozen=True):
    """A destination or mirror that names a host.

    ``path`` is its JSON pointer, ``host`` its host in full and ``written`` as it stands, ``match`` its route's conditions. ``port`` is
    None where none is chosen. ``subset`` is empty where it is for all endpoints. ``is_idle`` says that it has no weight beside others that
    have one: it gets no request (`pilot/pkg/networking/core/route/route.go applyHTTPRouteDestination`).
    """

    path: str
    host: str
    written: str
    kind: RouteKind
    port: int | None = None
    subset: str = ""
    match: tuple[HTTPMatch | L4Match, ...] = ()
    is_mirror: bool = False
    is_idle: bool = False


def targets(virtual_service: VirtualService) -> Iterator[RouteTarget]:
    """Every destination and mirror that names a host, in the order of the document."""
    for path, destination, kind, route in _destinations(virtual_service):
        if destination.host:
            yield RouteTarget(
                path=path,
                host=hosts.fqdn(destination.host, virtual_service.namespace),
                written=destination.host,
                kind=kind,
                port=destination.port.number if destination.port else None,
                subset=destination.subset,
                match=route.match,
                is_mirror="/mirror" in path,
                is_idle=len(route.route) > 1 and "/mirror" not in path and _is_idle(destination, route),
            )


def targets_of(mesh: Mesh, virtual_service: VirtualService) -> tuple[RouteTarget, ...]:
    """The same for a VirtualService of a mesh, worked out once for all who ask."""
    memo: dict[int, tuple[RouteTarget, ...]] = mesh.memo("targets of VirtualServices")
    key = id(virtual_service)  # it is kept as long as the mesh
    if key not in memo:
        memo[key] = tuple(targets(virtual_service))
    return memo[key]


def is_for_sidecars(virtual_service: VirtualService) -> bool:
    """Whether it is bound to the mesh, and no delegate."""
    return bool(virtual_service.spec.hosts) and MESH in (virtual_service.spec.gateways or (MESH,))


def full_hosts(virtual_service: VirtualService) -> tuple[str, ...]:
    """Its hosts in full, as they are written."""
    return tuple(hosts.fqdn(host, virtual_service.namespace) for host in virtual_service.spec.hosts)


def gateway_names(virtual_service: VirtualService) -> Iterator[tuple[str, str]]:
    """The gateways that a VirtualService and its matches name, as written, by their JSON pointers."""
    for i, name in enumerate(virtual_service.spec.gateways):
        yield f"/spec/gateways/{i}", name
    for kind in ROUTE_KINDS:
        for i, route in enumerate(getattr(virtual_service.spec, kind)):
            for j, match in enumerate(route.match):
                for k, name in enumerate(match.gateways):
                    yield f"/spec/{kind}/{i}/match/{j}/gateways/{k}", name


def _is_idle(destination: Destination, route: _Route) -> bool:
    return any(item.weight for item in route.route) and all(not item.weight for item in route.route if item.destination is destination)


def _destinations(virtual_service: VirtualService) -> Iterator[tuple[str, Destination, RouteKind, _Route]]:
    for kind in ROUTE_KINDS:
        for i, route in enumerate(getattr(virtual_service.spec, kind)):
            for j, weighted in enumerate(route.route):
                yield f"/spec/{kind}/{i}/route/{j}/destination", weighted.destination, kind, route
            if kind == "http" and route.mirror:
                yield f"/spec/http/{i}/mirror", route.mirror, kind, route
            if kind == "http":
                for j, mirror in enumerate(route.mirrors):
                    yield f"/spec/http/{i}/mirrors/{j}/destination", mirror.destination, kind, route
