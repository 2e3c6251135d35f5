"""Whose routes a sidecar uses for a request's Host (`pilot/pkg/networking/core/httproute.go BuildSidecarOutboundVirtualHosts`)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from kubectl_meshfix.chain.alternatives import Alternative
from kubectl_meshfix.chain.steps import Step, Steps, Where, step
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.checks import host as check
from kubectl_meshfix.traffic.client.mesh_routes import MeshRoutes
from kubectl_meshfix.traffic.client.view import View
from kubectl_meshfix.traffic.registry import Entry
from kubectl_meshfix.traffic.route.candidates import Candidate, Candidates, alternatives, candidates, has_any, rules
from kubectl_meshfix.traffic.route.domains import domains, host_of, lookup
from kubectl_meshfix.traffic.route.passed_over import Asked, passed_over
from kubectl_meshfix.traffic.route.translating.actions import retries
from kubectl_meshfix.traffic.route.virtual_services import client_class
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.listeners import HTTPListener, Passthrough
from kubectl_meshfix.traffic.terms.request import Request
from kubectl_meshfix.traffic.terms.routes import Forward, Rule, Target, VirtualHost

_SNIFFED_OR_HTTP = HTTP_LIKE | {Protocol.UNSUPPORTED}

Found = VirtualHost | Passthrough | Failure


class Claim(msgspec.Struct, frozen=True):
    """Who asks for a name: a candidate, for an entry or for a host that nobody registered; or an entry alone, without any routes."""

    candidate: Candidate | None
    entry: Entry | None


Table = Mapping[str, Sequence[Claim]]
"""The claims on each name, in their order."""


def virtual_host(mesh: Mesh, view: View, listener: HTTPListener, request: Request) -> Steps[tuple[Alternative[Found], ...]]:
    """The routes for a request's Host; `Passthrough` or BLOCKED where the proxy has none for it.

    There are several where two objects ask for the host and nobody knows which is older. The listener of one host alone looks at no Host.
    """
    table = _table(mesh, view, listener.port)
    name = listener.entry.host.lower() if listener.entry else host_of(request.authority)
    found = _of_listener(table, name) if listener.entry else lookup(table, name)
    claims = found[1] if found else [Claim(None, None)]
    contenders = [claims[0], *(claim for claim in claims[1:] if _may_precede(claim, claims[0]))]
    used = [claim.candidate for claim in contenders if claim.candidate]
    host = claims[0].entry.host if claims[0].entry else name
    yield from passed_over(mesh, view, Asked(listener.port, name, host), used)
    if found is None:
        return (Alternative((yield from _without(view, listener, request))),)
    yield _step(listener, claims[0], request)
    if len(contenders) == 1:
        return (Alternative((yield from _host(mesh, view, claims[0], found[0], listener))),)
    ways = alternatives(used)
    at, unknown = Where(used[-1].ref, "/metadata/creationTimestamp"), ways[0][0].unknown
    yield step(check.AGE_UNKNOWN, at, unknown=unknown, objects=", ".join(str(item.ref) for item in used))
    made: list[Alternative[Found]] = []
    for claim, given in zip(contenders, ways, strict=True):
        made.append(Alternative((yield from _host(mesh, view, claim, found[0], listener)), given=given))
    return tuple(made)


def default_rule(view: View, entry: Entry, port: int) -> Rule:
    """The route that a host has without any VirtualService (`BuildDefaultHTTPOutboundRoute`)."""
    forward = Forward(targets=(Target(host=entry.host, port=port),), retries=retries(view.config.default_http_retry_policy))
    return Rule(conditions=(), action=forward, name="default")


def _host(mesh: Mesh, view: View, claim: Claim, domain: str, listener: HTTPListener) -> Steps[Found]:
    shown = "*" if listener.entry else domain
    if claim.candidate is None:
        assert claim.entry is not None  # noqa: S101 -- a claim has one of the two
        return VirtualHost(domain=shown, rules=(default_rule(view, claim.entry, listener.port),))
    made = yield from rules(mesh, view, claim.candidate, listener.port)
    return VirtualHost(domain=shown, rules=made, by=claim.candidate.ref)


def _without(view: View, listener: HTTPListener, request: Request) -> Steps[Found]:
    """What becomes of a Host for which the proxy has no routes (`buildCatchAllVirtualHost`)."""
    if listener.entry:
        yield step(check.NOT_IMPORTED, Where(listener.entry.resource), service=listener.entry.host, port=listener.port)
        return VirtualHost(domain="*", rules=())
    outcome, result = (check.PASSED_THROUGH, Passthrough(is_http=True)) if view.allows_any else (check.BLOCKED, Failure.BLOCKED)
    yield step(outcome, host=request.authority, port=listener.port)
    return result


def _step(listener: HTTPListener, claim: Claim, request: Request) -> Step:
    if listener.entry:
        return step(check.OF_LISTENER, Where(listener.entry.resource), service=listener.entry.host)
    if claim.entry:
        return step(
            check.OF_SERVICE, Where(claim.entry.resource), host=request.authority, port=listener.port, service=str(claim.entry.resource)
        )
    by = claim.candidate.ref if claim.candidate else None
    return step(check.OF_VIRTUAL_SERVICE, Where(by) if by else None, host=request.authority, port=listener.port, object=str(by))


def _may_precede(claim: Claim, first: Claim) -> bool:
    """Whether another candidate's claim may come before the first one."""
    if claim.candidate is None or first.candidate is None or claim.candidate is first.candidate:
        return False
    return claim.candidate.may_precede(first.candidate)


def _of_listener(table: Table, name: str) -> tuple[str, Sequence[Claim]] | None:
    """What a listener for one host has: the routes with that very name among their domains (`getVirtualHostsForSniffedServicePort`)."""
    return (name, table[name]) if name in table else None


def _table(mesh: Mesh, view: View, port: int) -> Table:
    memo, key = mesh.memo("virtual hosts"), (client_class(mesh, view), port)
    if key not in memo:
        memo[key] = _made(mesh, view, port)
    found: Table = memo[key]
    return found


def _made(mesh: Mesh, view: View, port: int) -> Table:
    entries = {entry.host.lower(): entry for entry in view.on_port(port)}
    spoken = {host for host, entry in entries.items() if _speaks_http(entry, port)}
    table: dict[str, list[Claim]] = defaultdict(list)
    claims = list(_claims(mesh, view, entries, spoken, port))
    claimed = {entry.host.lower() for _, _, entry in claims if entry}
    rest = ((None, host, entries[host]) for host in entries if host in spoken - claimed and not entries[host].is_alias)
    both: list[tuple[Candidate | None, str, Entry | None]] = [*claims, *rest]
    whole = {host for _, host, entry in both if entry}
    for candidate, host, entry in both:
        if entry is None:
            table[host.lower()].append(Claim(candidate, None))
            continue
        names = domains(entry, view.aliases(entry, port), view.party.namespace)
        for name in names.names:
            if not (name in names.short and name in whole):
                table[name].append(Claim(candidate, entry))
    return dict(table)


def _claims(
    mesh: Mesh, view: View, entries: Mapping[str, Entry], spoken: set[str], port: int
) -> Iterator[tuple[Candidate, str, Entry | None]]:
    """What each candidate asks for: entries, and hosts that nobody registered (`buildSidecarVirtualHostsForVirtualService`)."""
    found = candidates(mesh, view)
    for candidate in found.ordered:
        own, other = _separated(candidate, found, entries)
        if isinstance(candidate.source, MeshRoutes):
            own = [host for host in own if candidate.namespace in (entries[host].namespace, view.party.namespace)]
            if not own:
                continue
        heard = [host for host in own if host in spoken]
        if (not heard and port != 80) or not has_any(mesh, view, candidate, port):
            continue
        yield from ((candidate, host, None) for host in other)
        yield from ((candidate, host, entries[host]) for host in heard)


def _separated(candidate: Candidate, found: Candidates, entries: Mapping[str, Entry]) -> tuple[list[str], list[str]]:
    """Its hosts that are registered with the port, and the others (`separateVSHostsAndServices`)."""
    own: list[str] = []
    other: list[str] = []
    for host in map(str.lower, candidate.hosts):
        if not host.startswith("*"):
            (own if host in entries else other).append(host)
        elif isinstance(candidate.source, MeshRoutes):
            other.append(host)
        else:
            covered = [name for name in entries if hosts.matches(name, host)]
            own += (name for name in covered if _is_most_specific(candidate, found.most_specific(entries[name].host)))
            other += [] if covered else [host]
    return list(dict.fromkeys(own)), list(dict.fromkeys(other))


def _is_most_specific(candidate: Candidate, specific: Sequence[Candidate]) -> bool:
    """The first of those with the most specific host for an entry, or one that may be older than it."""
    if not specific:
        return False
    return any(item is candidate and (item is specific[0] or item.may_precede(specific[0])) for item in specific)


def _speaks_http(entry: Entry, port: int) -> bool:
    return any(item.number == port and item.protocol in _SNIFFED_OR_HTTP for item in entry.ports)
