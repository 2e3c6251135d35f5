"""MF701: nobody turned access logs on."""

from collections.abc import Iterator

from kubectl_meshfix.documents.editing.splice import splice
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.errors import TargetError
from kubectl_meshfix.fixes.corrections import patch, replacement
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.fixes.istio_installer import Form, source_of
from kubectl_meshfix.fixes.managed_by import manager
from kubectl_meshfix.mesh.control_plane import INPUTS, ControlPlane, control_planes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import ConfigMap
from kubectl_meshfix.resources.embedded import mapping
from kubectl_meshfix.resources.istio_policy import Telemetry
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

STDOUT = "/dev/stdout"
RISK = "Logs grow by a line for every request, with its path and addresses, which may be private."
OWNERS = "set meshConfig.accessLogFile in the Helm values or the IstioOperator it comes from too, or the next upgrade takes it away"


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each mesh configuration without logs, in a mesh where no Telemetry has them either (`pilot/pkg/networking/core/accesslog.go`)."""
    for plane in control_planes(mesh):
        ref = plane.mesh_config_map
        config_map = mesh.find(ref) if ref else None
        if (
            not isinstance(config_map, ConfigMap)
            or "mesh" not in config_map.data
            or plane.problems
            or _logs(mesh, plane, config_map.data["mesh"])
        ):
            continue
        yield Finding(
            resource=config_map.ref,
            path="/data/mesh",
            message="Access logs are off in the whole mesh: when a request fails, no proxy has a line about who sent it, where it went or "
            "why it was refused.",
            evidence=(
                "accessLogFile is empty, and there is no other log in the mesh configuration",
                "no Telemetry that was read turns access logs on or off",
            ),
            fix=_fix(config_map),
        )


def _logs(mesh: Mesh, plane: ControlPlane, text: str) -> bool:
    """Whether somebody turned logs on, somewhere, or decided against them for the mesh.

    A Telemetry that names no provider, where the mesh has no default one either, is no setting at all (`telemetry.go mergeLogs`).
    """
    config = plane.mesh_config
    if config.access_log_file or config.default_providers.access_logging or mapping(text)[0].get("enableEnvoyAccessLogService"):
        return True
    return any(
        telemetry.namespace == config.root_namespace if entry.disabled else entry.providers
        for telemetry in mesh.all(Telemetry)
        for entry in telemetry.spec.access_logging
    )


def _fix(config_map: ConfigMap) -> Fix:
    """One line more in the text of the configuration; istiod takes it up at once, and no proxy restarts."""
    summary = f"Write accessLogFile: {STDOUT} into the mesh configuration: every proxy then logs a line for every request"
    maker = manager(config_map)
    if maker and maker.is_maker and source_of(config_map).form is not Form.SAIL:
        return manual(f"{summary}.", why=f"{maker}; {maker.remedy}.")
    before = config_map.data["mesh"]
    try:
        after = _with_logs(before)
    except TargetError as error:
        return manual(f"{summary}.", why=error.message)
    return patch(config_map.ref, replacement("/data/mesh", before, after), f"{summary}; {OWNERS}.", risk=RISK)


def _with_logs(text: str) -> str:
    settings, _ = mapping(text)
    operation = Operation("replace" if "accessLogFile" in settings else "add", "/accessLogFile", STDOUT)
    return splice(text, 0, [operation]) if settings else f"accessLogFile: {STDOUT}\n"


RULE = Rule(
    code="MF701",
    name="access-log-off",
    severity=Severity.INFO,
    inputs=(kinds.CONFIG_MAP, kinds.TELEMETRY),
    optional=INPUTS,
    summary="Access logs are off in the whole mesh",
    check=check,
)
