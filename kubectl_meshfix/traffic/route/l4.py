"""Where a connection goes that no proxy reads as HTTP (`pilot/pkg/networking/core/tls.go`)."""

from collections.abc import Iterator, Sequence

import msgspec

from kubectl_meshfix.chain.alternatives import Alternative, Given
from kubectl_meshfix.chain.steps import Steps, Where, retold, step, told
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.routes import L4Match, VirtualService
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.checks import route as check
from kubectl_meshfix.traffic.client.view import View
from kubectl_meshfix.traffic.gateway_names import MESH, full_name
from kubectl_meshfix.traffic.route.candidates import Candidate, alternatives, candidates
from kubectl_meshfix.traffic.route.domains import lookup
from kubectl_meshfix.traffic.route.places import place
from kubectl_meshfix.traffic.route.virtual_services import weighted_targets
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.listeners import Passthrough, TCPListener
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.routes import Target

_TLS = frozenset({Protocol.TLS, Protocol.HTTPS})

Targets = tuple[Alternative[Target], ...]


class _Route(msgspec.Struct, frozen=True):
    """A route that the proxy gets: its place, its match, and its targets."""

    at: Where
    match: L4Match
    targets: Targets


class _Call(msgspec.Struct, frozen=True):
    """A connection, and whether its port is one of TLS."""

    mesh: Mesh
    view: View
    listener: TCPListener
    request: Request
    is_tls: bool


def tcp_targets(mesh: Mesh, view: View, listener: TCPListener, request: Request) -> Steps[Targets | Passthrough | Failure]:
    """Where a connection to a host's port goes; with weights, or where something is not known, there are several targets.

    Ports of TLS have ``tls`` routes alone, all others ``tcp`` routes. Once a TLS route is for the port, other names are passed through.
    """
    is_tls = any(port.number == listener.port and port.protocol in _TLS for port in listener.entry.ports)
    call = _Call(mesh, view, listener, request, is_tls)
    naming = [item for item in candidates(mesh, view).ordered if any(hosts.matches(host, listener.entry.host) for host in item.hosts)]
    sources = [item for item in naming if any(True for _ in _routes(item, call))]
    contenders = [item for item in sources if item is sources[0] or item.may_precede(sources[0])]
    orders = [[first, *(item for item in sources if item is not first)] for first in contenders] or [sources]
    results = [told(_of(call, [route for item in order for route in _routes(item, call)])) for order in orders]
    if all(result.value == results[0].value for result in results):
        return (yield from retold(results[0]))
    names = ", ".join(str(item.ref) for item in contenders)
    ways = alternatives(contenders)
    at, unknown = Where(contenders[-1].ref, "/metadata/creationTimestamp"), ways[0][0].unknown
    yield step(check.AGE_UNKNOWN, at, unknown=unknown, objects=names)
    yield from {made.identity: made for result in results for made in result.steps}.values()
    return tuple(
        Alternative(one.value, one.share, (*given, *one.given))
        for result, given in zip(results, ways, strict=True)
        for one in (result.value if isinstance(result.value, tuple) else ())
    )


def _of(call: _Call, routes: Sequence[_Route]) -> Steps[Targets | Passthrough | Failure]:
    if not routes:
        return (yield from _itself(call))
    return (yield from _by_sni(call, routes)) if call.is_tls else (yield from _by_order(call, routes))


def _by_sni(call: _Call, routes: Sequence[_Route]) -> Steps[Targets | Passthrough | Failure]:
    """The route with the most specific SNI; of two with one the first. A name is looked at before all that a route can ask for."""
    table: dict[str, _Route] = {}
    for route in routes:
        for name in route.match.sni_hosts:
            table.setdefault(name.lower(), route)
    speaks_tls = call.request.scheme is Scheme.HTTPS or call.request.sni
    sni = call.request.server_name.lower() if speaks_tls else ""
    found = lookup(table, sni) if sni else None
    if found:
        yield step(check.BY_SNI, found[1].at, route=place(found[1].at), sni=sni)
        return found[1].targets
    outcome = check.OTHER_SNI if call.view.allows_any else check.OTHER_SNI_BLOCKED
    entry = call.listener.entry
    yield step(outcome, Where(entry.resource), host=entry.host, sni=sni or check.NO_SNI)
    return Passthrough(is_http=False) if call.view.allows_any else Failure.BLOCKED


def _by_order(call: _Call, routes: Sequence[_Route]) -> Steps[Targets]:
    """The first route; those that ask for the address that is called make alternatives."""
    found: list[Alternative[Target]] = []
    passed: tuple[Given, ...] = ()
    for route in routes:
        if not route.match.destination_subnets:
            yield step(check.BY_TCP_ROUTE, route.at, route=place(route.at))
            return (*found, *(Alternative(one.value, one.share, passed) for one in route.targets))
        wanted = ", ".join(route.match.destination_subnets)
        unknown = Unknown(kind=UnknownKind.UNSTATED, of=f"whether the address that is called is in {wanted}", settled_by="the address")
        yield step(check.BY_SUBNET, route.at, unknown=unknown, route=place(route.at), wanted=wanted)
        given = (*passed, Given(unknown=unknown, is_so=True))
        found += (Alternative(one.value, one.share, given) for one in route.targets)
        passed = (*passed, Given(unknown=unknown, is_so=False))
    rest = yield from _itself(call)
    return (*found, *(Alternative(one.value, given=passed) for one in rest))


def _itself(call: _Call) -> Steps[Targets]:
    entry = call.listener.entry
    yield step(check.TO_HOST, Where(entry.resource), host=entry.host)
    return (Alternative(Target(host=entry.host, port=call.listener.port)),)


def _routes(item: Candidate, call: _Call) -> Iterator[_Route]:
    """The routes that the proxy gets; one for TLS without a match has no name to match and is none."""
    if not isinstance(item.source, VirtualService):
        return
    ref, namespace = item.source.ref, item.source.namespace
    key, routes = ("tls", item.source.spec.tls) if call.is_tls else ("tcp", item.source.spec.tcp)
    for index, route in enumerate(routes):
        path = f"/spec/{key}/{index}"
        if not route.route:
            continue
        found = weighted_targets(namespace, route, Where(ref, path))
        if not route.match and not call.is_tls:
            yield _Route(Where(ref, path), L4Match(), found)
        for j, match in enumerate(route.match):
            if _applies(match, call, namespace):
                yield _Route(Where(ref, f"{path}/match/{j}"), match, found)


def _applies(match: L4Match, call: _Call, namespace: str) -> bool:
    """Whether a match is for the caller; unlike HTTP's, all of it counts (`matchTLS`, `matchTCP`)."""
    party = call.view.party
    return (
        match.port in (0, call.listener.port)
        and (not match.gateways or MESH in [full_name(name, namespace) for name in match.gateways])
        and is_subset(match.source_labels, party.labels)
        and match.source_namespace in ("", party.namespace)
    )
