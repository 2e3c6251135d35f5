"""Through which hosts, ports and gateways requests come to a route."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.expectations.drafts.terms import Opening, RouteWays
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol, parse
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.gateway_api import (
    GRPCRoute,
    GRPCRouteRule,
    HTTPRoute,
    HTTPRouteRule,
    KubernetesGateway,
    ParentRef,
    TCPRoute,
    TLSRoute,
)
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.istio_networking.routes import HTTPMatch, L4Match, VirtualService
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.gateway_names import MESH, full_name, resolve
from kubectl_meshfix.traffic.registry import registry
from kubectl_meshfix.traffic.route.translating.route_matches import Problem, matches
from kubectl_meshfix.traffic.route.translating.string_match import PlacedMatch, conditions
from kubectl_meshfix.traffic.terms.request import Scheme

EXAMPLE = "www.example.com"
"""Stands for any host."""

_TLS = frozenset({Protocol.HTTPS, Protocol.TLS})
Route = HTTPRoute | GRPCRoute | TCPRoute | TLSRoute


class _Sought(NamedTuple):
    """What a route is for: how callers speak, and the port, 0 for any."""

    scheme: Scheme
    port: int


def ways_of_virtual_service(mesh: Mesh, service: VirtualService) -> Iterator[RouteWays]:
    """Its routes, but those that only delegate. A delegate, which has no hosts, has no ways of its own."""
    for index, route in enumerate(service.spec.http):
        if route.delegate is None:
            at = Where(service.ref, f"/spec/http/{index}")
            yield RouteWays(at=at, openings=tuple(item for match in route.match or (None,) for item in _by_http(mesh, service, match, at)))
    for key, scheme, routes in (("tls", Scheme.HTTPS, service.spec.tls), ("tcp", Scheme.TCP, service.spec.tcp)):
        for index, l4 in enumerate(routes):
            found = (item for match in l4.match or (L4Match(),) for item in _by_l4(mesh, service, match, scheme))
            yield RouteWays(at=Where(service.ref, f"/spec/{key}/{index}"), openings=tuple(found))


def _by_http(mesh: Mesh, service: VirtualService, match: HTTPMatch | None, at: Where) -> Iterator[Opening]:
    meant = match or HTTPMatch()
    wanted = conditions(PlacedMatch(match, at)) if match else ()
    for name in _gateways(service, meant.gateways):
        for item in _entered(mesh, name, service.spec.hosts, service.namespace, _Sought(Scheme.HTTP, meant.port)):
            yield msgspec.structs.replace(
                item, conditions=wanted, labels=meant.source_labels, namespaces=_only(meant.source_namespace)
            )  # fmt: skip


def _by_l4(mesh: Mesh, service: VirtualService, match: L4Match, scheme: Scheme) -> Iterator[Opening]:
    for name in _gateways(service, match.gateways):
        for item in _entered(mesh, name, match.sni_hosts or service.spec.hosts, service.namespace, _Sought(scheme, match.port)):
            yield msgspec.structs.replace(item, labels=match.source_labels, namespaces=_only(match.source_namespace))


def _gateways(service: VirtualService, wanted: Sequence[str]) -> Iterator[str]:
    """The gateways of a VirtualService, as far as a match is for them."""
    among = {full_name(name, service.namespace) for name in wanted}
    return (name for name in service.spec.gateways or (MESH,) if not among or full_name(name, service.namespace) in among)


def _only(namespace: str) -> tuple[str, ...]:
    return (namespace,) if namespace else ()


def ways_of_route(mesh: Mesh, route: Route) -> Iterator[RouteWays]:
    """The rules of a route of Gateway API, through each of its parents."""
    scheme = {HTTPRoute: Scheme.HTTP, GRPCRoute: Scheme.GRPC, TLSRoute: Scheme.HTTPS}.get(type(route), Scheme.TCP)
    names = route.spec.hostnames if isinstance(route, HTTPRoute | GRPCRoute) else getattr(route.spec, "hostnames", ())
    entered = [item for parent in route.spec.parent_refs for item in _through_parent(mesh, route, parent, names, scheme)]
    for index, rule in enumerate(route.spec.rules):
        at = Where(route.ref, f"/spec/rules/{index}")
        placed = matches(rule, at) if isinstance(rule, HTTPRouteRule | GRPCRouteRule) else ()
        wanted = [match.conditions for match in placed] if not isinstance(placed, Problem) else []
        found = (msgspec.structs.replace(item, conditions=each) for each in wanted or [()] for item in entered)
        yield RouteWays(at=at, openings=tuple(found))


def _through_parent(mesh: Mesh, route: Route, parent: ParentRef, names: Sequence[str], scheme: Scheme) -> Iterator[Opening]:
    space = parent.namespace or route.namespace
    if parent.kind == "Gateway":
        yield from _through_gateway(mesh, space, parent.name, names or ("*",), scheme)
    elif parent.kind == "Service":
        yield from _in_mesh(mesh, (hosts.of_service(parent.name, space),), space, _Sought(scheme, parent.port or 0))


def _entered(mesh: Mesh, gateway: str, names: Sequence[str], namespace: str, sought: _Sought) -> Iterator[Opening]:
    if gateway == MESH:
        yield from _in_mesh(mesh, names, namespace, sought)
        return
    found = _through_gateway(mesh, *resolve(gateway, namespace), names, sought.scheme)
    yield from (item for item in found if sought.port in (0, item.port))


def _in_mesh(mesh: Mesh, names: Sequence[str], namespace: str, sought: _Sought) -> Iterator[Opening]:
    """From sidecars, to each port that a host has."""
    scheme, port = sought
    for name in names:
        host = example_of(name)
        entries = registry(mesh).exact.get(hosts.fqdn(host, namespace), ())
        known = [item for entry in entries for item in entry.ports if port in (0, item.number)]
        short = host.removesuffix(f".svc.{hosts.CLUSTER_DOMAIN}") if "." in host else f"{host}.{namespace}"
        for item in known:
            if spoken := _spoken(scheme, item.protocol):
                yield Opening(scheme=spoken, host=short, port=item.number)
        if not known and (port or scheme.default_port):
            yield Opening(scheme=scheme, host=short, port=port or scheme.default_port)


def _spoken(scheme: Scheme, protocol: Protocol) -> Scheme | None:
    """What a caller speaks to a port for a kind of route; None where that route is not for the port."""
    is_http = protocol in HTTP_LIKE or protocol is Protocol.UNSUPPORTED
    if scheme in (Scheme.HTTP, Scheme.GRPC):
        return (Scheme.GRPC if protocol is Protocol.GRPC else scheme) if is_http else None
    if scheme is Scheme.HTTPS:
        return scheme if protocol in _TLS else None
    return None if protocol in HTTP_LIKE else scheme


def _through_gateway(mesh: Mesh, namespace: str, name: str, names: Sequence[str], scheme: Scheme) -> Iterator[Opening]:
    """From outside, through each server or listener that has a host in common."""
    classic, kubernetes = mesh.get(Gateway, namespace, name), mesh.get(KubernetesGateway, namespace, name)
    servers = (
        [(item.port.number, item.port.protocol, item.hosts, item.tls.mode if item.tls else "") for item in classic.spec.servers]
        if classic
        else []
    )
    listeners = (
        [(item.port, item.protocol, (item.hostname or "*",), item.tls.mode if item.tls else "") for item in kubernetes.spec.listeners]
        if kubernetes
        else []
    )
    for port, protocol, served, mode in (*servers, *listeners):
        spoken = _at_gateway(scheme, parse(protocol), is_handed_on=mode.upper() in ("PASSTHROUGH", "AUTO_PASSTHROUGH"))
        if spoken is None:
            continue
        for host in dict.fromkeys(common for one in names for other in served if (common := _common(one, other.rpartition("/")[2]))):
            yield Opening(scheme=spoken, host=host, port=port, gateway=name, namespace=namespace)


def _at_gateway(scheme: Scheme, protocol: Protocol, *, is_handed_on: bool) -> Scheme | None:
    """What a caller speaks to a gateway's port for a kind of route; None where that route is not for the port."""
    if protocol in HTTP_LIKE:
        return scheme if scheme in (Scheme.HTTP, Scheme.GRPC) else None
    if protocol in _TLS:
        is_right = (scheme is Scheme.HTTPS) == is_handed_on and scheme is not Scheme.TCP
        return Scheme.HTTPS if is_right else None
    return scheme if scheme is Scheme.TCP else None


def _common(one: str, other: str) -> str | None:
    """A name that two hosts, wildcards or not, have in common; None where there is none."""
    if not hosts.matches(one, other):
        return None
    return example_of(max(one, other, key=lambda name: (not name.startswith("*"), len(name))))


def example_of(host: str) -> str:
    """A name that a host stands for."""
    host = host.lower()
    return EXAMPLE if host in ("", "*") else f"www{host[1:]}" if host.startswith("*") else host
