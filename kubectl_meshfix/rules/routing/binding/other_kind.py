"""The routes of a VirtualService as routes of the kind that its port uses."""

from typing import Any

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import patch
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.resources.istio_networking.routes import L4Match, L4Route, RouteDestination, VirtualService, VirtualServiceHTTPRoute
from kubectl_meshfix.traffic.gateway.faults.usable_routes import Bound
from kubectl_meshfix.traffic.gateway_names import MESH
from kubectl_meshfix.traffic.route.targets import RouteKind

RISK = "Calls to these hosts, which fail today, reach the destination."


def as_other_kind(virtual_service: VirtualService, bound: Bound, kind: RouteKind) -> Fix:
    """One http route without any condition becomes a tls route for the hosts, and one tls route for the hosts an http route."""
    wanted = " or ".join(sorted(bound.kinds))
    spec = virtual_service.spec
    others = [spec.http, spec.tls, spec.tcp]
    if bound.name != MESH and sum(map(len, others)) == 1:
        made: Any = None
        if kind == "http" and bound.kinds == {"tls"} and _is_plain(spec.http[0]) and not any("*" in host[1:] for host in spec.hosts):
            made = {"match": [{"sniHosts": list(spec.hosts)}], "route": _destinations(spec.http[0].route)}
        if kind == "tls" and bound.kinds == {"http"} and _is_for_hosts(spec.tls[0], spec.hosts):
            made = {"route": _destinations(spec.tls[0].route)}
        if made:
            operations = (Operation("remove", f"/spec/{kind}"), Operation("add", f"/spec/{wanted}", [made]))
            return patch(virtual_service.ref, operations, f"Make the {kind} route a route of {wanted}.", risk=RISK)
    if bound.name == MESH:
        return manual(f"Write {wanted} routes, or declare another protocol for the port.")
    return manual(f"Write {wanted} routes, or change the protocol or the TLS mode of the gateway's server.")


def _is_plain(route: VirtualServiceHTTPRoute) -> bool:
    return route == VirtualServiceHTTPRoute(route=route.route, name=route.name) and not any(item.headers for item in route.route)


def _is_for_hosts(route: L4Route, hosts: tuple[str, ...]) -> bool:
    """Whether each match takes all of the hosts, and asks nothing of the callers and addresses."""
    bare = (L4Match(port=match.port, gateways=match.gateways, sni_hosts=match.sni_hosts) for match in route.match)
    return all(set(hosts) <= set(one.sni_hosts) and match == one for match, one in zip(route.match, bare, strict=True))


def _destinations(routes: tuple[RouteDestination, ...]) -> list[dict[str, Any]]:
    return [{"destination": _destination(item), **({"weight": item.weight} if item.weight is not None else {})} for item in routes]


def _destination(item: RouteDestination) -> dict[str, Any]:
    to = item.destination
    more = {"subset": to.subset} if to.subset else {}
    return {"host": to.host, **more, **({"port": {"number": to.port.number}} if to.port else {})}
