"""On which ports calls come to a route, and which ports of a host it can send to."""

from collections.abc import Iterable, Mapping

from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol, parse
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.client.following import destinations_seen_from
from kubectl_meshfix.traffic.destinations import cluster_name, known_to_http, port_with_cluster
from kubectl_meshfix.traffic.gateway_names import MESH, resolve
from kubectl_meshfix.traffic.registry import Entry, Port, registry
from kubectl_meshfix.traffic.route.targets import RouteKind, RouteTarget

_TLS_LIKE = frozenset({Protocol.TLS, Protocol.HTTPS})

_OF_SERVERS: Mapping[RouteKind, frozenset[Protocol]] = {
    "http": HTTP_LIKE | _TLS_LIKE,
    "tls": _TLS_LIKE,
    "tcp": frozenset(Protocol) - HTTP_LIKE,
}
"""The protocols of a Gateway's servers whose calls can come to a kind of route; HTTPS and TLS may be terminated or passed through."""

_OF_HOSTS: Mapping[RouteKind, frozenset[Protocol]] = {
    "http": HTTP_LIKE,
    "tls": _TLS_LIKE,
    "tcp": frozenset(Protocol) - HTTP_LIKE - _TLS_LIKE - {Protocol.UDP},
}
"""The protocols of a host's ports to which a kind of route sends what it matched."""


def called_ports(mesh: Mesh, virtual_service: VirtualService, target: RouteTarget) -> frozenset[int] | Unknown:
    """The ports on which calls come to a target's route, as their callers see them.

    A destination that chooses no port gets the one that was called (`pilot/pkg/networking/core/route/route.go GetDestinationCluster`).
    """
    if target.match and all(match.port for match in target.match):
        return frozenset(match.port for match in target.match)
    found: set[int] = set()
    for name in virtual_service.spec.gateways or (MESH,):
        if name == MESH:
            called = _of_sidecars(_entries_of_hosts(mesh, virtual_service), target.kind)
        else:
            called = _of_gateway(mesh, virtual_service, name, target.kind)
        if not called:
            place = "the hosts that are called" if name == MESH else f"gateway {name}"
            kind = UnknownKind.RUNTIME if mesh.live else UnknownKind.NOT_IN_FILES
            return Unknown(kind=kind, of=f"the ports of {place}", settled_by=place)
        found |= called
    return frozenset(found)


def called_by_sidecars(mesh: Mesh, virtual_service: VirtualService, target: RouteTarget) -> frozenset[int]:
    """The ports on which calls of sidecars come to a target's HTTP route; empty where there are none, or where they are not known.

    Hosts that are registered with no HTTP port are routed on port 80 alone (`route.go buildSidecarVirtualHostsForVirtualService`).
    """
    if target.kind != "http" or MESH not in (virtual_service.spec.gateways or (MESH,)) or any(match.gateways for match in target.match):
        return frozenset()
    if target.match and all(match.port for match in target.match):
        return frozenset(match.port for match in target.match)
    entries = _entries_of_hosts(mesh, virtual_service)
    return frozenset(_of_sidecars(entries, "http") or ({80} if entries else ()))


def without_cluster(mesh: Mesh, virtual_service: VirtualService, target: RouteTarget, entries: Iterable[Entry]) -> frozenset[int]:
    """The ports on which sidecars call a target's HTTP route, where there is no cluster on any of them; else empty.

    Their routes of a port know only the hosts that have that port. To them, any other is called on the port of the call, and one that
    stands for another host stays itself. Gateways know all hosts. ``entries`` are those of the target's host.
    """
    called = called_by_sidecars(mesh, virtual_service, target)
    found = tuple(entries)
    return called if not any(_has_cluster(entry, target, number) for entry in found for number in called) else frozenset()


def _has_cluster(entry: Entry, target: RouteTarget, called: int) -> bool:
    name = cluster_name(target.host, known_to_http(entry, called), target.port or 0, called)
    return name.host != target.host or port_with_cluster(entry, name.port) is not None


def lacks_port(entries: Iterable[Entry], number: int) -> bool:
    """Whether none of a host's entries has a port; one that stands for another host has the ports of that one."""
    return all(not entry.is_alias and entry.port(number) is None for entry in entries)


def fitting_ports(ports: Iterable[Port], kind: RouteKind) -> tuple[int, ...]:
    """The numbers of a host's ports that declare a protocol to which a kind of route sends."""
    return tuple(port.number for port in ports if port.protocol in _OF_HOSTS[kind])


def _of_sidecars(entries: Iterable[Entry], kind: RouteKind) -> set[int]:
    """The ports of the hosts that are called; HTTP routes apply to HTTP and to what may be HTTP."""
    ports = [port for entry in entries for port in entry.ports]
    return {port.number for port in ports if kind != "http" or port.protocol in HTTP_LIKE | {Protocol.UNSUPPORTED}}


def _entries_of_hosts(mesh: Mesh, virtual_service: VirtualService) -> tuple[Entry, ...]:
    """What registers the hosts that are called; nothing where one of them is not known."""
    found: list[Entry] = []
    for host in virtual_service.spec.hosts:
        entries = registry(mesh).visible(hosts.fqdn(host.lower(), virtual_service.namespace), destinations_seen_from(mesh, virtual_service))
        if not entries or host.startswith("*"):
            return ()
        found += entries
    return tuple(found)


def _of_gateway(mesh: Mesh, virtual_service: VirtualService, name: str, kind: RouteKind) -> set[int]:
    gateway = mesh.get(Gateway, *resolve(name, virtual_service.namespace))
    servers = gateway.spec.servers if gateway else ()
    return {server.port.number for server in servers if parse(server.port.protocol) in _OF_SERVERS[kind]}
