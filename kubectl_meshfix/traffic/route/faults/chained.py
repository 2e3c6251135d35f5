"""Destinations for which another VirtualService has routes: proxies do not apply those to a destination."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.route.targets import RouteTarget, full_hosts, is_for_sidecars, targets


class Chained(msgspec.Struct, frozen=True):
    """A destination whose Service selects no pods, and the VirtualService that routes calls of this Service to other hosts."""

    virtual_service: VirtualService
    target: RouteTarget
    service: Service
    other: VirtualService


def chained(mesh: Mesh) -> Iterator[Chained]:
    """Each destination that only makes sense if the routes for its host were applied again, which no proxy does."""
    by_host = mesh.cached("VirtualServices of Services without pods", _elsewhere)
    for virtual_service in mesh.all(VirtualService) if by_host else ():
        for target in targets(virtual_service):
            found = by_host.get(target.host)
            if found and found[1] is not virtual_service and not target.is_mirror:
                yield Chained(virtual_service, target, *found)


def _elsewhere(mesh: Mesh) -> Mapping[str, tuple[Service, VirtualService]]:
    """Services without a selector, by their hosts, with the VirtualService that sends all their calls elsewhere."""
    found: dict[str, list[VirtualService]] = defaultdict(list)
    for virtual_service in mesh.all(VirtualService):
        if is_for_sidecars(virtual_service) and virtual_service.spec.http:
            for host in full_hosts(virtual_service):
                found[host.lower()].append(virtual_service)
    rows = ((host, _bare(mesh, host), named[0]) for host, named in found.items())
    return {host: (service, first) for host, service, first in rows if service and all(target.host != host for target in targets(first))}


def _bare(mesh: Mesh, host: str) -> Service | None:
    key = hosts.service_of(host)
    service = mesh.get(Service, key[1], key[0]) if key else None
    return service if service and not service.spec.selector and service.spec.type != "ExternalName" else None
