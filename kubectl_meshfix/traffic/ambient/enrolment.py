"""Whether a waypoint is named for the traffic of a Service, and which Services lead to workloads."""

from collections.abc import Collection
from enum import Enum

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.waypoints import USE_WAYPOINT, Binding, Traffic, bind, named_by
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry


class Enrolment(Enum):
    """Whether labels name a waypoint."""

    NAMED = "named"
    """One that handles the traffic, as far as is known."""
    UNUSABLE = "unusable"
    """One that does not handle it (`bind` says why)."""
    NONE = "none"
    UNKNOWN = "unknown"
    """The labels of the namespace, or on a cluster the waypoint, were not read."""


def enrolment(mesh: Mesh, obj: Service | ServiceEntry) -> Enrolment:
    """Whether a waypoint is named for a Service or ServiceEntry: by its own label, else its namespace's (`fetchWaypointForTarget`)."""
    space = mesh.namespace(obj.namespace)
    if USE_WAYPOINT not in obj.labels and space is None:
        return Enrolment.NONE if mesh.live and mesh.knows(kinds.NAMESPACE) else Enrolment.UNKNOWN
    labels, owner = (obj.labels, obj) if USE_WAYPOINT in obj.labels else (space.labels if space else {}, space or obj)
    name = named_by(labels, obj.namespace)
    if name is None:
        return Enrolment.NONE
    binding = bind(mesh, owner, name, Traffic.SERVICE)
    if mesh.live and binding is Binding.UNKNOWN:
        return Enrolment.UNKNOWN
    return Enrolment.NAMED if binding in (Binding.USED, Binding.UNKNOWN) else Enrolment.UNUSABLE


def services_of(mesh: Mesh, workloads: Collection[Workload]) -> tuple[Service, ...]:
    """The Services that lead to some workloads, each once."""
    found = {service.ref.key: service for item in workloads for service in mesh.services_selecting(item.namespace, item.labels)}
    return tuple(found.values())


def only_service(mesh: Mesh, workloads: Collection[Workload]) -> Service | None:
    """The one Service that leads to all of some workloads and to no others, while no other leads to any of them; else None."""
    services = services_of(mesh, workloads)
    if len(services) != 1:
        return None
    (service,) = services
    behind = mesh.workloads_selected(service.spec.selector, service.namespace)
    return service if {item.ref.key for item in behind} == {item.ref.key for item in workloads} else None
