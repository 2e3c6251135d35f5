"""What a waypoint does with the traffic of a host (`pilot/pkg/networking/core/listener_waypoint.go`).

It has one virtual host a Service port, whatever the Host header says. It follows routes of the Service's namespace and of its own alone,
all of them together; a caller's labels are not known to it.
"""

from collections.abc import Callable, Iterator, Sequence

from kubectl_meshfix.chain.alternatives import Alternative
from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.gateway_api import GRPCRoute, HTTPRoute
from kubectl_meshfix.resources.istio_networking.routes import L4Match, L4Route, VirtualService
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.checks import waypoint as checks
from kubectl_meshfix.traffic.client.view import follows, look
from kubectl_meshfix.traffic.gateway_names import MESH
from kubectl_meshfix.traffic.registry import Entry
from kubectl_meshfix.traffic.route.virtual_services import weighted_targets
from kubectl_meshfix.traffic.terms.parties import Party
from kubectl_meshfix.traffic.terms.request import Request
from kubectl_meshfix.traffic.terms.routes import Forward, Rule, Target, VirtualHost

INPUTS: tuple[Kind, ...] = (kinds.VIRTUAL_SERVICE, kinds.HTTP_ROUTE, kinds.GRPC_ROUTE)
"""Kinds that waypoints follow."""

RouteSource = VirtualService | tuple[HTTPRoute | GRPCRoute, ...]
"""A VirtualService, or all routes of Gateway API for one host, which are sorted together."""


def reads_http(entry: Entry, port: int, request: Request) -> bool:
    """Whether a waypoint reads a request as HTTP: as the port of its Service says, or its first bytes where that says nothing."""
    protocol = next((item.protocol for item in entry.ports if item.number == port), Protocol.UNSUPPORTED)
    return protocol in HTTP_LIKE or (protocol is Protocol.UNSUPPORTED and request.is_http)


def virtual_host(
    mesh: Mesh, waypoint: Party, entry: Entry, port: int, translate: Callable[[RouteSource], tuple[Rule, ...]]
) -> Steps[VirtualHost]:
    """The routes of a host's port at a waypoint, whose rules ``translate`` makes of each source."""
    rules: list[Rule] = []
    sources: list[Object] = []
    for source in (yield from sources_of(mesh, waypoint, entry)):
        first = source[0] if isinstance(source, tuple) else source
        made = translate(source)
        if not made:
            yield step(checks.NO_ROUTES, Where(first.ref, "/spec"), route=str(first.ref), port=port)
            continue
        yield step(checks.FOLLOWS, Where(first.ref), route=str(first.ref), host=entry.host)
        rules += made
        sources.append(first)
    if not rules:
        yield step(checks.DEFAULT, Where(entry.resource), host=entry.host)
        own = Rule(conditions=(), action=Forward(targets=(Target(host=entry.host, port=port),)))
        return VirtualHost(domain="*", rules=(own,))
    yield step(checks.FROM, Where(entry.resource), routes=", ".join(str(source.ref) for source in sources))
    return VirtualHost(domain="*", rules=tuple(rules), by=sources[0].ref)


def sources_of(mesh: Mesh, waypoint: Party, entry: Entry) -> Steps[tuple[RouteSource, ...]]:
    """The VirtualServices and routes that a waypoint follows for a host, the oldest first."""
    homes = (entry.namespace, waypoint.namespace)
    found: list[RouteSource] = []
    for virtual_service in _for_host(mesh, waypoint, entry):
        if virtual_service.namespace in homes:
            found.append(virtual_service)
        else:
            yield step(checks.ELSEWHERE, Where(virtual_service.ref), route=str(virtual_service.ref), host=entry.host, home=entry.namespace)
    routes = tuple(sorted(_routes(mesh, entry, homes), key=_age))
    if routes:
        found.append(routes)
    return tuple(sorted(found, key=lambda source: _age(source[0] if isinstance(source, tuple) else source)))


def l4_targets(mesh: Mesh, waypoint: Party, entry: Entry, port: int) -> Steps[tuple[Alternative[Target], ...]]:
    """Where a waypoint sends what is not HTTP: the first TLS route for the host, then the first TCP route; else the host itself."""
    sources = [source for source in (yield from sources_of(mesh, waypoint, entry)) if isinstance(source, VirtualService)]
    for kind in ("tls", "tcp"):
        for source in sources:
            routes: Sequence[L4Route] = source.spec.tls if kind == "tls" else source.spec.tcp
            for number, route in enumerate(routes):
                if not route.match or any(_takes(match, entry, port, of_tls=kind == "tls") for match in route.match):
                    yield step(checks.FOLLOWS, Where(source.ref, f"/spec/{kind}/{number}"), route=str(source.ref), host=entry.host)
                    return weighted_targets(source.namespace, route, Where(source.ref, f"/spec/{kind}/{number}"))
    yield step(checks.DEFAULT, Where(entry.resource), host=entry.host)
    return (Alternative(Target(host=entry.host, port=port)),)


def _takes(match: L4Match, entry: Entry, port: int, *, of_tls: bool) -> bool:
    if of_tls and match.sni_hosts != (entry.host,):
        return False
    return match.port in (0, port) and not match.source_labels and (not match.gateways or MESH in match.gateways)


def _for_host(mesh: Mesh, waypoint: Party, entry: Entry) -> Iterator[VirtualService]:
    """The VirtualServices of the mesh that name a host and that the waypoint's namespace sees."""
    view = look(mesh, waypoint)
    for virtual_service in mesh.all(VirtualService):
        names = (hosts.fqdn(host, virtual_service.namespace) for host in virtual_service.spec.hosts)
        is_of_mesh = not virtual_service.spec.gateways or MESH in virtual_service.spec.gateways
        if is_of_mesh and any(hosts.matches(name, entry.host) for name in names) and follows(mesh, view, virtual_service):
            yield virtual_service


def _routes(mesh: Mesh, entry: Entry, homes: Sequence[str]) -> Iterator[HTTPRoute | GRPCRoute]:
    """The routes of Gateway API whose parent is the host's Service or ServiceEntry."""
    ref = entry.resource
    candidates: tuple[HTTPRoute | GRPCRoute, ...] = (*mesh.all(HTTPRoute), *mesh.all(GRPCRoute))
    for route in candidates:
        parents = ((parent.group, parent.kind, parent.namespace or route.namespace, parent.name) for parent in route.spec.parent_refs)
        if route.namespace in homes and (ref.group, ref.kind, ref.namespace or entry.namespace, ref.name) in parents:
            yield route


def _age(source: Object) -> tuple[str, str, str]:
    return source.metadata.creation_timestamp or "", source.name, source.namespace
