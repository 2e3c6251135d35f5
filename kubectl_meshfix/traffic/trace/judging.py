"""What a proxy asks before a request goes on: an external authorizer, the token, and its policies."""

from collections.abc import Callable, Sequence

import msgspec

from kubectl_meshfix.chain.alternatives import Given
from kubectl_meshfix.chain.steps import Step
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.policy.authentication import authenticate
from kubectl_meshfix.traffic.policy.authorization import consulted, enforced
from kubectl_meshfix.traffic.terms.attributes import Attributes, Claims, Decision
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party
from kubectl_meshfix.traffic.terms.request import Scheme
from kubectl_meshfix.traffic.trace.answers import Branch, Destination, Hop
from kubectl_meshfix.traffic.trace.way import Way, ended, failed, tell, with_steps

Seen = Callable[[Claims | None], Attributes]
"""What a proxy's policies can ask about the request, before its token is looked at and after."""


class Admitted(msgspec.Struct, frozen=True):
    """A request that a proxy lets through: its hop by now, what its token says, and what that is given."""

    hop: Hop
    claims: Claims
    given: tuple[Given, ...] = ()


class Judged(msgspec.Struct, frozen=True):
    """The branches that a proxy's policies end, and the ways on that they leave."""

    ended: list[Branch]
    admitted: list[Admitted]


def judge(way: Way, hop: Hop, seen: Seen, to: Destination, services: Sequence[Ref] = ()) -> Judged:
    """What the policies of a proxy make of a request. ``services`` are those whose traffic a waypoint handles.

    Envoy asks an external authorizer before it looks at tokens, and DENY and ALLOW policies after that
    (`pilot/pkg/networking/core/listener_builder.go buildHTTPConnectionManager`).
    """
    found = Judged([], [])
    steps = list(hop.steps)
    before = seen(None)
    for asked in tell(consulted(way.mesh, hop.party, before, services), steps):
        own = list(steps)
        if not asked.value.is_allowed:
            found.ended.extend(ended([refused(way, with_steps(hop, own), asked.value, to, reads_http=before.is_http)], given=asked.given))
            continue
        claims = _claims(way, hop.party, before, own, services)
        if isinstance(claims, Failure):
            found.ended.extend(ended([failed(way, with_steps(hop, own), claims, to=to, reads_http=True)], given=asked.given))
            continue
        for decided in tell(enforced(way.mesh, hop.party, seen(claims), services), own):
            given = (*asked.given, *decided.given)
            if decided.value.is_allowed:
                found.admitted.append(Admitted(with_steps(hop, own), claims, given))
            else:
                end = refused(way, with_steps(hop, own), decided.value, to, reads_http=before.is_http)
                found.ended.extend(ended([end], given=given))
    return found


def refused(way: Way, hop: Hop, decision: Decision, to: Destination, *, reads_http: bool) -> Branch:
    """A branch that a policy ends."""
    return failed(
        way, hop, decision.failure or Failure.DENIED, to=to, reads_http=reads_http, status=decision.status, written=decision.matched_policy
    )  # fmt: skip


def _claims(way: Way, party: Party, seen: Attributes, steps: list[Step], services: Sequence[Ref]) -> Claims | Failure:
    request = way.request if seen.is_http else msgspec.structs.replace(way.request, scheme=Scheme.TCP)
    return tell(authenticate(way.mesh, party, request, request.claims, services), steps)
