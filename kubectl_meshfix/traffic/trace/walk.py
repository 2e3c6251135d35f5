"""The walk of a request: from its caller, from proxy to proxy, to every place where it may end."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from kubectl_meshfix.chain.alternatives import Alternative
from kubectl_meshfix.chain.steps import Step, Where, step
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_extensions import WasmPlugin
from kubectl_meshfix.resources.istio_networking.proxies import EnvoyFilter
from kubectl_meshfix.traffic import stages
from kubectl_meshfix.traffic.checks.extensions import OPAQUE
from kubectl_meshfix.traffic.extensions import GATEWAY, INBOUND, OUTBOUND, altering
from kubectl_meshfix.traffic.responses import Caller
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request
from kubectl_meshfix.traffic.trace.answers import Branch, Hop, Trace
from kubectl_meshfix.traffic.trace.arriving import arrive
from kubectl_meshfix.traffic.trace.gateways import pass_gateway
from kubectl_meshfix.traffic.trace.leaving import leave
from kubectl_meshfix.traffic.trace.merging import merged
from kubectl_meshfix.traffic.trace.retrying import Tried, retried
from kubectl_meshfix.traffic.trace.way import AT_GATEWAY, AT_WAYPOINT, CLIENT, SERVER, Leg, Onward, Way, after, ended, failed, with_steps
from kubectl_meshfix.traffic.trace.waypoints import pass_waypoint

_FARTHEST = 4
"""So many gateways and waypoints are followed, one after the other; more of them are a loop."""


def trace(mesh: Mesh, callers: Sequence[Alternative[Party]], request: Request, found: Sequence[Step] = ()) -> Trace:
    """What becomes of a request. ``found`` are the steps that told what the caller is."""
    branches: list[Branch] = []
    for caller in callers:
        branches += ended(_walk(mesh, caller.value, request, found), caller.share, caller.given)
    told = [msgspec.structs.replace(branch, hops=tuple(_with_extensions(mesh, hop) for hop in branch.hops)) for branch in branches]
    return Trace(caller=callers[0].value, request=request, branches=merged(told))


_CONTEXTS = {CLIENT: OUTBOUND, SERVER: INBOUND}
_READ_BY_PROXY = frozenset({stages.LISTENER, stages.POLICY, stages.GATEWAY, stages.WAYPOINT})
"""Stages in which a proxy has the request in hand."""


def _with_extensions(mesh: Mesh, hop: Hop) -> Hop:
    """A hop with a step for each object that may change what its proxy does, where the request goes through the proxy."""
    if not hop.party.has_envoy or not any(item.stage in _READ_BY_PROXY for item in hop.steps):
        return hop
    found = altering(mesh, hop.party, _CONTEXTS.get(hop.role, GATEWAY))
    return with_steps(hop, (*hop.steps, *map(_opaque, found)))


def _opaque(obj: EnvoyFilter | WasmPlugin) -> Step:
    unknown = Unknown(kind=UnknownKind.OPAQUE, of=f"what {obj.ref} does", settled_by="a request")
    return step(OPAQUE, Where(obj.ref), unknown=unknown, object=str(obj.ref))


def _walk(mesh: Mesh, caller: Party, request: Request, found: Sequence[Step]) -> Iterator[Branch]:
    way = Way(mesh, request, Caller.NONE)
    is_gateway = caller.plane is Plane.GATEWAY
    hop = Hop(role=AT_GATEWAY if is_gateway else CLIENT, party=caller, steps=tuple(found))
    return _ends(pass_gateway(way, hop, None) if is_gateway else leave(way, hop), 0)


def _ends(onward: Onward, passed: int) -> Iterator[Branch]:
    """Where each way on ends."""
    legs: dict[int, list[Tried]] = {}
    for item in onward:
        match item:
            case Branch():
                yield item
            case Leg(cluster=None):
                yield from (after(item, branch) for branch in _beyond(item, passed))
            case Leg():
                legs.setdefault(id(item.cluster), []).append(Tried(item, list(_beyond(item, passed))))
    for together in legs.values():
        for tried in retried(together):
            yield from (after(tried.leg, branch) for branch in tried.branches)


def _beyond(leg: Leg, passed: int) -> Iterable[Branch]:
    """What follows at the other end of a leg."""
    party, way = leg.endpoint.party, leg.way
    if party.plane not in (Plane.GATEWAY, Plane.WAYPOINT):
        return arrive(way, leg)
    is_gateway = party.plane is Plane.GATEWAY
    hop = Hop(role=AT_GATEWAY if is_gateway else AT_WAYPOINT, party=party, steps=())
    if passed >= _FARTHEST:
        return [failed(way, hop, Failure.HANGS, to=leg.to)]
    return _ends(pass_gateway(way, hop, leg) if is_gateway else pass_waypoint(way, hop, leg), passed + 1)
