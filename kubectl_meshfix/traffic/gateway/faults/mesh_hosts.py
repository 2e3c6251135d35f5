"""Hosts for which VirtualServices have routes for sidecars, and that sidecars do not know."""

from collections.abc import Collection, Iterator

import msgspec

from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.absence import is_unregistered, may_be_unplaced
from kubectl_meshfix.traffic.client.following import destinations_seen_from
from kubectl_meshfix.traffic.gateway.named_hosts import gateways_for
from kubectl_meshfix.traffic.gateway_names import MESH, by_gateway
from kubectl_meshfix.traffic.registry import Entry, registry
from kubectl_meshfix.traffic.route.targets import full_hosts, is_for_sidecars


class Unknown(msgspec.Struct, frozen=True):
    """A host of a VirtualService, by its position, that no Service and no ServiceEntry has.

    ``meant`` is the host of the Service that a dotted name abbreviates. ``gateways`` are those that have the host, where no VirtualService
    with it is bound to them. ``ports`` are those on which sidecars route it; none where that is not known.
    ``is_free`` says that the routes would be used for the meant host: it has a port for them, and no other routes.
    """

    position: int
    host: str
    meant: str = ""
    gateways: tuple[Ref, ...] = ()
    ports: tuple[int, ...] = ()
    is_free: bool = False


def unknown_hosts(mesh: Mesh, virtual_service: VirtualService) -> Iterator[Unknown]:
    """The hosts that nothing registers, as far as that is known. Sidecars route them by this very Host, on port 80 and the ports of the
    other hosts (`pilot/pkg/networking/core/route/route.go buildSidecarVirtualHostsForVirtualService`).

    Beside a gateway other hosts are for callers from outside; what stands for a Service there is meant for sidecars too, unless a gateway
    names it. A Service that is named in full too has these routes by all of its names.
    """
    if not is_for_sidecars(virtual_service) or not virtual_service.spec.http:
        return
    known, seen_from = registry(mesh), destinations_seen_from(mesh, virtual_service)
    home = virtual_service.namespace
    own = frozenset(map(str.lower, full_hosts(virtual_service)))
    is_for_gateways = bool(set(virtual_service.spec.gateways) - {MESH})
    for position, host in enumerate(virtual_service.spec.hosts):
        full = hosts.fqdn(host.lower(), home)
        if "*" in host or host.rpartition(".")[2].isdecimal() or not seen_from or known.visible(full, seen_from):
            continue
        having = [ref for ref in gateways_for(mesh, full) if ref.group == "networking.istio.io"]
        meant = _meant(host)
        if meant in own or (is_for_gateways and (having or meant not in known.exact)):
            continue
        if meant in known.exact and known.visible(meant, seen_from):
            ports = _routed_on(mesh, virtual_service)
            yield Unknown(position, host, meant, ports=ports, is_free=_is_free(mesh, known.visible(meant, seen_from)))
        elif having and not any(_is_served(mesh, ref, host) for ref in having):
            yield Unknown(position, host, gateways=tuple(having))
        elif is_unregistered(mesh, full, home, virtual_service) and not may_be_unplaced(mesh, full, home):
            yield Unknown(position, host, ports=_routed_on(mesh, virtual_service))


def _is_free(mesh: Mesh, entries: Collection[Entry]) -> bool:
    taken = mesh.cached("hosts of VirtualServices for sidecars", _taken_hosts)
    return not any(entry.host in taken for entry in entries) and any(entry.is_alias or _http_ports(entry) for entry in entries)


def _taken_hosts(mesh: Mesh) -> frozenset[str]:
    return frozenset(host.lower() for found in mesh.all(VirtualService) if is_for_sidecars(found) for host in full_hosts(found))


def _http_ports(entry: Entry) -> set[int]:
    return {port.number for port in entry.ports if port.protocol in HTTP_LIKE | {Protocol.UNSUPPORTED}}


def _routed_on(mesh: Mesh, virtual_service: VirtualService) -> tuple[int, ...]:
    """The ports on which sidecars route the hosts that nothing registers; what a wildcard covers is not looked at."""
    names, seen_from = virtual_service.spec.hosts, destinations_seen_from(mesh, virtual_service)
    if any("*" in name for name in names):
        return ()
    entries = [entry for name in names for entry in registry(mesh).visible(hosts.fqdn(name.lower(), virtual_service.namespace), seen_from)]
    return tuple(sorted({80}.union(*map(_http_ports, entries))))


def _meant(host: str) -> str:
    """The Service that a name with a dot stands for to people: ``cart.shop`` and ``cart.shop.svc`` are not expanded."""
    name, dot, rest = host.partition(".")
    namespace = rest.removesuffix(".svc")
    return hosts.of_service(name, namespace) if dot and namespace and "." not in namespace else hosts.with_domain(host) or ""


def _is_served(mesh: Mesh, gateway: Ref, host: str) -> bool:
    named = by_gateway(mesh).get(f"{gateway.namespace}/{gateway.name}", ())
    return any(hosts.matches(other.lower(), host.lower()) for found in named for other in found.spec.hosts)
