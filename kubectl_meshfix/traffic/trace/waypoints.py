"""A waypoint on the way: what its policies say, and where its routes for the host lead."""

from functools import partial

from kubectl_meshfix.mesh.control_plane import mesh_config
from kubectl_meshfix.traffic.ambient.waypoint_routes import RouteSource, l4_targets, reads_http, virtual_host
from kubectl_meshfix.traffic.client.view import look
from kubectl_meshfix.traffic.policy.seen_requests import attributes
from kubectl_meshfix.traffic.responses import Caller
from kubectl_meshfix.traffic.route.http_routes import route_rules
from kubectl_meshfix.traffic.route.translating.called import Called
from kubectl_meshfix.traffic.route.virtual_services import rules_of
from kubectl_meshfix.traffic.terms.attributes import Attributes, Claims
from kubectl_meshfix.traffic.terms.routes import Rule
from kubectl_meshfix.traffic.trace.answers import Hop
from kubectl_meshfix.traffic.trace.judging import Admitted, judge
from kubectl_meshfix.traffic.trace.routing import Sender, by_rules, straight, to_targets
from kubectl_meshfix.traffic.trace.way import Leg, Onward, Way, shared, tell


def pass_waypoint(way: Way, hop: Hop, leg: Leg) -> Onward:
    """Every way on through a waypoint, which looks at the host that was called and not at the Host header."""
    entry = leg.address.entry if leg.address and not leg.address.is_pod else None
    is_http = reads_http(entry, leg.to.port, way.request) if entry else False
    services = (entry.resource,) if entry else ()
    found = judge(way, hop, partial(_seen, way, hop, leg, is_http), leg.to, services)
    yield from found.ended
    for admission in found.admitted:
        yield from shared(_routed(way, admission, leg, is_http=is_http), given=admission.given)


def _routed(way: Way, admission: Admitted, leg: Leg, *, is_http: bool) -> Onward:
    hop, port, address = admission.hop, leg.to.port, leg.address
    way = way.beyond(is_http)
    if address is None:
        return
    if address.entry is None or address.is_pod:
        yield from straight(way, hop, address)
        return
    entry = address.entry
    sender = Sender(hop, look(way.mesh, hop.party), port)
    steps = list(hop.steps)
    if is_http:
        way = way._replace(answers=Caller.HTTP_PROXY)
        host = tell(virtual_host(way.mesh, hop.party, entry, port, partial(_translated, way, hop, port)), steps)
        yield from by_rules(way, sender.having(steps), host.rules)
    else:
        targets = tell(l4_targets(way.mesh, hop.party, entry, port), steps)
        yield from to_targets(way, sender.having(steps), targets)


def _translated(way: Way, hop: Hop, port: int, source: RouteSource) -> tuple[Rule, ...]:
    if isinstance(source, tuple):
        retries = mesh_config(way.mesh, hop.party.revision).default_http_retry_policy
        return route_rules(way.mesh, source, Called(port=port, default_retries=retries))
    return rules_of(way.mesh, hop.party, source, port)


def _seen(way: Way, hop: Hop, leg: Leg, is_http: bool, claims: Claims | None) -> Attributes:
    return attributes(way.mesh, hop.party, leg.line, way.request, port=leg.to.port, is_http=is_http, claims=claims)
