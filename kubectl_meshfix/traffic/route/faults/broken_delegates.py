"""Delegation that comes to nothing: which route of which VirtualService is dropped, and why."""

from collections import Counter
from collections.abc import Iterator
from enum import Enum, auto

import msgspec

from kubectl_meshfix.chain.steps import Outcome
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.checks import route as check
from kubectl_meshfix.traffic.gateway_names import MESH
from kubectl_meshfix.traffic.route.delegates import contradicts, delegate_of


class Broken(msgspec.Struct, frozen=True):
    """Why a route of ``root``, by its position ``at``, delegates in vain.

    ``position`` is the delegate's route that is dropped, -1 for all of them. ``delegate`` is None where it does not exist, or was not read.
    """

    outcome: Outcome
    root: VirtualService
    at: int
    delegate: VirtualService | None = None
    position: int = -1


class Left(Enum):
    """Who answers the requests of a route that is dropped."""

    BEHIND = auto()
    """The routes behind it, or nobody."""
    NOBODY = auto()
    """No route: sidecars and gateways answer 404."""
    HOSTS = auto()
    """The hosts that are called: sidecars do not use a VirtualService without a route."""
    HOSTS_IN_MESH = auto()
    """The same for sidecars, and nobody at gateways."""


def left(virtual_service: VirtualService, index: int) -> Left:
    """Who answers the requests of one of its HTTP routes, once that is dropped, by its position
    (`pilot/pkg/networking/core/route/route.go buildSidecarVirtualHostsForVirtualService`).
    """
    found, gateways = virtual_service.spec.http, virtual_service.spec.gateways or (MESH,)
    if found[index + 1 :]:
        return Left.BEHIND
    if found[:index] or MESH not in gateways:
        return Left.NOBODY
    return Left.HOSTS_IN_MESH if len(gateways) > 1 else Left.HOSTS


def broken(mesh: Mesh) -> tuple[Broken, ...]:
    """All of them, in order (`pilot/pkg/model/virtualservice_controller.go mergeVirtualServices`).

    A delegate that delegates again is refused by istiod's webhook, and left to that. A route of a delegate counts
    where it is dropped for all that delegate to it: one may be meant for several.
    """
    users: Counter[Ref] = Counter()
    dropped: Counter[tuple[Ref, int]] = Counter()
    conflicts: dict[tuple[Ref, int], Broken] = {}
    found: list[Broken] = []
    for root, index in _delegating(mesh):
        delegate, problem = delegate_of(mesh, root, root.spec.http[index])
        if problem:
            found.append(Broken(problem, root, index, delegate))
        elif delegate:
            users[delegate.ref] += 1
            for position, own in enumerate(delegate.spec.http):
                key = delegate.ref, position
                if not own.delegate and contradicts(root, index, delegate, position):
                    dropped[key] += 1
                    conflicts.setdefault(key, Broken(check.DELEGATE_CONFLICT, root, index, delegate, position))
    found += (item for (ref, position), item in conflicts.items() if dropped[ref, position] == users[ref])
    return tuple(found)


def _delegating(mesh: Mesh) -> Iterator[tuple[VirtualService, int]]:
    for virtual_service in mesh.all(VirtualService):
        if virtual_service.spec.hosts:
            yield from ((virtual_service, index) for index, route in enumerate(virtual_service.spec.http) if route.delegate)
