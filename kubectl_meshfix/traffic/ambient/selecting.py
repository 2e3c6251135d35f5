"""Objects that select only pods whose proxies do not follow selectors of their kind (`pilot/pkg/model/policyattachment.go`).

ztunnel follows AuthorizationPolicies and PeerAuthentications, and nothing else. Waypoints follow no selector at all.
"""

from collections.abc import Mapping, Sequence
from enum import Enum

import msgspec

from kubectl_meshfix.injection.labels import GATEWAY_NAME
from kubectl_meshfix.injection.membership import predicted
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.waypoints import is_waypoint
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import PodTemplate, Service
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.istio_extensions import WasmPlugin
from kubectl_meshfix.resources.istio_networking.proxies import EnvoyFilter, Sidecar
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy, RequestAuthentication, Telemetry
from kubectl_meshfix.traffic.ambient import members
from kubectl_meshfix.traffic.ambient.enrolment import Enrolment, enrolment, services_of
from kubectl_meshfix.traffic.attachment import attachment, has_targets
from kubectl_meshfix.traffic.parties import party
from kubectl_meshfix.traffic.policy.attached import by_selector
from kubectl_meshfix.traffic.terms.parties import Plane

Selecting = AuthorizationPolicy | RequestAuthentication | WasmPlugin | Telemetry | EnvoyFilter | Sidecar


class Deaf(Enum):
    """The proxies that follow no such selector."""

    ZTUNNEL = "ztunnel"
    WAYPOINT = "waypoint"
    GATEWAY = "gateway"
    """Gateways of Kubernetes', where istiod is told that they follow only ``targetRefs``."""


class Unfollowed(msgspec.Struct, frozen=True):
    """Why no proxy follows an object, and the workloads that it selects; ``has_waypoint`` says whether one is named for their Services."""

    by: Deaf
    workloads: Sequence[Workload] = ()
    has_waypoint: bool = False


def selecting(mesh: Mesh) -> tuple[Selecting, ...]:
    """All objects of these kinds."""
    return (
        *mesh.all(AuthorizationPolicy),
        *mesh.all(RequestAuthentication),
        *mesh.all(WasmPlugin),
        *mesh.all(Telemetry),
        *mesh.all(EnvoyFilter),
        *mesh.all(Sidecar),
    )


def unfollowed(mesh: Mesh, obj: Selecting) -> Unfollowed | None:
    """Why no proxy that an object selects follows it; None where one does, or may. What is for the whole mesh always has somebody."""
    if has_targets(obj):
        return None
    found = attachment(mesh, obj)
    if found is None:
        return _of_namespace(mesh, obj) if members.place(mesh, obj.namespace) else None
    chosen = members.selected(mesh, found.labels, found.namespace)
    if chosen.only(Plane.WAYPOINT):
        return Unfollowed(Deaf.WAYPOINT, chosen.of(Plane.WAYPOINT))
    if chosen.only(Plane.GATEWAY) and not isinstance(obj, Sidecar) and all(_wants_targets(mesh, item) for item in chosen.of(Plane.GATEWAY)):
        return Unfollowed(Deaf.GATEWAY, chosen.of(Plane.GATEWAY))
    return _in_ambient(mesh, obj, chosen)


def gateway_of(workloads: Sequence[Workload]) -> str | None:
    """The one Kubernetes Gateway whose pods some workloads make; else None."""
    names: set[str] = {item.labels.get(GATEWAY_NAME, "") for item in workloads}
    return names.pop() or None if len(names) == 1 else None


def _of_namespace(mesh: Mesh, obj: Selecting) -> Unfollowed | None:
    """An object for a whole namespace in ambient mode, where no gateway stands, nor for a Telemetry a waypoint."""
    if isinstance(obj, AuthorizationPolicy) or not members.is_ambient(mesh, obj.namespace):
        return None
    gateways = [item for item in mesh.within(KubernetesGateway, obj.namespace) if not is_waypoint(item)]
    if (gateways and not isinstance(obj, Sidecar)) or (mesh.live and not mesh.knows(kinds.KUBERNETES_GATEWAY, obj.namespace)):
        return None
    chosen = members.selected(mesh, {}, obj.namespace)
    if not chosen.by_plane and chosen.is_sure and not mesh.live and predicted(mesh, obj.namespace, PodTemplate()).surely_injected is False:
        chosen = members.Selected({Plane.AMBIENT: ()}, is_sure=True)
    found = _in_ambient(mesh, obj, chosen)
    if isinstance(obj, Telemetry) and any(enrolment(mesh, item) is not Enrolment.NONE for item in mesh.within(Service, obj.namespace)):
        return None
    return found


def _in_ambient(mesh: Mesh, obj: Selecting, chosen: members.Selected) -> Unfollowed | None:
    if isinstance(obj, AuthorizationPolicy) or Plane.AMBIENT not in chosen.by_plane:
        return None
    if not chosen.only(Plane.AMBIENT, Plane.BARE, Plane.WAYPOINT):
        return None
    services = services_of(mesh, chosen.of(Plane.AMBIENT))
    has_waypoint = bool(services) and all(enrolment(mesh, item) is Enrolment.NAMED for item in services)
    return Unfollowed(Deaf.ZTUNNEL, chosen.of(Plane.AMBIENT), has_waypoint)


def _wants_targets(mesh: Mesh, workload: Workload) -> bool:
    return GATEWAY_NAME in workload.labels and not by_selector(mesh, party(workload, Plane.GATEWAY))


def labels_of(mesh: Mesh, obj: Selecting) -> Mapping[str, str]:
    """The labels that an object selects; empty where it is for a whole namespace."""
    found = attachment(mesh, obj)
    return found.labels if found else {}
