"""What a pod's containers and annotations say of its proxy."""

import json
import re
from collections.abc import Mapping

import msgspec

from kubectl_meshfix.injection.labels import MANAGED, REDIRECTION, TEMPLATES
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Container, Pod, PodSpec, PodTemplate

PROXY = "istio-proxy"
"""The name of the sidecar's container, and of the only container of gateways, waypoints and ztunnel."""

STATUS_ANNOTATION = "sidecar.istio.io/status"
"""What the injector did, as it writes it down on the pod."""

_VARIANT = r"-(distroless|debug)$"
INJECTED = frozenset({PROXY, "istio-init", "istio-validation"})
"""The names of the containers that injection adds."""


def proxy_container(spec: PodSpec) -> Container | None:
    """The proxy in a pod; None for ztunnel, and for a placeholder whose image the injector is to fill in."""
    containers = (*spec.containers, *spec.init_containers)
    found = next((container for container in containers if container.name == PROXY), None)
    return found if found and found.image not in ("", "auto") and "ztunnel" not in found.args else None


def has_proxy(spec: PodSpec) -> bool:
    """Whether a pod has the proxy: it was injected, by a webhook or by hand, or it is a gateway."""
    return proxy_container(spec) is not None


def is_running(pod: Pod) -> bool:
    """Whether a pod can be reached: it has an address, and is not on its way out."""
    return pod.status.phase == "Running" and bool(pod.status.pod_ip) and not pod.metadata.deletion_timestamp


def running_proxies(mesh: Mesh, namespace: str | None = None) -> tuple[Pod, ...]:
    """The pods that run a proxy, in one namespace or in all: sidecars, gateways and waypoints, ready or not."""
    pods = mesh.within(Pod, namespace) if namespace else mesh.all(Pod)
    return tuple(pod for pod in pods if is_running(pod) and has_proxy(pod.spec))


def has_native_proxy(spec: PodSpec) -> bool:
    """Whether a pod's proxy is a native sidecar: an init container that keeps running."""
    found = proxy_container(spec)
    return found in spec.init_containers and found.restart_policy == "Always"


def is_gateway(workload: Workload) -> bool:
    """Whether a workload's proxy stands alone: a gateway or a waypoint, whoever made it."""
    containers = workload.spec.containers
    return (
        MANAGED in workload.labels
        or MANAGED in workload.meta.labels
        or "gateway" in (name.strip() for name in workload.annotations.get(TEMPLATES, "").split(","))
        or any(container.name == PROXY and "router" in container.args for container in containers)
        or (bool(containers) and all(container.name == PROXY and "ztunnel" not in container.args for container in containers))
    )


def is_redirected(annotations: Mapping[str, str]) -> bool:
    """Whether a live pod has been enrolled in ambient (`cni/pkg/util/podutil.go PodFullyEnrolled`)."""
    return annotations.get(REDIRECTION) == "enabled"


def without_proxy(template: PodTemplate) -> PodTemplate:
    """A pod as it was before it was injected, so far as that decides on its injection."""
    spec = template.spec
    containers, init_containers = (
        tuple(container for container in found if container.name not in INJECTED) for found in (spec.containers, spec.init_containers)
    )
    bare = msgspec.structs.replace(spec, containers=containers, init_containers=init_containers)
    return PodTemplate(metadata=template.metadata, spec=bare)


def injected_revision(pod: Pod) -> str:
    """The revision that injected a pod, never a tag (`pkg/kube/inject/inject.go SidecarInjectionStatus`)."""
    try:
        status = json.loads(pod.metadata.annotations.get(STATUS_ANNOTATION, "{}"))
    except ValueError:
        status = {}
    revision = status.get("revision") if isinstance(status, dict) else None
    return str(revision or pod.metadata.annotations.get(REVISION_LABEL, ""))


def image_version(image: str) -> str:
    """An image's tag without the variant (``-distroless``, ``-debug``); empty where it has none."""
    return re.sub(_VARIANT, "", image.partition("@")[0].rpartition("/")[2].partition(":")[2])
