"""How a connection ends at pods: what their proxy takes of it, what their policies say, and what reaches the application."""

from collections.abc import Iterator
from fractions import Fraction
from functools import partial

import msgspec

from kubectl_meshfix.chain.steps import Step
from kubectl_meshfix.traffic.ambient.ztunnel import take
from kubectl_meshfix.traffic.policy.seen_requests import attributes
from kubectl_meshfix.traffic.server.accept import Chain, accept
from kubectl_meshfix.traffic.terms.attributes import Attributes, Claims
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Plane
from kubectl_meshfix.traffic.terms.request import Scheme
from kubectl_meshfix.traffic.trace.answers import Branch, Destination, Ending, Hop
from kubectl_meshfix.traffic.trace.http_versions import carries_grpc
from kubectl_meshfix.traffic.trace.judging import judge, refused
from kubectl_meshfix.traffic.trace.way import SERVER, Leg, Way, choosing, ended, failed, tell, with_steps


def arrive(way: Way, leg: Leg) -> Iterator[Branch]:
    """Every end of a connection to pods with a sidecar, in ambient, or with no proxy."""
    to = msgspec.structs.replace(leg.to, party=leg.endpoint.party, container_port=leg.endpoint.port)
    hop = Hop(role=SERVER, party=leg.endpoint.party, steps=())
    if leg.endpoint.party.plane is not Plane.AMBIENT:
        yield from _accepted(way, hop, leg, to)
        return
    steps: list[Step] = []
    for decision in tell(take(way.mesh, leg.endpoint, leg.line, leg.hop.party), steps):
        told = with_steps(hop, steps)
        ends = _accepted(way, told, leg, to) if decision.value.is_allowed else [refused(way, told, decision.value, to, reads_http=False)]
        yield from ended(ends, decision.share, decision.given)


def _accepted(way: Way, hop: Hop, leg: Leg, to: Destination) -> Iterator[Branch]:
    steps = list(hop.steps)
    chain = tell(accept(way.mesh, leg.endpoint, leg.line, way.request), steps)
    taken = None if isinstance(chain, Failure) else chain
    told = choosing(with_steps(hop, steps), request=way.request, endpoint=leg.endpoint, line=leg.line, chain=taken)
    if isinstance(chain, Failure):
        yield failed(way, told, chain, to=to, reads_http=chain in (Failure.HTTP_1_0, Failure.NO_HOST))
        return
    if not chain.is_captured:
        yield _in_application(way, told, leg, chain, to)
        return
    found = judge(way, told, partial(_seen, way, leg, chain), to)
    yield from found.ended
    for admission in found.admitted:
        yield from ended([_in_application(way, admission.hop, leg, chain, to)], given=admission.given)


def _in_application(way: Way, hop: Hop, leg: Leg, chain: Chain, to: Destination) -> Branch:
    """The end of what no proxy refuses: it arrives, unless it is TLS that the application does not speak, or gRPC over HTTP/1.1."""
    steps = list(hop.steps)
    if chain.failure:
        return failed(way, hop, chain.failure, to=to)
    if way.request.scheme is Scheme.GRPC and not tell(carries_grpc(way.mesh, leg, chain), steps):
        return failed(way, with_steps(hop, steps), Failure.PROTOCOL, to=to, reads_http=True)
    return delivered(with_steps(hop, steps), leg, to)


def delivered(hop: Hop, leg: Leg, to: Destination) -> Branch:
    """A branch that ends in the application."""
    by = hop.steps[-1] if hop.steps else leg.hop.steps[-1] if leg.hop.steps else None
    return Branch(share=Fraction(1), given=(), hops=(hop,), to=to, ending=Ending(arrives=True, by=by, transport=leg.line.transport))


def _seen(way: Way, leg: Leg, chain: Chain, claims: Claims | None) -> Attributes:
    return attributes(
        way.mesh, leg.endpoint.party, leg.line, way.request, port=chain.port, is_http=chain.is_http, identity=chain.identity,
        destination_ip=leg.endpoint.address, claims=claims,
    )  # fmt: skip
