"""Waypoints: which one handles traffic, by labels, and whether it can (`pilot/pkg/serviceregistry/ambient/waypoints.go`).

Only ztunnel and, where they are told to, ingress gateways send traffic to a waypoint; sidecars never do.
"""

from collections.abc import Iterator, Mapping
from enum import Enum

import msgspec

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.mesh import selectors
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace, Service
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Condition, Object

INPUTS: tuple[Kind, ...] = (kinds.KUBERNETES_GATEWAY, kinds.NAMESPACE)
"""Kinds that tell whether a waypoint can be used. Any of them may be missing or unreadable."""

USE_WAYPOINT = "istio.io/use-waypoint"
"""On a Service, ServiceEntry, pod or namespace: the name of the waypoint that handles its traffic; ``none`` for none."""

USE_WAYPOINT_NAMESPACE = "istio.io/use-waypoint-namespace"
"""Beside it: the waypoint's namespace, where it is not the object's own."""

WAYPOINT_FOR = "istio.io/waypoint-for"
"""On a waypoint's Gateway, or on its class: ``service``, ``workload``, ``all`` or ``none``."""

CLASSES = frozenset({"istio-waypoint", "istio-agentgateway-waypoint"})
"""The classes of waypoints that istiod deploys (`pkg/config/constants/constants.go`)."""

ISTIO_CLASSES = CLASSES | {"istio", "istio-remote", "istio-east-west", "istio-agentgateway"}
"""All classes of istiod's own; whoever made another may name it as they like."""

_BINDING = "ambient.istio.io/waypoint-inbound-binding"
_TUNNEL = ("HBONE", 15008)


class Traffic(Enum):
    """What is sent to a waypoint."""

    SERVICE = "service"
    WORKLOAD = "workload"


class Binding(Enum):
    """What becomes of a label that names a waypoint. All but the first two send traffic past it, straight to the destination."""

    USED = "used"
    UNKNOWN = "unknown"
    """The Gateway was not read, or it is a manifest without a status."""
    MISSING = "missing"
    NOT_READY = "not ready"
    """The Gateway has no address yet: none of the waypoint's pods has been ready since it was made."""
    NOT_ADMITTED = "not admitted"
    """The waypoint's listener admits other namespaces only."""
    OTHER_TRAFFIC = "other traffic"
    """The waypoint is for the other kind of traffic."""


class WaypointName(msgspec.Struct, frozen=True):
    """A waypoint as labels name it."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


class Asker(msgspec.Struct, frozen=True):
    """An object whose labels, or whose pods' labels, name a waypoint: the JSON pointer of the label, and the ``traffic`` that it is for,
    None for a namespace, whose label is for both kinds.
    """

    owner: Object
    path: str
    waypoint: WaypointName
    traffic: Traffic | None


def named_by(labels: Mapping[str, str], namespace: str) -> WaypointName | None:
    """The waypoint that the labels of an object in ``namespace``, or of that namespace, name; None for none (`GetUseWaypoint`)."""
    name = labels.get(USE_WAYPOINT, "none")
    return None if name == "none" else WaypointName(labels.get(USE_WAYPOINT_NAMESPACE, namespace), name)


def askers(mesh: Mesh) -> Iterator[Asker]:
    """Everything whose labels name a waypoint, but for namespaces that are being deleted."""
    path = join("metadata", "labels", USE_WAYPOINT)
    for space in mesh.all(Namespace):
        if (name := named_by(space.labels, space.name)) and not space.metadata.deletion_timestamp:
            yield Asker(space, path, name, None)
    for owner in (*mesh.all(Service), *mesh.all(ServiceEntry)):
        if name := named_by(owner.labels, owner.namespace):
            yield Asker(owner, path, name, Traffic.SERVICE)
    for workload in mesh.workloads:
        if name := named_by(workload.labels, workload.namespace):
            yield Asker(workload.object, workload.template_path + path, name, Traffic.WORKLOAD)


def services_of(mesh: Mesh, asker: Asker) -> tuple[Service, ...]:
    """The Services whose traffic a label sends to a waypoint: those of a namespace that have no such label of their own."""
    match asker.owner:
        case Namespace(name=name):
            return tuple(service for service in mesh.within(Service, name) if USE_WAYPOINT not in service.labels)
        case Service() as service:
            return (service,)
        case _:
            return ()


def is_waypoint(gateway: KubernetesGateway) -> bool:
    """Whether a Gateway is a waypoint, by its class."""
    return gateway.spec.gateway_class_name in CLASSES


def waypoints_in(mesh: Mesh, namespace: str) -> tuple[KubernetesGateway, ...]:
    """The waypoints of a namespace."""
    return tuple(gateway for gateway in mesh.within(KubernetesGateway, namespace) if is_waypoint(gateway))


def find(mesh: Mesh, name: WaypointName) -> KubernetesGateway | None:
    """The Gateway of a waypoint, whatever its class; None where it was not read."""
    return mesh.get(KubernetesGateway, name.namespace, name.name)


def bind(mesh: Mesh, asker: Object, name: WaypointName, traffic: Traffic | None) -> Binding:
    """What becomes of the label by which an object names a waypoint; ``traffic`` is None for a namespace, whose label is for both."""
    gateway = find(mesh, name)
    if gateway is None:
        return Binding.MISSING if mesh.knows(kinds.KUBERNETES_GATEWAY, name.namespace, asker) else Binding.UNKNOWN
    if not _admits(mesh, gateway, asker.name if isinstance(asker, Namespace) else asker.namespace):
        return Binding.NOT_ADMITTED
    if traffic and _is_for_other(gateway, traffic):
        return Binding.OTHER_TRAFFIC
    if not is_judged(mesh, gateway):
        return Binding.UNKNOWN
    return Binding.USED if gateway.status.addresses else Binding.NOT_READY


def _is_for_other(gateway: KubernetesGateway, traffic: Traffic) -> bool:
    """Whether a waypoint is for the other kind of traffic: Istio's are for Services where they say nothing (`WaypointsCollection`)."""
    default = Traffic.SERVICE.value if is_waypoint(gateway) else traffic.value
    return gateway.labels.get(WAYPOINT_FOR, default) not in (traffic.value, "all")


def is_judged(mesh: Mesh, gateway: KubernetesGateway) -> bool:
    """Whether a Gateway was read from a cluster, so that an empty status says something."""
    return mesh.live or bool(gateway.status.conditions or gateway.status.addresses)


def not_programmed(gateway: KubernetesGateway) -> Condition | None:
    """The condition that says that a Gateway's data plane is not ready; None where it is, or nothing says."""
    return next((item for item in gateway.status.conditions if item.type == "Programmed" and item.status != "True"), None)


def revision_asked(mesh: Mesh, gateway: KubernetesGateway) -> str:
    """The revision or tag whose istiod a Gateway is for: by its own label, else its namespace's; empty for the default one
    (`pkg/revisions/tag_watcher.go IsMine`).
    """
    space = mesh.namespace(gateway.namespace)
    return gateway.labels.get(REVISION_LABEL, space.labels.get(REVISION_LABEL, "") if space else "")


def following(mesh: Mesh, namespace: str) -> Iterator[KubernetesGateway]:
    """The Gateways of a namespace, of Istio's classes, that take their revision from the namespace's label."""
    for gateway in mesh.within(KubernetesGateway, namespace):
        if gateway.spec.gateway_class_name in ISTIO_CLASSES and REVISION_LABEL not in gateway.labels:
            yield gateway


def _admits(mesh: Mesh, gateway: KubernetesGateway, namespace: str) -> bool:
    """Whether a waypoint's listener admits a namespace, as far as that is known (`makeAllowedRoutes`)."""
    listener = next((item for item in gateway.spec.listeners if (item.protocol, item.port) == _TUNNEL), None)
    allowed = listener.allowed_routes.namespaces if listener else None
    if namespace == gateway.namespace or _BINDING in gateway.metadata.annotations or (allowed and allowed.origin == "All"):
        return True
    if allowed is None or allowed.origin != "Selector":
        return False
    space = mesh.namespace(namespace)
    return space is None or allowed.selector is None or selectors.matches(allowed.selector, space.labels)
