"""The waypoints that labels name for pods in ambient, and whether these can be used."""

from collections.abc import Iterator

from kubectl_meshfix.chain.steps import Step, Steps, Where, step
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.injection.checks import kubelet as checks
from kubectl_meshfix.injection.subjects import Subject
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.waypoints import USE_WAYPOINT, Binding, Traffic, WaypointName, bind, find, named_by, not_programmed
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object

_PAST = {
    Binding.MISSING: checks.WAYPOINT_MISSING,
    Binding.NOT_READY: checks.WAYPOINT_NOT_READY,
    Binding.NOT_ADMITTED: checks.WAYPOINT_NOT_ADMITTED,
    Binding.OTHER_TRAFFIC: checks.WAYPOINT_OF_OTHERS,
}


def look_for_waypoints(mesh: Mesh, subject: Subject) -> Steps[None]:
    """A step for each label about a waypoint: of the Services in front of the pods, of the pods, of the namespace."""
    for owner, path, name, traffic in _named(mesh, subject):
        yield _judge(mesh, owner, Where(resource=owner.ref, path=path), name, traffic)


def _named(mesh: Mesh, subject: Subject) -> Iterator[tuple[Object, str, WaypointName, Traffic | None]]:
    """The labels in force, the objects that have them, and the waypoints that they name."""
    space, path = mesh.namespace(subject.namespace), join("metadata", "labels", USE_WAYPOINT)
    services = mesh.services_selecting(subject.namespace, subject.template.labels) if subject.workload else ()
    for service in services:
        if name := named_by(service.labels, service.namespace):
            yield service, path, name, Traffic.SERVICE
    if subject.workload and (name := named_by(subject.template.labels, subject.namespace)):
        yield subject.object, subject.workload.template_path + path, name, Traffic.WORKLOAD
    if space and (name := named_by(space.labels, space.name)) and not (services and all(USE_WAYPOINT in item.labels for item in services)):
        yield space, path, name, None


def _judge(mesh: Mesh, owner: Object, at: Where, name: WaypointName, traffic: Traffic | None) -> Step:
    waypoint, whose = str(name), str(owner.ref)
    match bind(mesh, owner, name, traffic):
        case Binding.UNKNOWN if not mesh.live:
            return step(checks.WAYPOINT_UNJUDGED, at, waypoint=waypoint, owner=whose)
        case Binding.UNKNOWN:
            unknown = Unknown(kind=UnknownKind.UNREADABLE, of=kinds.KUBERNETES_GATEWAY, settled_by="the right to read Gateways")
            reason = mesh.coverage(kinds.KUBERNETES_GATEWAY).reason or "no Gateways of its namespace were read"
            return step(checks.WAYPOINT_UNREAD, at, unknown=unknown, waypoint=waypoint, owner=whose, reason=reason)
        case Binding.USED:
            gateway = find(mesh, name)
            wrong = not_programmed(gateway) if gateway else None
            if wrong is None:
                return step(checks.WAYPOINT_USED, at, waypoint=waypoint, owner=whose)
            message = (wrong.message or wrong.reason or "its status gives no reason").removesuffix(".")
            return step(checks.WAYPOINT_NOT_PROGRAMMED, at, waypoint=waypoint, owner=whose, message=message)
        case past:
            return step(_PAST[past], at, waypoint=waypoint, owner=whose)
