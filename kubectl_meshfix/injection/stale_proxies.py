"""How the proxies of pods differ from the ones that new pods would get."""

from kubectl_meshfix.injection.apiserver import is_assumed
from kubectl_meshfix.injection.membership import Membership
from kubectl_meshfix.injection.proxy import image_version, injected_revision, proxy_container
from kubectl_meshfix.mesh.control_plane import DEFAULT_REVISION, control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Pod

PROXY_IMAGE = "sidecar.istio.io/proxyImage"


def difference(mesh: Mesh, pod: Pod, expected: Membership) -> str:
    """What a pod's proxy is instead of a new pod's, as in "1.28.2 instead of 1.30.0"; empty where they are the same or cannot be compared.

    Only tags count: registries are mirrored, images pinned by digest, and ``-distroless`` or ``-debug`` chosen in several places
    (`analyzers/injection/injection-image.go` compares whole images). A pod that names its own proxy image keeps it.
    """
    revision = injected_revision(pod)
    if revision and revision != (expected.revision or DEFAULT_REVISION) and not is_assumed(mesh):
        return f"revision {revision} instead of {expected.revision or DEFAULT_REVISION}"
    plane = control_plane(mesh, expected.revision or DEFAULT_REVISION)
    container = proxy_container(pod.spec)
    if not container or not plane or not plane.injector or PROXY_IMAGE in pod.metadata.annotations:
        return ""
    found, wanted = image_version(container.image), image_version(plane.injector.values.proxy_image)
    return f"{found} instead of {wanted}" if found and wanted and found != wanted else ""
