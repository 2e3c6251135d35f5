"""The virtual host of a request at a gateway (`pilot/pkg/networking/core/gateway.go buildGatewayHTTPRouteConfig`)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kubectl_meshfix.chain.steps import Step, Steps, step, told
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.checks import gateway as check
from kubectl_meshfix.traffic.gateway.rules import rules_of_source
from kubectl_meshfix.traffic.gateway.servers import Server
from kubectl_meshfix.traffic.gateway.sources import Source, sources
from kubectl_meshfix.traffic.route.domains import lookup
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party
from kubectl_meshfix.traffic.terms.routes import Comparison, Field, Rule, VirtualHost

_SHOWN = 8


class Part(NamedTuple):
    """Routes of one source that a server brings to a virtual host; ``number`` is the port that their conditions are compared with."""

    server: Server
    source: Source
    number: int


class Hosts(NamedTuple):
    """All virtual hosts of a chain, by their domains, and those whose plain requests go to HTTPS; ``own`` are there without routes."""

    parts: dict[str, list[Part]]
    redirected: frozenset[str]
    own: frozenset[str]


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
    left, steps = dict(known.parts), list[Step]()
    while claim := lookup(left, host):
        domain, parts = claim
        found = told(_rules(mesh, gateway, parts))
        steps += found.steps
        if found.value or domain in known.own:
            yield from _told_host(parts, host, domain, servers[0])
            yield from steps
            return _found(known, domain, found.value, servers, is_tls=is_tls)
        del left[domain]
    shown = sorted(known.parts)
    names = ", ".join((*shown[:_SHOWN], *(("…",) if len(shown) > _SHOWN else ())))
    yield step(check.HOST_MISSING, servers[0].at, host=host, domains=names) if shown else step(check.NO_HOSTS, servers[0].at)
    yield from steps
    return Failure.NO_ROUTE


def _found(known: Hosts, domain: str, rules: tuple[Rule, ...], servers: Sequence[Server], *, is_tls: bool) -> Found:
    parts = known.parts[domain]
    server = parts[0].server if parts else next((item for item in servers if domain in map(str.lower, item.hosts)), servers[0])
    made = VirtualHost(
        domain=domain,
        rules=tuple(_sorted(rules)),
        by=parts[0].source.refs[0] if parts else server.at.resource,
        has_https_redirect=not is_tls and domain in known.redirected,
    )
    return Found(made, server)


def _told_host(parts: Sequence[Part], host: str, domain: str, first: Server) -> Steps[None]:
    """Which virtual host it is; where several objects have routes for it, their order counts, and with it their age."""
    at = parts[0].server.at if parts else first.at
    if len({part.source.name for part in parts}) < 2:
        yield step(check.HOST_FOUND, at, host=host, domain=domain)
        return
    objects = ", ".join({str(ref): None for part in parts for ref in part.source.refs})
    if all(part.source.age for part in parts):
        yield step(check.HOST_SHARED, at, host=host, domain=domain, objects=objects)
    else:
        unknown = Unknown(kind=UnknownKind.RUNTIME, of="which object is older", settled_by=CLUSTER)
        yield step(check.AGE_UNKNOWN, at, unknown=unknown, host=host, domain=domain, objects=objects)


def _rules(mesh: Mesh, gateway: Party, parts: Sequence[Part]) -> Steps[tuple[Rule, ...]]:
    """The rules of all parts; what two servers bring is there once, which changes nothing, and is told once."""
    seen: set[object] = set()
    by_place: dict[object, list[Rule]] = {}
    found: list[Rule] = []
    for part in parts:
        steps, rules = told(rules_of_source(mesh, gateway, part.server, part.source, part.number))
        yield from (each for each in steps if each.identity not in seen)
        seen.update(each.identity for each in steps)
        for rule in rules:
            alike = by_place.setdefault(rule.at, [])
            if rule not in alike:
                alike.append(rule)
                found.append(rule)
    return tuple(found)


def _hosts(mesh: Mesh, gateway: Party, servers: Sequence[Server]) -> Hosts:
    parts: dict[str, list[Part]] = {}
    redirected: set[str] = set()
    own: set[str] = set()
    numbers: dict[tuple[str, str], int] = {}
    for server in servers:
        for source in sources(mesh, server, gateway.namespace):
            for name in source.hosts:
                number = numbers.setdefault((server.at.resource.path, source.name), server.number)
                parts.setdefault(name.lower(), []).append(Part(server, source, number))
                if server.redirects:
                    redirected.add(name.lower())
        for name in server.hosts if server.redirects else ():
            parts.setdefault(name.lower(), [])
            own.add(name.lower())
    return Hosts(parts, frozenset(redirected | own), frozenset(own))


def _sorted(rules: Sequence[Rule]) -> Iterator[Rule]:
    """Routes that match everything come last (`route.go SortVHostRoutes`)."""
    yield from (rule for rule in rules if not _matches_everything(rule))
    yield from filter(_matches_everything, rules)


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
