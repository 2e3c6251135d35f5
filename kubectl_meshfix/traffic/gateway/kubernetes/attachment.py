"""Which routes are attached to a listener, and why others are not (`conversion.go referenceAllowed`, `hostnameAllowedByIsolation`)."""

from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

import msgspec

from kubectl_meshfix.chain.steps import Step, Steps, Where, step
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.gateway_api import GRPCRoute, HTTPRoute, KubernetesGateway, Listener, ParentRef, TCPRoute, TLSRoute
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.checks import gateway as check
from kubectl_meshfix.traffic.gateway.kubernetes.admission import Route, admits_kind, admits_namespace, described
from kubectl_meshfix.traffic.gateway.names import within
from kubectl_meshfix.traffic.gateway.servers import Server


class Far(IntEnum):
    """How far a reference of a route comes on its way to a listener."""

    OTHER_SECTION = 0
    OTHER_PORT = 1
    OTHER_HOSTS = 2
    OTHER_NAMESPACE = 3
    OTHER_KIND = 4
    MORE_SPECIFIC = 5
    ATTACHED = 6


class Referring(NamedTuple):
    """A route and one of its references to a Gateway."""

    route: Route
    position: int
    ref: ParentRef


class Judged(msgspec.Struct, frozen=True):
    """How far a reference came, the hosts that it brings, and the step that says so."""

    far: Far
    hosts: tuple[str, ...]
    told: Step


class Attached(msgspec.Struct, frozen=True):
    """A route on a listener, and the hosts that it has there."""

    route: Route
    hosts: tuple[str, ...]


def attached(mesh: Mesh, server: Server) -> tuple[Attached, ...]:
    """The routes of a listener, the oldest first."""
    memo, key = mesh.memo("routes of listeners"), server.at
    if key not in memo:
        found = ((item.route, _judged(mesh, server, item)) for item in _referring(mesh, server.gateway))
        memo[key] = tuple({route.ref: Attached(route, row.hosts) for route, row in found if row.far is Far.ATTACHED}.values())
    kept: tuple[Attached, ...] = memo[key]
    return kept


def told_each(mesh: Mesh, servers: Sequence[Server], host: str) -> Steps[None]:
    """One step for each reference of a route to one of the servers' Gateways: attached, or why not to the listener where it came furthest.

    Routes that are attached for other hosts alone are left out.
    """
    of_kubernetes = [server for server in servers if server.listener]
    for gateway in {server.gateway.ref: server.gateway for server in of_kubernetes}.values():
        own = [server for server in of_kubernetes if server.gateway is gateway]
        for item in _referring(mesh, gateway):
            best = max((_judged(mesh, server, item) for server in own), key=lambda row: row.far)
            if best.far is not Far.ATTACHED or not host or any(hosts.matches(name.lower(), host) for name in best.hosts):
                yield best.told


def hostnames(route: Route) -> tuple[str, ...]:
    """A route's hosts; ``*`` where it names none, or is of a kind without."""
    return (() if isinstance(route, TCPRoute) else getattr(route.spec, "hostnames", ())) or ("*",)


def age(route: Route) -> tuple[str, str, str]:
    """What routes are sorted by (`conversion.go sortRoutesByCreationTime`); files have no age, and names decide."""
    return route.metadata.creation_timestamp or "", route.namespace, route.name


def _judged(mesh: Mesh, server: Server, item: Referring) -> Judged:
    assert server.listener is not None  # noqa: S101 -- servers of Kubernetes' Gateways have one
    assert isinstance(server.gateway, KubernetesGateway)  # noqa: S101
    return judged(mesh, server.gateway, server.listener, item)


def judged(mesh: Mesh, gateway: KubernetesGateway, listener: Listener, item: Referring) -> Judged:
    """How far a reference comes with a listener (`referenceAllowed`): port and section are first, then hosts, namespace, and kind."""
    route, ref = item.route, item.ref
    at, name = Where(route.ref, f"/spec/parentRefs/{item.position}"), listener.name
    if ref.port and ref.port != listener.port:
        return Judged(Far.OTHER_PORT, (), step(check.NO_SUCH_PORT, at, port=ref.port, listener=name, theirs=listener.port))
    if ref.section_name and ref.section_name != name:
        return Judged(Far.OTHER_SECTION, (), step(check.NO_SUCH_SECTION, at, section=ref.section_name, listener=name))
    own, hostname = hostnames(route), listener.hostname or "*"
    if not any(hosts.matches(hostname, other) for other in own):
        told = step(check.NO_HOSTNAME, at, theirs=", ".join(own), hostname=hostname, listener=name)
        return Judged(Far.OTHER_HOSTS, (), told)
    is_admitted = admits_namespace(mesh, gateway, listener, route.namespace)
    if is_admitted is False:
        told = step(check.NAMESPACE_NOT_ALLOWED, at, listener=name, namespace=route.namespace, allowed=described(listener))
        return Judged(Far.OTHER_NAMESPACE, (), told)
    if not admits_kind(listener, route):
        return Judged(Far.OTHER_KIND, (), step(check.KIND_NOT_ALLOWED, at, listener=name, kind=route.kind))
    kept = tuple(_kept_hosts(gateway, listener, route))
    if not kept:
        return Judged(Far.MORE_SPECIFIC, (), step(check.MORE_SPECIFIC, at, listener=name))
    if isinstance(is_admitted, Unknown):
        return Judged(Far.ATTACHED, kept, step(check.NAMESPACE_NOT_READ, at, unknown=is_admitted, listener=name, namespace=route.namespace))
    return Judged(Far.ATTACHED, kept, step(check.ATTACHED, at, listener=name, hosts=", ".join(kept)))


def _kept_hosts(gateway: KubernetesGateway, listener: Listener, route: Route) -> Iterator[str]:
    """The hosts of a route that are not those of a more specific listener on the port; only HTTP's routes are told apart so."""
    ours, place = listener.hostname, (listener.port, listener.protocol)
    if not isinstance(route, HTTPRoute | GRPCRoute) or (ours and not ours.startswith("*")):
        yield from hostnames(route)
        return
    others = {other.hostname for other in gateway.spec.listeners if (other.port, other.protocol) == place} - {ours}
    narrower = [other for other in others if len(other) >= len(ours)]
    for name in hostnames(route):
        if (not ours or hosts.matches(name, ours)) and not any(within(name, other) for other in narrower):
            yield name


def all_routes(mesh: Mesh) -> tuple[Route, ...]:
    """The routes of all kinds, by age."""
    routes: tuple[Route, ...] = (*mesh.all(HTTPRoute), *mesh.all(GRPCRoute), *mesh.all(TLSRoute), *mesh.all(TCPRoute))
    return tuple(sorted(routes, key=age))


def referring(route: Route) -> Iterator[Referring]:
    """A route's references to Gateways."""
    for position, ref in enumerate(route.spec.parent_refs):
        if (ref.group, ref.kind) == ("gateway.networking.k8s.io", "Gateway"):
            yield Referring(route, position, ref)


def _referring(mesh: Mesh, gateway: object) -> Sequence[Referring]:
    assert isinstance(gateway, KubernetesGateway)  # noqa: S101
    return mesh.cached("routes by gateway", _by_gateway).get((gateway.namespace, gateway.name), ())


def _by_gateway(mesh: Mesh) -> Mapping[tuple[str, str], Sequence[Referring]]:
    found: dict[tuple[str, str], list[Referring]] = {}
    for route in all_routes(mesh):
        for item in referring(route):
            found.setdefault((item.ref.namespace or route.namespace, item.ref.name), []).append(item)
    return found
