"""VirtualServices for sidecars whose wildcard takes the calls of ServiceEntries."""

from collections.abc import Iterator
from itertools import islice

import msgspec

from kubectl_meshfix.mesh.protocols import HTTP_LIKE
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.client.following import destinations_seen_from
from kubectl_meshfix.traffic.gateway_pods import selectable
from kubectl_meshfix.traffic.registry import Entry, Registry, registry
from kubectl_meshfix.traffic.route.targets import RouteTarget, full_hosts, is_for_sidecars, targets


class Taken(msgspec.Struct, frozen=True):
    """A wildcard of a VirtualService, by its position, the entries whose calls it takes, and where it sends them."""

    virtual_service: VirtualService
    position: int
    entries: tuple[Entry, ...]
    target: RouteTarget


def taken(mesh: Mesh) -> Iterator[Taken]:
    """Each wildcard of a VirtualService that takes the calls of hosts that have no VirtualService of their own
    (`pilot/pkg/networking/core/route/route.go separateVSHostsAndServices`).

    It is left alone where it sends to one of these hosts, or to a gateway, as for calls that leave through an egress gateway.
    """
    found = [item for item in mesh.all(VirtualService) if is_for_sidecars(item) and _has_wildcard(item)]
    named = {host.lower() for item in mesh.all(VirtualService) if is_for_sidecars(item) for host in full_hosts(item)} if found else set()
    for virtual_service in found:
        sent = [target for target in targets(virtual_service) if target.kind == "http" and not target.is_mirror]
        for position, host in enumerate(virtual_service.spec.hosts):
            if not host.startswith("*") or not sent or any(_is_gateway(mesh, target) for target in sent):
                continue
            entries = tuple(entry for entry in _outside(mesh, virtual_service, host) if entry.host.lower() not in named)
            if entries and not any(target.host == entry.host for target in sent for entry in entries):
                yield Taken(virtual_service, position, entries, sent[0])


def _has_wildcard(virtual_service: VirtualService) -> bool:
    spec = virtual_service.spec
    is_divided = any(match.gateways for route in spec.http for match in route.match)
    return any(host.startswith("*") for host in spec.hosts) and not is_divided


def _outside(mesh: Mesh, virtual_service: VirtualService, wildcard: str) -> Iterator[Entry]:
    seen_from = destinations_seen_from(mesh, virtual_service)
    table = registry(mesh)
    for host, entries in mesh.cached("external hosts with HTTP", lambda _: _external(table)):
        if hosts.is_within(host, wildcard.lower()):
            yield from islice((entry for entry in entries if any(map(entry.is_visible, seen_from))), 1)


def _external(table: Registry) -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    """The external entries that take HTTP, by their hosts in small letters."""
    rows = (
        (host.lower(), tuple(item for item in entries if item.is_external and any(port.protocol in HTTP_LIKE for port in item.ports)))
        for host, entries in table.exact.items()
    )
    return tuple((host, entries) for host, entries in rows if entries)


def _is_gateway(mesh: Mesh, target: RouteTarget) -> bool:
    key = hosts.service_of(target.host)
    service = mesh.get(Service, key[1], key[0]) if key else None
    if service is None:
        return "gateway" in target.host
    return any(item.namespace == service.namespace and is_subset(service.spec.selector, item.labels) for item in selectable(mesh))
