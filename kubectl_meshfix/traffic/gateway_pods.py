"""The pods that listen for a gateway."""

from kubectl_meshfix.injection.labels import MANAGED
from kubectl_meshfix.injection.proxy import is_gateway
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.go_bool import go_bool
from kubectl_meshfix.resources.istio_networking import Gateway
from kubectl_meshfix.traffic.workload_selectors import is_installed, selects


def selectable(mesh: Mesh) -> tuple[Workload, ...]:
    """The workloads that are gateways for Istio's Gateways to select, without those that istiod makes for a Kubernetes Gateway."""
    mesh.require(*kinds.WORKLOADS)
    return mesh.cached("gateway workloads", lambda view: tuple(filter(_is_selectable, view.workloads)))


def knows_all(mesh: Mesh) -> bool:
    """Whether a gateway's pods that are not here do not exist: everything was read, or at least the workloads of gateways were."""
    if mesh.live and not all(mesh.coverage(kind).is_complete for kind in kinds.TEMPLATED):
        return False
    if not all(mesh.holds_all(kind) for kind in kinds.TEMPLATED):
        return False
    return bool(selectable(mesh)) or (mesh.live and mesh.coverage(kinds.POD).is_complete)


def selects_nothing(mesh: Mesh, gateway: Gateway) -> bool:
    """Whether a Gateway has labels that no pod gets where it selects (`pilot/pkg/model/push_context.go mergeGateways`).

    It has to be known which gateways there are. One without labels is for all of them.
    """
    labels = gateway.spec.selector
    return bool(labels) and not selects(mesh, labels, namespace_of(mesh, gateway)) and (mesh.live or not is_installed(labels))


def namespace_of(mesh: Mesh, gateway: Gateway) -> str | None:
    """The namespace in which a Gateway selects pods; None for any.

    Istiod's PILOT_SCOPE_GATEWAY_TO_NAMESPACE makes it the Gateway's own (`pilot/pkg/features/pilot.go ScopeGatewayToNamespace`).
    """
    plane = control_plane.main_control_plane(mesh)
    is_scoped = plane and plane.env and go_bool(plane.env.get("PILOT_SCOPE_GATEWAY_TO_NAMESPACE", ""))
    return gateway.namespace if is_scoped else None


def pods_of(mesh: Mesh, gateway: Gateway) -> tuple[Workload, ...]:
    """The workloads that a Gateway configures: gateways alone follow Gateways (`push_context.go mergeGateways`); without labels all do."""
    place = namespace_of(mesh, gateway)
    if not gateway.spec.selector:
        return tuple(workload for workload in selectable(mesh) if place in (None, workload.namespace))
    return tuple(filter(is_gateway, mesh.workloads_selected(gateway.spec.selector, place)))


def pod_namespaces(mesh: Mesh, namespace: str, name: str) -> frozenset[str]:
    """The namespaces of a gateway's pods, Istio's or Kubernetes'; empty where they are not known."""
    gateway = mesh.get(Gateway, namespace, name)
    if gateway and gateway.spec.selector:
        return frozenset(workload.namespace for workload in pods_of(mesh, gateway))
    return frozenset({namespace}) if mesh.get(KubernetesGateway, namespace, name) else frozenset()


def usual_labels(workload: Workload) -> dict[str, str]:
    """The labels by which people's Gateways select a gateway's pods: ``istio``, else ``app``, else all of them."""
    key = next((key for key in ("istio", "app") if key in workload.labels), "")
    return {key: workload.labels[key]} if key else dict(workload.labels)


def _is_selectable(workload: Workload) -> bool:
    return is_gateway(workload) and MANAGED not in workload.labels and MANAGED not in workload.meta.labels
