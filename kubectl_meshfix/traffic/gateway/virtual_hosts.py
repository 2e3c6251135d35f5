"""The virtual host of a request at a gateway (`pilot/pkg/networking/core/gateway.go buildGatewayHTTPRouteConfig`)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from kubectl_meshfix.chain.steps import Step, Steps, step, told
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.checks import gateway as check
from kubectl_meshfix.traffic.gateway.rules import rules_of_source
from kubectl_meshfix.traffic.gateway.servers import Server
from kubectl_meshfix.traffic.gateway.sources import Source, sources
from kubectl_meshfix.traffic.route.domains import lookup
from kubectl_meshfix.traffic.terms.conditions import Comparison, Field
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party
from kubectl_meshfix.traffic.terms.routes import Rule, VirtualHost

SHOWN = 8


class Part(msgspec.Struct, frozen=True):
    """Routes of one source that a server brings to a virtual host. Their conditions are compared with one of the ``numbers``, which are
    ports of its Gateway's servers: with the first with which any rule is left.
    """

    server: Server
    source: Source
    numbers: tuple[int, ...]


class Hosts(msgspec.Struct, frozen=True):
    """All virtual hosts of a chain, by their domains; ``redirected`` are there without routes, and send plain requests to HTTPS."""

    parts: dict[str, list[Part]]
    redirected: frozenset[str]


class Followed(msgspec.Struct, frozen=True):
    """A part with rules."""

    part: Part
    rules: tuple[Rule, ...]


class Found(NamedTuple):
    """A virtual host, and the server that brings its first routes."""

    host: VirtualHost
    server: Server


def virtual_host(mesh: Mesh, gateway: Party, servers: Sequence[Server], host: str, *, is_tls: bool) -> Steps[Found | Failure]:
    """The virtual host for a name without its port, in lower case; of several that cover it the most specific alone.

    Routes of several objects for one host follow each other, in istiod's order of the objects, and those that match everything come last.
    A host for which no object has a rule left is no virtual host.
    """
    memo, key = mesh.memo("virtual hosts of gateways"), (gateway.key, tuple(server.at for server in servers))
    if key not in memo:
        memo[key] = _hosts(mesh, gateway, servers)
    known: Hosts = memo[key]
    left, steps = dict(known.parts), dict[object, Step]()
    while claim := lookup(left, host):
        domain, parts = claim
        followed: list[Followed] = []
        for part in parts:
            told_steps, rules = told(_rules(mesh, gateway, part))
            steps |= {each.identity: each for each in told_steps}
            followed += [Followed(part, rules)] if rules else []
        if followed or domain in known.redirected:
            yield from _told_host(followed, host, domain, servers[0])
            yield from steps.values()
            return _found(known, domain, followed, servers, is_tls=is_tls)
        del left[domain]
    shown = sorted(known.parts)
    names = ", ".join((*shown[:SHOWN], *(("…",) if len(shown) > SHOWN else ())))
    yield step(check.HOST_MISSING, servers[0].at, host=host, domains=names) if shown else step(check.NO_HOSTS, servers[0].at)
    yield from steps.values()
    return Failure.NO_ROUTE


def _found(known: Hosts, domain: str, followed: Sequence[Followed], servers: Sequence[Server], *, is_tls: bool) -> Found:
    first = next((item for item in servers if domain in map(str.lower, item.hosts)), servers[0])
    server = followed[0].part.server if followed else first
    is_redirected = domain in known.redirected or any(each.part.server.redirects for each in followed)
    made = VirtualHost(
        domain=domain,
        rules=tuple(_sorted(_once(rule for each in followed for rule in each.rules))),
        by=followed[0].part.source.refs[0] if followed else server.at.resource,
        has_https_redirect=is_redirected and not is_tls,
    )
    return Found(made, server)


def _told_host(followed: Sequence[Followed], host: str, domain: str, first: Server) -> Steps[None]:
    """Which virtual host it is; where several objects have routes for it, their order counts, and with it their age."""
    at = followed[0].part.server.at if followed else first.at
    sources_of = {each.part.source.name: each.part.source for each in followed}
    if len(sources_of) <= 1:
        yield step(check.HOST_FOUND, at, host=host, domain=domain)
        return
    objects = ", ".join({str(ref): None for source in sources_of.values() for ref in source.refs})
    if all(source.age for source in sources_of.values()):
        yield step(check.HOST_SHARED, at, host=host, domain=domain, objects=objects)
    else:
        unknown = Unknown(kind=UnknownKind.RUNTIME, of="which object is older", settled_by=CLUSTER)
        yield step(check.AGE_UNKNOWN, at, unknown=unknown, host=host, domain=domain, objects=objects)


def _rules(mesh: Mesh, gateway: Party, part: Part) -> Steps[tuple[Rule, ...]]:
    """The rules of a part; the steps are those of the port with which there are any, else those of the last."""
    steps: tuple[Step, ...] = ()
    rules: tuple[Rule, ...] = ()
    for number in part.numbers:
        steps, rules = told(rules_of_source(mesh, gateway, part.server, part.source, number))
        if rules:
            break
    yield from steps
    return rules


def _once(rules: Iterable[Rule]) -> Iterator[Rule]:
    """Rules that two servers bring are there once, which changes nothing."""
    by_place: dict[object, list[Rule]] = {}
    for rule in rules:
        alike = by_place.setdefault(rule.at, [])
        if rule not in alike:
            alike.append(rule)
            yield rule


def _hosts(mesh: Mesh, gateway: Party, servers: Sequence[Server]) -> Hosts:
    parts: dict[str, list[Part]] = {}
    redirected: set[str] = set()
    numbers: dict[tuple[str, str], tuple[int, ...]] = {}
    for server in servers:
        for source in sources(mesh, server, gateway.namespace):
            place = (server.name, source.name)
            numbers[place] = tuple(dict.fromkeys((*numbers.get(place, ()), server.number)))
            for name in source.hosts:
                parts.setdefault(name.lower(), []).append(Part(server, source, numbers[place]))
        for name in server.hosts if server.redirects else ():
            parts.setdefault(name.lower(), [])
            redirected.add(name.lower())
    return Hosts(parts, frozenset(redirected))


def _sorted(rules: Iterable[Rule]) -> Iterator[Rule]:
    """Routes that match everything come last (`route.go SortVHostRoutes`)."""
    yield from sorted(rules, key=_matches_everything)


def _matches_everything(rule: Rule) -> bool:
    """`route.go IsCatchAllRoute`: no condition but one on the path that every path meets."""
    return all(
        condition.field is Field.PATH
        and (
            (condition.comparison in (Comparison.PREFIX, Comparison.PATH_PREFIX) and condition.value == "/")
            or (condition.comparison is Comparison.REGEX and condition.value in (".*", "*"))
        )
        and not condition.is_negated
        for condition in rule.conditions
    )
