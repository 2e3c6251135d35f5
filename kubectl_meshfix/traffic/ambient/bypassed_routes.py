"""Routes and DestinationRules that callers in ambient mode do not follow.

ztunnel follows none, and waypoints only those of some namespaces.
"""

from collections.abc import Iterator
from enum import Enum

import msgspec

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.waypoints import named_by
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.gateway_api import GRPCRoute, HTTPRoute
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.ambient import members
from kubectl_meshfix.traffic.ambient.enrolment import Enrolment, enrolment
from kubectl_meshfix.traffic.gateway_names import MESH
from kubectl_meshfix.traffic.registry import registry
from kubectl_meshfix.traffic.terms.parties import Plane

Route = VirtualService | HTTPRoute | GRPCRoute | DestinationRule
Target = Service | ServiceEntry


class Why(Enum):
    """Why the callers bypass it."""

    NO_WAYPOINT = "no waypoint"
    ELSEWHERE = "in another namespace"
    """The waypoint follows routes of the host's namespace and of its own (`listener_waypoint.go`)."""


class Bypassed(msgspec.Struct, frozen=True):
    """A route, where it names the first host, that host's object, and why callers in ambient mode bypass it.

    ``homes`` are the namespaces whose routes its waypoint follows. ``others`` says whether there are sidecars, or for a
    DestinationRule gateways, that may follow it.
    """

    route: Route
    path: str
    target: Target
    why: Why
    homes: tuple[str, ...]
    others: bool


def bypassed(mesh: Mesh) -> Iterator[Bypassed]:
    """Each object for hosts in ambient mode alone that no waypoint follows for any of them."""
    if not members.is_used(mesh):
        return
    has_sidecars = mesh.cached("there are sidecars", _has_sidecars)
    has_gateways = mesh.cached("there are gateways", _has_gateways)
    for virtual_service in mesh.all(VirtualService):
        spec = virtual_service.spec
        if spec.hosts and set(spec.gateways) <= {MESH}:
            named = [
                (f"/spec/hosts/{number}", _registered(mesh, host, virtual_service.namespace)) for number, host in enumerate(spec.hosts)
            ]
            yield from _judged(mesh, virtual_service, named, others=has_sidecars)
    routes: tuple[HTTPRoute | GRPCRoute, ...] = (*mesh.all(HTTPRoute), *mesh.all(GRPCRoute))
    for route in routes:
        yield from _judged(mesh, route, [*_parents(mesh, route)], others=has_sidecars)
    for rule in mesh.all(DestinationRule):
        if rule.spec.host:
            found = [("/spec/host", _registered(mesh, rule.spec.host, rule.namespace))]
            yield from _judged(mesh, rule, found, others=has_sidecars or has_gateways)


def _judged(mesh: Mesh, route: Route, named: list[tuple[str, Target | None]], *, others: bool) -> Iterator[Bypassed]:
    """One finding for all hosts of a route, where it is true of all of them."""
    whys = [_why(mesh, route, target) if target else None for _, target in named]
    if whys and all(whys) and len(set(whys)) == 1 and (target := named[0][1]) and (why := whys[0]):
        yield Bypassed(route, named[0][0], target, why, _homes(mesh, target), others)


def _why(mesh: Mesh, route: Route, target: Target) -> Why | None:
    if not _is_in_ambient(mesh, target):
        return None
    is_home = route.namespace in (target.namespace, control_plane.root_namespace(mesh))
    match enrolment(mesh, target):
        case Enrolment.NONE:
            return Why.NO_WAYPOINT if is_home or not isinstance(route, DestinationRule) else None
        case Enrolment.NAMED if not isinstance(route, DestinationRule) and route.namespace not in (homes := _homes(mesh, target)):
            are_read = not mesh.live or all(mesh.knows(kinds.KUBERNETES_GATEWAY, home) for home in homes)
            return Why.ELSEWHERE if are_read else None
        case _:
            return None


def _homes(mesh: Mesh, target: Target) -> tuple[str, ...]:
    space = mesh.namespace(target.namespace)
    name = named_by({**(space.labels if space else {}), **target.labels}, target.namespace)
    return tuple(dict.fromkeys((target.namespace, *((name.namespace,) if name else ()))))


def _is_in_ambient(mesh: Mesh, target: Target) -> bool:
    """Whether all pods of a Service are in ambient mode, or would be where none was read; of a ServiceEntry, its namespace."""
    if isinstance(target, ServiceEntry) or not target.spec.selector:
        return members.is_ambient(mesh, target.namespace)
    found = members.selected(mesh, target.spec.selector, target.namespace)
    return found.only(Plane.AMBIENT) or (found.is_sure and not found.by_plane and members.is_ambient(mesh, target.namespace))


def _registered(mesh: Mesh, host: str, namespace: str) -> Target | None:
    """The one object that registers a host; None for wildcards, for hosts of several, and for those that nobody registers."""
    found = registry(mesh).exact.get(hosts.fqdn(host, namespace), ())
    target = mesh.find(found[0].resource) if len(found) == 1 else None
    return target if isinstance(target, Service | ServiceEntry) else None


def _parents(mesh: Mesh, route: HTTPRoute | GRPCRoute) -> Iterator[tuple[str, Target | None]]:
    """The parents of a route; None for one that is no Service and no ServiceEntry, such as a Gateway."""
    for number, parent in enumerate(route.spec.parent_refs):
        home, path = parent.namespace or route.namespace, f"/spec/parentRefs/{number}"
        match parent.group, parent.kind:
            case (("" | "core"), "Service"):
                yield path, mesh.get(Service, home, parent.name)
            case "networking.istio.io", "ServiceEntry":
                yield path, mesh.get(ServiceEntry, home, parent.name)
            case _:
                yield path, None


def _has_sidecars(mesh: Mesh) -> bool:
    """Whether there are sidecars, or may be."""
    return any(members.plane_of(mesh, item) in (Plane.SIDECAR, None) for item in mesh.workloads)


def _has_gateways(mesh: Mesh) -> bool:
    return any(members.plane_of(mesh, item) is Plane.GATEWAY for item in mesh.workloads)
