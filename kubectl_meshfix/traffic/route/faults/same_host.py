"""VirtualServices for sidecars that have the same host: only the first of them is used."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.proxies import Sidecar
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.traffic.client.following import exported_to, precedence
from kubectl_meshfix.traffic.export_to import EVERYWHERE
from kubectl_meshfix.traffic.gateway_names import MESH
from kubectl_meshfix.traffic.route.covering import Taking, may_meet, takings
from kubectl_meshfix.traffic.route.targets import full_hosts, is_for_sidecars


class Rival(msgspec.Struct, frozen=True):
    """A VirtualService whose host another one has, by the host's position. ``if_older`` says that nobody knows which is the older one."""

    virtual_service: VirtualService
    position: int
    other: VirtualService
    if_older: bool


def rivals(mesh: Mesh) -> Iterator[Rival]:
    """Each VirtualService that loses a host to another one, or may (`pilot/pkg/networking/core/httproute.go`, duplicate domains).

    They are rivals where some caller gets HTTP routes of both on one port, and both are as near to it. A Sidecar may import the routes of
    one namespace alone; where there is any, only VirtualServices of the same namespace are compared.
    """
    by_host: dict[str, list[tuple[VirtualService, int]]] = defaultdict(list)
    for virtual_service in mesh.all(VirtualService):
        if virtual_service.spec.http and is_for_sidecars(virtual_service):
            for position, host in enumerate(full_hosts(virtual_service)):
                if all(found is not virtual_service for found, _ in by_host[host.lower()]):
                    by_host[host.lower()].append((virtual_service, position))
    has_sidecars = bool(mesh.all(Sidecar))
    for named in by_host.values():
        if len(named) > 1:
            yield from _among(mesh, named, has_sidecars=has_sidecars)


def _among(mesh: Mesh, named: Sequence[tuple[VirtualService, int]], *, has_sidecars: bool) -> Iterator[Rival]:
    """Of two where nobody knows which is older, both."""
    told: set[int] = set()
    ordered = sorted(named, key=lambda item: (item[0].metadata.creation_timestamp or "", item[0].name, item[0].namespace))
    for index, (virtual_service, position) in enumerate(ordered):
        for other, place in ordered[:index]:
            is_near = virtual_service.namespace == other.namespace or not has_sidecars
            if (
                is_near
                and mesh.are_together(virtual_service.ref, other.ref)
                and _as_near(mesh, virtual_service, other)
                and _meet(virtual_service, other)
            ):
                is_known = bool(virtual_service.metadata.creation_timestamp and other.metadata.creation_timestamp)
                if not is_known and id(other) not in told:
                    told.add(id(other))
                    yield Rival(other, place, virtual_service, if_older=True)
                told.add(id(virtual_service))
                yield Rival(virtual_service, position, other, not is_known)
                break


def _as_near(mesh: Mesh, one: VirtualService, other: VirtualService) -> bool:
    """Whether some namespace follows both, and neither comes before the other by its exportTo."""
    mine, theirs = exported_to(mesh, one), exported_to(mesh, other)
    if EVERYWHERE in mine or EVERYWHERE in theirs:
        return EVERYWHERE in mine and EVERYWHERE in theirs
    shared = mine & theirs
    return any(precedence(mine, one.namespace, name) == precedence(theirs, other.namespace, name) for name in shared)


def _meet(one: VirtualService, other: VirtualService) -> bool:
    mine, theirs = ([taking for taking in takings(item) if MESH in taking.gateways] for item in (one, other))
    return (_free(mine) and _free(theirs)) or any(may_meet(first, second) for first in mine for second in theirs)


def _free(found: list[Taking]) -> bool:
    """Whether any match asks nothing of the caller, which most do."""
    return any(not (taking.match.port or taking.match.source_labels or taking.match.source_namespace) for taking in found)
