"""Whether a mesh writes access logs (`pilot/pkg/networking/core/accesslog.go`)."""

from kubectl_meshfix.mesh.control_plane import ControlPlane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.embedded import mapping
from kubectl_meshfix.resources.istio_policy import Telemetry


def are_configured(mesh: Mesh, plane: ControlPlane, mesh_config: str) -> bool:
    """Whether access logs are turned on anywhere, or turned off for the whole mesh on purpose.

    ``mesh_config`` is the text of the plane's mesh configuration. A Telemetry that names no provider, where the mesh has no default one
    either, sets nothing (`pilot/pkg/model/telemetry.go mergeLogs`).
    """
    config = plane.mesh_config
    if config.access_log_file or config.default_providers.access_logging or mapping(mesh_config)[0].get("enableEnvoyAccessLogService"):
        return True
    return any(
        telemetry.namespace == config.root_namespace if entry.disabled else entry.providers
        for telemetry in mesh.all(Telemetry)
        for entry in telemetry.spec.access_logging
    )
