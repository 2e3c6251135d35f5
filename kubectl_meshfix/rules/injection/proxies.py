"""The proxies pods have, and the ones they would get now."""

import json
import re

from kubectl_meshfix.injection.apiserver import is_assumed
from kubectl_meshfix.injection.membership import Membership
from kubectl_meshfix.injection.proxy import PROXY, proxy_container
from kubectl_meshfix.mesh.control_plane import DEFAULT_REVISION, REVISION_LABEL, control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Pod, PodSpec, PodTemplate

STATUS = "sidecar.istio.io/status"
PROXY_IMAGE = "sidecar.istio.io/proxyImage"
_INJECTED = frozenset({PROXY, "istio-init", "istio-validation"})
_VARIANT = re.compile(r"-(distroless|debug)$")


def without(template: PodTemplate) -> PodTemplate:
    """A pod as it was before it was injected, so far as that decides on its injection."""
    spec = PodSpec(
        containers=tuple(item for item in template.spec.containers if item.name not in _INJECTED),
        init_containers=tuple(item for item in template.spec.init_containers if item.name not in _INJECTED),
        host_network=template.spec.host_network,
        node_name=template.spec.node_name,
    )
    return PodTemplate(metadata=template.metadata, spec=spec)


def difference(mesh: Mesh, pod: Pod, expected: Membership) -> str:
    """What a pod's proxy is instead of what a new one would be; empty where they are the same or cannot be compared.

    Only tags count: registries are mirrored, images pinned by digest, and ``-distroless`` or ``-debug`` chosen in several places
    (`analyzers/injection/injection-image.go` compares whole images). A pod that names its own proxy image keeps it.
    """
    revision = _revision(pod)
    if revision and revision != (expected.revision or DEFAULT_REVISION) and not is_assumed(mesh):
        return f"of revision {revision} instead of {expected.revision}"
    plane = control_plane(mesh, expected.revision or DEFAULT_REVISION)
    container = proxy_container(pod.spec)
    if not container or not plane or not plane.injector or PROXY_IMAGE in pod.metadata.annotations:
        return ""
    found, wanted = _version(container.image), _version(plane.injector.values.proxy_image)
    return f"{found} instead of {wanted}" if found and wanted and found != wanted else ""


def _revision(pod: Pod) -> str:
    """The revision that injected a pod, never a tag (`pkg/kube/inject/webhook.go SidecarInjectionStatus`)."""
    try:
        status = json.loads(pod.metadata.annotations.get(STATUS, "{}"))
    except ValueError:
        status = {}
    revision = status.get("revision") if isinstance(status, dict) else None
    return str(revision or pod.metadata.annotations.get(REVISION_LABEL, ""))


def _version(image: str) -> str:
    """An image's tag without the variant; empty where it has none."""
    return _VARIANT.sub("", image.partition("@")[0].rpartition("/")[2].partition(":")[2])
