"""Whether the ports of Services of type ExternalName mean anything to Istio."""

from kubectl_meshfix.mesh.control_plane import ControlPlane, control_planes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.go_bool import go_bool

_FLAG = "ENABLE_EXTERNAL_NAME_ALIAS"


def have_listeners(mesh: Mesh) -> bool:
    """Whether an istiod was read that gives them listeners and clusters of their own.

    Istio treats an ExternalName as an alias of what it names, whatever its ports (`pilot/pkg/networking/core/listener.go`, `cluster.go`).
    Only before 1.20 it did not; 1.20 did where the flag was set, and until 1.23 the flag could turn it off
    (`releasenotes/notes/external-name-on.yaml`, `compatibility-version-1-20.yaml`).
    """
    return any(map(_has_no_aliases, control_planes(mesh)))


def _has_no_aliases(plane: ControlPlane) -> bool:
    flag = go_bool((plane.env or {}).get(_FLAG, ""))
    minor = plane.version.minor if plane.version else None
    if minor is not None and minor < 20:
        return True
    if minor == 20:
        return flag is not True
    return flag is False and (minor is None or minor < 24)
