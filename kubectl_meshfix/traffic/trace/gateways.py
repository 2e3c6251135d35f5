"""A gateway on the way: which of its servers takes the request, what its policies say, and where its routes lead."""

from functools import partial

import msgspec

from kubectl_meshfix.chain.steps import step
from kubectl_meshfix.traffic.checks.gateway import REDIRECTED, TOO_OLD
from kubectl_meshfix.traffic.client.proxy_settings import takes_http_1_0
from kubectl_meshfix.traffic.client.view import look
from kubectl_meshfix.traffic.destination.tls import plain_wire
from kubectl_meshfix.traffic.gateway.listening import serve
from kubectl_meshfix.traffic.policy.seen_requests import attributes
from kubectl_meshfix.traffic.terms.attributes import Attributes, Claims
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.gateways import GatewayRoute
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.routes import VirtualHost
from kubectl_meshfix.traffic.terms.wire import Wire
from kubectl_meshfix.traffic.trace.answers import Branch, Destination, Hop
from kubectl_meshfix.traffic.trace.judging import Admitted, judge
from kubectl_meshfix.traffic.trace.routing import Sender, by_rules, to_targets
from kubectl_meshfix.traffic.trace.way import Leg, Onward, Way, answered, choosing, failed, shared, tell, with_steps


def pass_gateway(way: Way, hop: Hop, leg: Leg | None) -> Onward:
    """Every way on through a gateway; ``leg`` is how a caller inside the cluster reaches it, None from outside."""
    steps = list(hop.steps)
    line, port = (leg.line, leg.endpoint.port) if leg else (None, 0)
    taken = tell(serve(way.mesh, hop.party, way.request, line, port), steps)
    told = with_steps(hop, steps)
    to = leg.to if leg else Destination(host=way.request.host, port=way.request.port)
    if isinstance(taken, Failure):
        yield failed(way, told, taken, to=to)
        return
    if taken.is_http and way.request.version == "1.0" and not takes_http_1_0(way.mesh, hop.party):
        too_old = with_steps(told, (*told.steps, step(TOO_OLD, taken.at)))
        yield failed(way, too_old, Failure.HTTP_1_0, to=to, reads_http=True)
        return
    way = way._replace(request=_decrypted(way.request, taken))
    told = choosing(told, listener=taken, request=way.request)
    came = line or plain_wire(Party(plane=Plane.OUTSIDE), way.request)
    found = judge(way, told, partial(_seen, way, hop.party, came, taken), to)
    yield from found.ended
    for admission in found.admitted:
        yield from shared(_routed(way, admission, taken, to), given=admission.given)


def _routed(way: Way, admission: Admitted, taken: GatewayRoute, to: Destination) -> Onward:
    """By the gateway's routes. From now on it is the gateway that answers, where it reads HTTP or the caller has no proxy."""
    claims = admission.claims
    request = msgspec.structs.replace(way.request, claims=claims.values)
    ahead = way.beyond(taken.is_http)._replace(request=request)
    sender = Sender(admission.hop, look(way.mesh, admission.hop.party), taken.number)
    match taken.route:
        case Failure() as failure:
            yield failed(ahead, admission.hop, failure, to=to, reads_http=taken.is_http)
        case VirtualHost(has_https_redirect=True):
            yield _redirected(ahead, admission.hop)
        case VirtualHost(rules=rules):
            yield from _with_token(by_rules(ahead, sender, rules), way.request, claims)
        case targets:
            yield from _with_token(to_targets(ahead, sender, targets), way.request, claims)


def _with_token(onward: Onward, request: Request, claims: Claims) -> Onward:
    """The ways on with the caller's token: a gateway that accepts it takes it off, unless ``forwardOriginalToken`` is set."""
    goes_on = None if "authorization" in claims.removed_headers and claims.values is not None else request.claims
    for item in onward:
        if isinstance(item, Leg):
            sent = msgspec.structs.replace(item.way.request, claims=goes_on)
            yield msgspec.structs.replace(item, way=item.way._replace(request=sent))
        else:
            yield item


def _redirected(way: Way, hop: Hop) -> Branch:
    """The answer of ``httpsRedirect``, which names the host as the request does (`pilot/pkg/networking/core/gateway.go`)."""
    by = next((step for step in reversed(hop.steps) if step.outcome is REDIRECTED), None)
    request = way.request
    query = f"?{request.query}" if request.query else ""
    return answered(way, hop, 301, location=f"https://{request.authority}{request.path}{query}", by=by)


def _decrypted(request: Request, taken: GatewayRoute) -> Request:
    """What is in the gateway's hands once it took off the TLS of the connection: HTTP whether it reads that or not, else as it was.

    The caller's ``Host`` stays what it was for https.
    """
    if not taken.is_tls_terminated:
        return msgspec.structs.replace(request, came_by_tls=False)
    if request.scheme is not Scheme.HTTPS:
        return msgspec.structs.replace(request, came_by_tls=True)
    headers = request.headers if request.header("host") else (*request.headers, ("host", request.authority))
    return msgspec.structs.replace(request, scheme=Scheme.HTTP, came_by_tls=True, headers=headers)


def _seen(way: Way, party: Party, line: Wire, taken: GatewayRoute, claims: Claims | None) -> Attributes:
    return attributes(
        way.mesh, party, line, way.request, port=taken.port, is_http=taken.is_http, identity=taken.identity, claims=claims
    )  # fmt: skip
