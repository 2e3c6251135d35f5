"""Which kinds of routes the ports of a VirtualService can use, and on which ports they are called."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule, TrafficPolicy
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.istio_networking.routes import L4Route, VirtualService, VirtualServiceHTTPRoute
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic import registry as registries
from kubectl_meshfix.traffic.client.following import destinations_seen_from
from kubectl_meshfix.traffic.client.out_of_sight import all_see
from kubectl_meshfix.traffic.destination.destination_rules import full_host
from kubectl_meshfix.traffic.gateway_names import MESH, full_name, resolve
from kubectl_meshfix.traffic.registry import Entry, registry
from kubectl_meshfix.traffic.route.targets import ROUTE_KINDS, RouteKind

if TYPE_CHECKING:
    from kubectl_meshfix.traffic.gateway.servers import Server

INPUTS: tuple[Kind, ...] = (
    *registries.INPUTS, *registries.OPTIONAL, kinds.GATEWAY, kinds.KUBERNETES_GATEWAY, kinds.DESTINATION_RULE, kinds.SIDECAR,
)  # fmt: skip
"""Kinds that decide on what a VirtualService's ports use."""

_TLS = frozenset({Protocol.TLS, Protocol.HTTPS})
_ORIGINATING = frozenset({"SIMPLE", "MUTUAL"})
_HTTP = 80


class Port(msgspec.Struct, frozen=True):
    """A port on which a VirtualService's hosts are called, and the routes that it uses; None where it is sniffed, or uses none."""

    number: int
    kind: RouteKind | None


class Bound(msgspec.Struct, frozen=True):
    """A gateway, in full, or ``mesh``, and the ports there; its position in the VirtualService, -1 where nothing is written."""

    position: int
    name: str
    ports: tuple[Port, ...]

    @property
    def kinds(self) -> frozenset[RouteKind]:
        """The kinds of routes that it uses; none where any port does not tell."""
        found = [port.kind for port in self.ports]
        return frozenset(kind for kind in found if kind) if None not in found else frozenset()


def bindings(mesh: Mesh, virtual_service: VirtualService) -> Iterator[Bound]:
    """What a VirtualService is bound to. There are no ports where they are not known, and where no server has its hosts."""
    mesh.require(*INPUTS)
    for position, name in enumerate(virtual_service.spec.gateways or (MESH,)):
        written = position if virtual_service.spec.gateways else -1
        if name == MESH:
            yield Bound(written, MESH, tuple(_of_sidecars(mesh, virtual_service)))
        else:
            yield Bound(written, full_name(name, virtual_service.namespace), tuple(_of_gateway(mesh, virtual_service, name)))


def kind_of(server: "Server") -> RouteKind | None:
    """The only kind of routes that a server uses (`pilot/pkg/networking/core/gateway.go`); None for one that goes by the SNI alone, or
    whose protocol is not known.
    """
    if server.protocol is Protocol.UNSUPPORTED or (server.tls and server.tls.mode == "AUTO_PASSTHROUGH"):
        return None
    if server.reads_http:
        return "http"
    return "tls" if server.is_tls and server.passes_tls else "tcp"


def has_routes_for(virtual_service: VirtualService, server: "Server") -> bool:
    """Whether a VirtualService has a route of the kind that a server uses, and not only for other ports."""
    kind = kind_of(server)
    routes = getattr(virtual_service.spec, kind) if kind else ()
    return any(not route.match or any(match.port in (None, 0, server.number) for match in route.match) for route in routes)


def kinds_at(virtual_service: VirtualService, gateway: str) -> tuple[RouteKind, ...]:
    """The kinds of routes that a VirtualService has for a gateway (``namespace/name``) or for ``mesh``."""
    spec = virtual_service.spec
    return tuple(kind for kind in ROUTE_KINDS if any(_is_for(route, virtual_service, gateway) for route in getattr(spec, kind)))


def are_unused(mesh: Mesh, virtual_service: VirtualService) -> bool:
    """Whether nothing that a VirtualService is bound to uses any kind of route that it has there."""
    return all(one.kinds.isdisjoint(kinds_at(virtual_service, one.name)) if one.kinds else False for one in bindings(mesh, virtual_service))


def no_gateway_uses(mesh: Mesh, virtual_service: VirtualService, kind: RouteKind) -> bool:
    """Whether a VirtualService is bound to gateways alone, and all of them are known to use other kinds of routes."""
    names = virtual_service.spec.gateways
    if not names or MESH in names:
        return False
    bound = [Bound(0, name, tuple(_of_gateway(mesh, virtual_service, name))) for name in names]
    return all(one.kinds and kind not in one.kinds for one in bound)


def _is_for(route: VirtualServiceHTTPRoute | L4Route, virtual_service: VirtualService, gateway: str) -> bool:
    named = [[full_name(name, virtual_service.namespace) for name in match.gateways] for match in route.match]
    return not named or any(not names or gateway in names for names in named)


def _of_gateway(mesh: Mesh, virtual_service: VirtualService, name: str) -> Iterator[Port]:
    """The ports of the servers with its hosts; those that only redirect to HTTPS do not count beside others."""
    key = resolve(name, virtual_service.namespace)
    gateway = mesh.get(Gateway, *key)
    if gateway is None or mesh.get(KubernetesGateway, *key):
        return
    from kubectl_meshfix.traffic.gateway.in_common import serving  # noqa: PLC0415 -- sixty modules, for a gateway that is there

    found = serving(mesh, gateway, virtual_service)
    answering = [server for server in found if not server.redirects] or found
    yield from (Port(server.number, kind_of(server)) for server in answering)


def _of_sidecars(mesh: Mesh, virtual_service: VirtualService) -> Iterator[Port]:
    """The ports of all its hosts; none where one is not registered, stands for others, or begins with TLS of the proxies' own."""
    entries: list[Entry] = []
    for host in virtual_service.spec.hosts:
        full = hosts.fqdn(host.lower(), virtual_service.namespace)
        found = registry(mesh).visible(full, destinations_seen_from(mesh, virtual_service))
        if not found or any(entry.is_alias or entry.host.startswith("*") for entry in found) or full in _originated(mesh):
            return
        entries += found
    for entry in entries:
        for port in entry.ports:
            if port.protocol is not Protocol.UDP:
                yield Port(port.number, _spoken(port.protocol))
        yield from _of_port_80(mesh, virtual_service, entry)


def _of_port_80(mesh: Mesh, virtual_service: VirtualService, entry: Entry) -> Iterator[Port]:
    """HTTP routes on port 80: proxies use them for hosts that they do not know, or that lack this port, beside whatever else they call
    there (`pilot/pkg/networking/core/route/route.go buildSidecarVirtualHostsForVirtualService`).

    Nobody calls a Service on a port that it lacks, but hosts outside of the cluster are called on 80, whatever a ServiceEntry lists.
    """
    port = entry.port(_HTTP)
    if port and _spoken(port.protocol) != "http" and virtual_service.spec.http and not all_see(mesh, virtual_service, entry):
        yield Port(_HTTP, None)
    elif not port and not entry.is_kubernetes and _means_port_80(virtual_service):
        yield Port(_HTTP, "http")


def _means_port_80(virtual_service: VirtualService) -> bool:
    """Whether an HTTP route is for port 80 or answers without a server, or none leads to its own hosts.

    One that does is meant for their other ports: on port 80 it would fail, unless proxies begin TLS for them.
    """
    own = set(virtual_service.spec.hosts)
    routes = virtual_service.spec.http
    is_written = any(match.port == _HTTP for route in routes for match in route.match)
    leads_to_own = any(to.destination.host in own for route in routes for to in route.route)
    return is_written or not leads_to_own or not all(route.route for route in routes)


def _spoken(protocol: Protocol) -> RouteKind | None:
    if protocol is Protocol.UNSUPPORTED:
        return None
    return "http" if protocol in HTTP_LIKE else "tls" if protocol in _TLS else "tcp"


def _originated(mesh: Mesh) -> frozenset[str]:
    """The hosts to which some DestinationRule makes proxies begin TLS: then HTTP routes may lead to ports of TLS."""
    return mesh.cached("hosts with TLS of the proxies' own", _with_tls)


def _with_tls(mesh: Mesh) -> frozenset[str]:
    return frozenset(full_host(rule) for rule in mesh.all(DestinationRule) if _begins_tls(rule.spec.traffic_policy))


def _begins_tls(policy: TrafficPolicy | None) -> bool:
    settings = (policy.tls, *(port.tls for port in policy.port_level_settings)) if policy else ()
    return any(tls is not None and tls.mode in _ORIGINATING for tls in settings)
