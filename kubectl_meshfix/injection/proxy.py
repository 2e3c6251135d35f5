"""What a pod's template says of its proxy and of the mesh, before any webhook is asked."""

from collections.abc import Mapping

import msgspec

from kubectl_meshfix.injection.injector.decision import inject_value
from kubectl_meshfix.injection.labels import DATAPLANE_MODE, INJECTION, MANAGED, REDIRECTION, TEMPLATES
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Container, PodSpec, PodTemplate

PROXY = "istio-proxy"
"""The name of the sidecar's container, and of the only container of gateways, waypoints and ztunnel."""

_INJECTED = frozenset({PROXY, "istio-init", "istio-validation"})
_MEANT_AS_YES = frozenset({"enabled", "enable", "true", "yes", "on"})


def proxy_container(spec: PodSpec) -> Container | None:
    """The proxy in a pod; None for ztunnel, and for a placeholder whose image the injector is to fill in."""
    containers = (*spec.containers, *spec.init_containers)
    found = next((container for container in containers if container.name == PROXY), None)
    return found if found and found.image not in ("", "auto") and "ztunnel" not in found.args else None


def has_proxy(spec: PodSpec) -> bool:
    """Whether a pod has the proxy: it was injected, by a webhook or by hand, or it is a gateway."""
    return proxy_container(spec) is not None


def has_native_proxy(spec: PodSpec) -> bool:
    """Whether a pod's proxy is a native sidecar: an init container that keeps running."""
    found = proxy_container(spec)
    return found is not None and found in spec.init_containers and found.restart_policy == "Always"


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


def is_ambient(namespace_labels: Mapping[str, str], template: PodTemplate) -> bool:
    """Whether ambient's CNI agent is to redirect a pod, by its default selectors (`cni/pkg/util/enablement_selector.go Matches`)."""
    if template.spec.host_network or has_proxy(template.spec):
        return False
    mode = template.labels.get(DATAPLANE_MODE)
    return mode == "ambient" or (namespace_labels.get(DATAPLANE_MODE) == "ambient" and mode != "none")


def is_redirected(annotations: Mapping[str, str]) -> bool:
    """Whether a live pod has been enrolled in ambient (`cni/pkg/util/podutil.go PodFullyEnrolled`)."""
    return annotations.get(REDIRECTION) == "enabled"


def is_wanted(namespace_labels: Mapping[str, str], template: PodTemplate) -> bool:
    """Whether labels, or the annotation people take for one, ask for the mesh, in words that need not have any effect."""
    value, _ = inject_value(template)
    mode = template.labels.get(DATAPLANE_MODE)
    if value.lower() in ("true", "false"):
        return value.lower() == "true"
    if mode == "ambient" or template.labels.get(REVISION_LABEL):
        return True
    return is_namespace_wanted({key: item for key, item in namespace_labels.items() if key != DATAPLANE_MODE or mode != "none"})


def is_namespace_wanted(namespace_labels: Mapping[str, str]) -> bool:
    """Whether a namespace's labels ask for the mesh; ``istio-injection`` is heard before ``istio.io/rev``."""
    if namespace_labels.get(DATAPLANE_MODE) == "ambient":
        return True
    if INJECTION in namespace_labels:
        return namespace_labels[INJECTION].lower() in _MEANT_AS_YES
    return bool(namespace_labels.get(REVISION_LABEL))


def without_proxy(template: PodTemplate) -> PodTemplate:
    """A pod as it was before it was injected, so far as that decides on its injection."""
    spec = template.spec
    containers, init_containers = (
        tuple(container for container in found if container.name not in _INJECTED) for found in (spec.containers, spec.init_containers)
    )
    bare = msgspec.structs.replace(spec, containers=containers, init_containers=init_containers)
    return PodTemplate(metadata=template.metadata, spec=bare)
