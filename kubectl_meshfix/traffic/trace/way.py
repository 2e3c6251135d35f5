"""Where a walk stands, and the two things a proxy does with a request: it sends it on, or the request ends there."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, TypeVar

import msgspec

from kubectl_meshfix.chain.alternatives import Given
from kubectl_meshfix.chain.steps import Status, Step, Steps, told
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.traffic.client.address import Address
from kubectl_meshfix.traffic.responses import Caller, Log, Response, Symptom, relayed, response
from kubectl_meshfix.traffic.terms.endpoints import Endpoint
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.wire import Wire
from kubectl_meshfix.traffic.trace.answers import Branch, Destination, Ending, Hop

T = TypeVar("T")

CLIENT, SERVER, AT_GATEWAY, AT_WAYPOINT = "client", "server", "gateway", "waypoint"
"""What a proxy does on the way."""


_IN_HANDSHAKE = frozenset({Symptom.CLOSED, Symptom.RESET})
"""What ends a connection on which the application speaks TLS itself: it sees its handshake fail."""


class Way(NamedTuple):
    """Where a walk stands: the mesh, and the request as it is by now.

    ``answers`` is the last proxy that it went through, which answers for what is behind it. Where that is a gateway or a waypoint,
    ``relays`` is the caller's own proxy, which hands such answers on. ``retries`` is how often a failed connection is tried again.
    """

    mesh: Mesh
    request: Request
    answers: Caller
    relays: Caller = Caller.NONE
    retries: int = 0

    def beyond(self, reads_http: bool) -> "Way":
        """The same behind a gateway or a waypoint."""
        first = self.relays if self.relays is not Caller.NONE else self.answers
        return self._replace(answers=Caller.HTTP_PROXY if reads_http else Caller.TCP_PROXY, relays=first, retries=0)


class Leg(Struct, frozen=True):
    """A request on its way from one proxy to the next: what the sender did, and where it goes over which connection.

    ``way`` has the request as the sender sent it. Legs to the endpoints of one
    cluster have the same ``cluster``. ``address`` is what the caller called where a waypoint
    is next, which looks at nothing else. ``share``, ``given``, ``delay``, ``timeout`` and ``mirrors`` are as in a Branch.
    """

    way: Way
    hop: Hop
    endpoint: Endpoint
    line: Wire
    to: Destination
    address: Address | None = None
    cluster: object = None
    share: Fraction = Fraction(1)
    given: tuple[Given, ...] = ()
    delay: float = 0.0
    timeout: float | None = None
    mirrors: tuple[str, ...] = ()


Onward = Iterator[Leg | Branch]
"""What a proxy does: legs go on, branches have ended."""


def tell(stage: Steps[T], steps: list[Step]) -> T:
    """A stage's result; its steps are added to those of the proxy."""
    found = told(stage)
    steps += found.steps
    return found.value


def shared(onward: Iterable[Leg | Branch], share: Fraction = Fraction(1), given: tuple[Given, ...] = ()) -> Onward:
    """The same for a part of the requests, and under conditions."""
    if share == 1 and not given:
        yield from onward
        return
    for item in onward:
        yield msgspec.structs.replace(item, share=item.share * share, given=(*given, *item.given))


def ended(branches: Iterable[Branch], share: Fraction = Fraction(1), given: tuple[Given, ...] = ()) -> Iterator[Branch]:
    """The same of branches that have ended."""
    for branch in branches:
        yield msgspec.structs.replace(branch, share=branch.share * share, given=(*given, *branch.given))


def taking(value: bool | Unknown, *, is_so: bool) -> tuple[Given, ...]:
    """What follows takes for granted, where an answer is not known: that it is so, or is not."""
    return (Given(unknown=value, is_so=is_so),) if isinstance(value, Unknown) else ()


def with_steps(hop: Hop, steps: Sequence[Step]) -> Hop:
    """A hop by now."""
    return msgspec.structs.replace(hop, steps=tuple(steps))


def choosing(hop: Hop, **made: Any) -> Hop:
    """A hop that decided more: fields of ``Chosen`` by their names."""
    return msgspec.structs.replace(hop, chosen=msgspec.structs.replace(hop.chosen, **made))


def after(leg: Leg, branch: Branch) -> Branch:
    """A branch with the leg before it."""
    return msgspec.structs.replace(
        branch,
        share=leg.share * branch.share,
        given=(*leg.given, *branch.given),
        hops=(leg.hop, *branch.hops),
        delay=leg.delay + branch.delay,
        timeout=leg.timeout if branch.timeout is None else branch.timeout,
        mirrors=(*leg.mirrors, *branch.mirrors),
    )


def failed(  # noqa: PLR0913 -- what is known of a failure, each by its name
    way: Way,
    hop: Hop,
    failure: Failure,
    *,
    to: Destination | None = None,
    reads_http: bool = False,
    status: int = 0,
    written: str = "",
) -> Branch:
    """A branch that ends at a proxy because something stands in the way.

    ``status`` replaces the one of the table, and ``written`` is what stands in the place that the log's details leave open.
    """
    found = relayed(response(failure, way.answers, reads_http=reads_http), way.relays)
    symptom = Symptom.TLS_FAILED if way.request.scheme is Scheme.HTTPS and found.symptom in _IN_HANDSHAKE else found.symptom
    ending = Ending(
        arrives=False,
        status=(status or found.status) if found.status else None,
        symptom=symptom,
        body=found.body.replace("{}", written),
        failure=failure,
        by=_decisive(hop.steps),
        client=_log(found.client, way, status, written),
        server=_log(found.server, way, status, written),
    )
    return Branch(
        share=Fraction(1), given=(), hops=(hop,), to=to or Destination(host=way.request.host, port=way.request.port), ending=ending
    )


def answered(  # noqa: PLR0913 -- all that there is to an answer
    way: Way, hop: Hop, status: int, *, location: str = "", body: str = "", by: Step | None = None
) -> Branch:
    """A branch that ends because the proxy answers by itself; ``by`` is the step that decided, by default the last."""
    log = Log(code=status, details="direct_response")
    is_own = way.answers is not Caller.NONE
    found = relayed(Response(status=status, client=log if is_own else None, server=None if is_own else log), way.relays)
    ending = Ending(
        arrives=False, status=status, body=body, location=location, by=by or _decisive(hop.steps),
        client=found.client, server=found.server,
    )  # fmt: skip
    return Branch(share=Fraction(1), given=(), hops=(hop,), to=Destination(host=way.request.host, port=way.request.port), ending=ending)


def undecided(hop: Hop, unknown: Unknown, to: Destination) -> Branch:
    """A branch of which nobody here knows how it goes on."""
    by = next((step for step in reversed(hop.steps) if step.unknown == unknown), None)
    return Branch(share=Fraction(1), given=(), hops=(hop,), to=to, ending=Ending(arrives=None, by=by or _decisive(hop.steps)))


def _log(log: Log | None, way: Way, status: int, written: str) -> Log | None:
    """A line of the table with what is known here. Without retries their limit is not reached (URX)."""
    if log is None:
        return None
    flag = log.flag if way.retries or not log.code else log.flag.removeprefix("URX,")
    return Log(code=(status or log.code) if log.code else 0, flag=flag, details=log.details.replace("{}", written))


def _decisive(steps: Sequence[Step]) -> Step | None:
    """The step that ended it: the last that failed, else the last that told."""
    wrong = [step for step in steps if step.status is Status.FAIL]
    return wrong[-1] if wrong else steps[-1] if steps else None
