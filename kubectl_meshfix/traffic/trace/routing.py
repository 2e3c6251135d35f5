"""From routes to endpoints: what a proxy does with a request once it knows the routes for it."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import msgspec

from kubectl_meshfix.chain.alternatives import Alternative
from kubectl_meshfix.chain.steps import Outcome, Step, Where
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.traffic.ambient.waypoint import waypoint_for
from kubectl_meshfix.traffic.ambient.ztunnel import send, send_to_waypoint
from kubectl_meshfix.traffic.checks.route import ABORTS, REDIRECTS, RESPONDS
from kubectl_meshfix.traffic.client.address import Address, AddressKind
from kubectl_meshfix.traffic.client.view import View
from kubectl_meshfix.traffic.destination.cluster import Cluster, cluster
from kubectl_meshfix.traffic.destination.endpoints import endpoints, endpoints_of_address
from kubectl_meshfix.traffic.destination.identities import known
from kubectl_meshfix.traffic.destination.tls import plain_wire, wire
from kubectl_meshfix.traffic.paths import normalised
from kubectl_meshfix.traffic.registry import Resolution
from kubectl_meshfix.traffic.responses import Caller
from kubectl_meshfix.traffic.route.choosing import choose
from kubectl_meshfix.traffic.route.places import place
from kubectl_meshfix.traffic.route.rewriting import answers_preflight, sent
from kubectl_meshfix.traffic.terms.conditions import Field
from kubectl_meshfix.traffic.terms.endpoints import Endpoint
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request
from kubectl_meshfix.traffic.terms.routes import DirectResponse, Forward, Redirect, Rule, Target
from kubectl_meshfix.traffic.trace.answers import Branch, Destination, Ending, Hop
from kubectl_meshfix.traffic.trace.way import Leg, Onward, Way, answered, choosing, failed, shared, taking, tell, undecided, with_steps


class Sender(NamedTuple):
    """A proxy that routes: what it is on the way, and what it knows. ``port`` is the one that was called, ``address`` the caller's."""

    hop: Hop
    view: View
    port: int
    address: Address | None = None

    reads_http: bool = True

    def having(self, steps: Sequence[Step]) -> "Sender":
        """The same with these steps."""
        return self._replace(hop=with_steps(self.hop, steps))


def by_rules(way: Way, sender: Sender, rules: Sequence[Rule], *, claims_known: bool = True) -> Onward:
    """By the rules of a virtual host, one after the other."""
    steps = list(sender.hop.steps)
    path = normalised(way.request.path, sender.view.config.path_normalization.normalization)
    if path is None:
        yield failed(way, sender.hop, Failure.BAD_PATH, reads_http=True)
        return
    way = way._replace(request=msgspec.structs.replace(way.request, path=path))
    found = tell(choose(rules, way.request, claims_known), steps)
    for alternative in found:
        hop = choosing(with_steps(sender.hop, steps), request=way.request, rule=alternative.value)
        yield from shared(_by_rule(way, sender._replace(hop=hop), alternative.value), alternative.share, alternative.given)


def _by_rule(way: Way, sender: Sender, rule: Rule | None) -> Onward:
    if rule is None:
        yield failed(way, sender.hop, Failure.NO_ROUTE, reads_http=True)
        return
    answers = answers_preflight(rule.cors, way.request)
    if answers is not False:
        yield from shared([answered(way, sender.hop, 200)], given=taking(answers, is_so=True))
    if answers is not True:
        yield from shared(_by_action(way, sender, rule), given=taking(answers, is_so=False))


def _by_action(way: Way, sender: Sender, rule: Rule) -> Onward:
    match rule.action:
        case Redirect() as redirect:
            to = location(way.request, redirect, rule)
            yield answered(way, _telling(sender.hop, REDIRECTS, rule, location=to), redirect.status, location=to)
        case DirectResponse(status=status, body=body):
            yield answered(way, _telling(sender.hop, RESPONDS, rule, status=str(status)), status, body=body)
        case Forward(unknown=unknown) if unknown is not None:
            yield undecided(sender.hop, unknown, Destination(host=way.request.host, port=sender.port))
        case Forward() as forward:
            yield from _forwarded(way, sender, rule, forward)


def _forwarded(way: Way, sender: Sender, rule: Rule, forward: Forward) -> Onward:
    fault, goes_on = forward.fault, Fraction(1)
    if fault and fault.status and fault.abort_share:
        goes_on -= fault.abort_share
        told = _telling(
            sender.hop, ABORTS, rule, fault.path, status=str(fault.status), share=f"{round(float(fault.abort_share) * 100, 4):g} %"
        )
        yield from shared([failed(way, told, Failure.FAULT, reads_http=True, status=fault.status)], fault.abort_share)
    if not goes_on:
        return
    targets = tuple(weighted(forward.targets))
    if not targets:
        yield failed(way, sender.hop, Failure.NO_CLUSTER, reads_http=True)
    for alternative in targets:
        asked = sent(rule, alternative.value, way.request)
        ahead = way._replace(request=way.request if isinstance(asked, Unknown) else asked, retries=forward.retries)
        for item in shared(_to_target(ahead, sender, alternative.value), alternative.share * goes_on):
            yield msgspec.structs.replace(
                item,
                delay=fault.delay if fault and fault.delay_share else 0.0,
                timeout=forward.timeout,
                mirrors=tuple(target.host for target in forward.mirrors),
            )


def _telling(hop: Hop, outcome: Outcome, rule: Rule, path: str = "", **args: str) -> Hop:
    """A hop with what a route does by itself; ``path`` is where it says so, if not the whole route."""
    at = Where(rule.at.resource, path) if rule.at and path else rule.at
    return with_steps(hop, (*hop.steps, Step(outcome=outcome, at=at, args={"route": place(at), **args})))


def weighted(targets: Sequence[Target]) -> Iterator[Alternative[Target]]:
    """Targets with their shares. A single one has no weight, and one of weight 0 gets nothing (`route.go TranslateRoute`)."""
    total = sum(target.weight for target in targets)
    for target in targets:
        if len(targets) == 1:
            yield Alternative(target)
        elif target.weight:
            yield Alternative(target, share=Fraction(target.weight, total))


def to_targets(way: Way, sender: Sender, found: Sequence[Alternative[Target]]) -> Onward:
    """To the endpoints of each target, by its share, without reading HTTP."""
    if not found:
        yield failed(way, sender.hop, Failure.NO_CLUSTER)
    for alternative in found:
        onward = _to_target(way, sender._replace(reads_http=False), alternative.value)
        yield from shared(onward, alternative.share, alternative.given)


def _to_target(way: Way, sender: Sender, target: Target) -> Onward:
    sender = sender._replace(hop=choosing(sender.hop, target=target))
    steps = list(sender.hop.steps)
    to = Destination(host=target.host, port=target.port or sender.port, subset=target.subset)
    meant = tell(cluster(way.mesh, sender.view, target, sender.port, is_l4=not sender.reads_http), steps)
    if isinstance(meant, Failure):
        status = target.missing_status if meant is Failure.NO_CLUSTER else 0
        yield failed(way, with_steps(sender.hop, steps), meant, to=to, reads_http=sender.reads_http, status=status)
    elif isinstance(meant, Unknown):
        yield undecided(with_steps(sender.hop, steps), meant, to)
    else:
        to = Destination(host=meant.entry.host, port=meant.port.number, subset=target.subset)
        sender = sender._replace(hop=choosing(with_steps(sender.hop, steps), cluster=meant))
        yield from _to_cluster(way, sender, meant, to)


def _to_cluster(way: Way, sender: Sender, meant: Cluster, to: Destination) -> Onward:
    steps = list(sender.hop.steps)
    party = sender.hop.party
    address = Address(kind=AddressKind.SERVICE, host=meant.entry.host, entry=meant.entry)
    if party.plane is Plane.GATEWAY:
        for found in tell(waypoint_for(way.mesh, party, meant.entry), steps):
            if found.value is not None:
                yield from shared([to_waypoint(way, with_steps(sender.hop, steps), found.value, address, to)], given=found.given)
            else:
                yield from shared(_to_endpoints(way, sender.having(steps), meant, to), given=found.given)
    else:
        yield from _to_endpoints(way, sender, meant, to)


def _to_endpoints(way: Way, sender: Sender, meant: Cluster, to: Destination) -> Onward:
    steps = list(sender.hop.steps)
    party = sender.hop.party
    behind = tell(endpoints(way.mesh, party, meant, sender.address, sender.port), steps)
    if isinstance(behind, Failure):
        yield failed(way, with_steps(sender.hop, steps), behind, to=to, reads_http=sender.reads_http)
        return
    goes_to_called = meant.resolution is Resolution.NONE
    together = known(way.mesh, party, meant) if meant.asks_endpoints else None
    group = None if goes_to_called else object()
    for endpoint in behind:
        own = list(steps)
        line = tell(wire(way.mesh, party, meant, endpoint, way.request, all_endpoints=together, reads_http=sender.reads_http), own)
        hop = choosing(with_steps(sender.hop, own), endpoints=behind, endpoint=endpoint, line=line)
        yield Leg(
            way=way, hop=hop, endpoint=endpoint, line=line, to=to, cluster=group,
            share=part(endpoint, behind), given=endpoint.given,
        )  # fmt: skip


def to_waypoint(way: Way, hop: Hop, waypoint: Party, address: Address, to: Destination) -> Leg:
    """A leg to the waypoint of a host, over HBONE."""
    steps = list(hop.steps)
    line = tell(send_to_waypoint(way.mesh, hop.party, waypoint, way.request), steps)
    endpoint = Endpoint(party=waypoint, port=to.port)
    return Leg(
        way=way, hop=with_steps(hop, steps), endpoint=endpoint, line=line, to=to, address=address
    )  # fmt: skip


def part(endpoint: Endpoint, among: Sequence[Endpoint]) -> Fraction:
    """The share of an endpoint's pods among those that are there under the same conditions."""
    total = sum(other.count for other in among if not _excludes(endpoint, other))
    return Fraction(endpoint.count, total or 1)


def _excludes(one: Endpoint, other: Endpoint) -> bool:
    """Whether two endpoints are the same pods under contrary conditions."""
    return any(a.unknown == b.unknown and a.is_so is not b.is_so for a in one.given for b in other.given)


def straight(way: Way, hop: Hop, address: Address) -> Onward:
    """To the address that was called, as it is: past the proxy, or through it without any route."""
    is_captured = way.answers is not Caller.NONE
    steps = list(hop.steps)
    to = Destination(host=address.host or way.request.host, port=way.request.port)
    if address.kind is AddressKind.LOOPBACK:
        yield to_itself(way, hop, msgspec.structs.replace(to, party=hop.party, container_port=to.port))
        return
    if address.unknown is not None:
        yield undecided(hop, address.unknown, to)
        return
    behind = tell(endpoints_of_address(way.mesh, address, way.request.port), steps)
    reads_http = way.answers is Caller.HTTP_PROXY
    if isinstance(behind, Failure):
        yield failed(way, with_steps(hop, steps), behind, to=to, reads_http=reads_http)
        return
    for endpoint in behind:
        own = list(steps)
        if hop.party.plane in (Plane.AMBIENT, Plane.WAYPOINT):
            line = tell(send(way.mesh, hop.party, endpoint, way.request), own)
        else:
            line = plain_wire(hop.party, way.request, reads_http=reads_http)
            line = line if is_captured else msgspec.structs.replace(line, by_proxy=False)
        yield Leg(
            way=way, hop=with_steps(hop, own), endpoint=endpoint, line=line, to=to,
            share=part(endpoint, behind), given=endpoint.given,
        )  # fmt: skip


def to_itself(way: Way, hop: Hop, to: Destination) -> Branch:
    """A branch that ends in the caller's own pod, whose proxy sees nothing of it."""
    transport = plain_wire(hop.party, way.request).transport
    ending = Ending(arrives=True, by=hop.steps[-1] if hop.steps else None, transport=transport)
    return Branch(share=Fraction(1), given=(), hops=(hop,), to=to, ending=ending)


def location(request: Request, redirect: Redirect, rule: Rule) -> str:
    """What a redirect says in its ``Location`` header."""
    authority = redirect.authority or request.authority
    if redirect.port:
        authority = f"{authority.partition(':')[0]}:{redirect.port}"
    matched = next((item.value for item in rule.conditions if item.field is Field.PATH), "")
    path = redirect.path or (redirect.prefix + request.path[len(matched) :] if redirect.prefix else request.path)
    query = f"?{request.query}" if request.query else ""
    return f"{redirect.scheme or request.written_scheme}://{authority}{path}{query}"
