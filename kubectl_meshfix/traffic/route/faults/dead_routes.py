"""Routes of a VirtualService that are never used, because one before them takes all their requests."""

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.resources.istio_networking.routes import L4Match, L4Route, VirtualService, VirtualServiceHTTPRoute
from kubectl_meshfix.traffic.route.covering import Earlier, Taking, covers, takings
from kubectl_meshfix.traffic.route.targets import RouteKind


class Dead(msgspec.Struct, frozen=True):
    """A route (``is_whole``) or one of its matches that is never used, and the route or match ``by`` which its requests are taken.

    ``is_alike`` says that both do the same with a request; ``is_equal`` that either one would take all of the other's requests.
    """

    at: Where
    by: Where
    is_whole: bool
    is_alike: bool
    is_equal: bool = False


class _Covered(msgspec.Struct, frozen=True):
    match: Where
    route: int
    by: Where
    by_route: int
    is_equal: bool


def dead_routes(virtual_service: VirtualService) -> tuple[Dead, ...]:
    """All that is never used, whole routes and single matches, in the order of the document.

    Sidecars and gateways use the first HTTP and TCP route that matches (`pilot/pkg/networking/core/route/route.go`). Of TLS routes only
    the very same name hides another one: the most specific SNI counts, not the order (`pilot/pkg/networking/core/tls.go`).
    """
    spec = virtual_service.spec
    found = list(_told(spec.http, list(_covered_http(takings(virtual_service)))))
    for kind, routes in (("tls", spec.tls), ("tcp", spec.tcp)):
        found += _told(routes, list(_covered_l4(virtual_service, kind, routes)))  # type: ignore[arg-type]
    return tuple(found)


def _told(routes: Sequence[VirtualServiceHTTPRoute | L4Route], covered: Sequence[_Covered]) -> Iterator[Dead]:
    by_route: dict[int, list[_Covered]] = {}
    for item in covered:
        by_route.setdefault(item.route, []).append(item)
    dead: set[int] = set()
    for index, items in by_route.items():
        outside = [item for item in items if item.by_route != index]
        if len(items) == max(len(routes[index].match), 1) and outside:
            dead.add(index)
            alike = all(_same(routes[index], routes[item.by_route]) for item in outside)
            at = Where(items[0].match.resource, items[0].match.path.partition("/match/")[0])
            yield Dead(at, outside[0].by, is_whole=True, is_alike=alike, is_equal=any(item.is_equal for item in outside))
        else:
            for item in items:
                alike = _same(routes[index], routes[item.by_route])
                yield Dead(item.match, item.by, is_whole=False, is_alike=alike, is_equal=item.is_equal)


def _covered_http(found: Sequence[Taking]) -> Iterator[_Covered]:
    earlier = Earlier()
    for taking in found:
        if first := earlier.covering(taking):
            yield _Covered(taking.at, taking.route, first.at, first.route, covers(taking, first))
        else:
            earlier.add(taking)


def _covered_l4(virtual_service: VirtualService, kind: RouteKind, routes: Sequence[L4Route]) -> Iterator[_Covered]:
    earlier: list[tuple[int, Where, L4Match]] = []
    for index, route in enumerate(routes):
        at = Where(virtual_service.ref, f"/spec/{kind}/{index}")
        for position, match in enumerate(route.match or (None,)):
            own, here = match or L4Match(), Where(at.resource, f"{at.path}/match/{position}") if match else at
            first = next((item for item in earlier if _l4_covers(item[2], own, kind)), None)
            if first:
                yield _Covered(here, index, first[1], first[0], _l4_covers(own, first[2], kind))
            else:
                earlier.append((index, here, own))


def _l4_covers(first: L4Match, later: L4Match, kind: RouteKind) -> bool:
    by_name = set(later.sni_hosts) <= set(first.sni_hosts) if kind == "tls" else True
    subnets = not first.destination_subnets or (
        bool(later.destination_subnets) and set(later.destination_subnets) <= set(first.destination_subnets)
    )
    gateways = not first.gateways or (bool(later.gateways) and set(later.gateways) <= set(first.gateways))
    return (
        by_name
        and subnets
        and gateways
        and first.port in (0, later.port)
        and is_subset(first.source_labels, later.source_labels)
        and first.source_namespace in ("", later.source_namespace)
    )


def _same(one: VirtualServiceHTTPRoute | L4Route, other: VirtualServiceHTTPRoute | L4Route) -> bool:
    """Whether two routes do the same, whatever they match."""
    if isinstance(one, VirtualServiceHTTPRoute) and isinstance(other, VirtualServiceHTTPRoute):
        return replace(one, match=(), name="") == replace(other, match=(), name="")
    return replace(one, match=()) == replace(other, match=())
