"""Which connections to pods with a sidecar reach their proxy."""

from collections.abc import Mapping

from kubectl_meshfix.injection.early import interception_mode, is_captured_inbound
from kubectl_meshfix.mesh.control_plane import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.injector_config import InjectorValues


def interception(mesh: Mesh, revision: str | None, annotations: Mapping[str, str]) -> str:
    """How the connections of pods of a revision are taken: ``REDIRECT``, ``TPROXY`` or ``NONE``."""
    return interception_mode(control_plane(mesh, revision) if revision else None, annotations)


def is_captured(mesh: Mesh, revision: str | None, annotations: Mapping[str, str], port: int) -> bool:
    """Whether connections to a container port of pods with a sidecar reach the proxy; a revision that is not known has the defaults.

    With the mode NONE nothing is redirected, and the proxy has only the listeners of its Sidecar's ingress.
    """
    plane = control_plane(mesh, revision) if revision else None
    values = plane.injector.values if plane and plane.injector else InjectorValues()
    return interception(mesh, revision, annotations) != "NONE" and is_captured_inbound(port, annotations, values)
