"""What routes send to a host: of VirtualServices, and of Gateway API."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.gateway_api import GRPCRoute, HTTPRoute, TCPRoute, TLSRoute
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.gateway_names import MESH
from kubectl_meshfix.traffic.route.targets import RouteKind, targets_of

INPUTS: tuple[Kind, ...] = (kinds.VIRTUAL_SERVICE, kinds.HTTP_ROUTE, kinds.GRPC_ROUTE, kinds.TCP_ROUTE, kinds.TLS_ROUTE)
"""Kinds whose routes send to hosts."""

_ROUTES: Mapping[type[HTTPRoute | GRPCRoute | TCPRoute | TLSRoute], RouteKind] = {
    HTTPRoute: "http",
    GRPCRoute: "http",
    TCPRoute: "tcp",
    TLSRoute: "tls",
}


class Routed(msgspec.Struct, frozen=True):
    """One destination: the object that names it, the kind of its route, its port (0 for the one that was called) and its subset.

    ``at_gateway`` says that requests from a gateway may come there.
    """

    by: Ref
    kind: RouteKind
    port: int
    subset: str
    at_gateway: bool


def routed(mesh: Mesh, host: str) -> Sequence[Routed]:
    """What routes send to a full host."""
    mesh.require(*INPUTS)
    return mesh.cached("destinations of all routes", _index).get(host, ())


def subsets(mesh: Mesh, host: str) -> frozenset[str]:
    """The subsets of a full host that routes send to."""
    memo: dict[str, frozenset[str]] = mesh.memo("subsets that routes send to")
    rows = routed(mesh, host)
    if host not in memo:
        memo[host] = frozenset(row.subset for row in rows)
    return memo[host]


def _index(mesh: Mesh) -> Mapping[str, Sequence[Routed]]:
    found: dict[str, list[Routed]] = defaultdict(list)
    for host, row in (*_of_virtual_services(mesh), *_of_gateway_api(mesh)):
        found[host].append(row)
    return dict(found)


def _of_virtual_services(mesh: Mesh) -> Iterator[tuple[str, Routed]]:
    for virtual_service in mesh.all(VirtualService):
        spec = virtual_service.spec
        at_gateway = not spec.hosts or any(name != MESH for name in spec.gateways)
        for target in targets_of(mesh, virtual_service):
            yield target.host, Routed(virtual_service.ref, target.kind, target.port or 0, target.subset, at_gateway)


def _of_gateway_api(mesh: Mesh) -> Iterator[tuple[str, Routed]]:
    for struct, kind in _ROUTES.items():
        for route in mesh.all(struct):
            at_gateway = any(parent.kind == "Gateway" for parent in route.spec.parent_refs)
            for rule in route.spec.rules:
                for backend in rule.backend_refs:
                    is_service = backend.kind == "Service"
                    host = hosts.of_service(backend.name, backend.namespace or route.namespace) if is_service else backend.name
                    yield host, Routed(route.ref, kind, backend.port or 0, "", at_gateway)


def are_known(mesh: Mesh) -> bool:
    """Whether all routes that the input holds are here. Files are a part of a whole: what they do not hold may be elsewhere."""
    return all(mesh.holds_all(kind) for kind in INPUTS) and (not mesh.live or all(mesh.coverage(kind).is_complete for kind in INPUTS))


def takes_http(mesh: Mesh, host: str, port: int) -> bool:
    """Whether a route sends HTTP to a port of a host, or may."""
    return any(row.kind == "http" and row.port in (0, port) for row in routed(mesh, host))


def is_led_elsewhere(mesh: Mesh, host: str, port: int) -> bool:
    """Whether routes for HTTP lead to a host, and only to other ports of it."""
    ports = {row.port for row in routed(mesh, host) if row.kind == "http"}
    return bool(ports) and not ports & {0, port}
