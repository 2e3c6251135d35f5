"""MF701: access logs are off in the whole mesh."""

from collections.abc import Iterator

from kubectl_meshfix.documents.editing.splice import splice
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.errors import TargetError
from kubectl_meshfix.fixes.corrections import patch, replacement
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.fixes.istio_installer import Form, source_of
from kubectl_meshfix.fixes.managed_by import manager
from kubectl_meshfix.mesh.control_plane import INPUTS, control_planes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import ConfigMap
from kubectl_meshfix.resources.embedded import mapping
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic import access_logs

STDOUT = "/dev/stdout"
RISK = "Logs grow by one line per request, with its path and addresses, which may be private."
SUMMARY = f"Set accessLogFile: {STDOUT} in the mesh configuration."
OWNERS = f"{SUMMARY} Repeat it in the Helm values or IstioOperator."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each mesh configuration without access logs, in a mesh where no Telemetry sets them either."""
    for plane in control_planes(mesh):
        ref = plane.mesh_config_map
        config_map = mesh.find(ref) if ref else None
        if (
            not isinstance(config_map, ConfigMap)
            or "mesh" not in config_map.data
            or plane.problems
            or access_logs.are_configured(mesh, plane, config_map.data["mesh"])
        ):
            continue
        where = "the whole mesh" if mesh.live else "this mesh configuration"
        yield Finding(
            resource=config_map.ref,
            path="/data/mesh",
            message=f"Access logs are off in {where}. When a request fails, no proxy logs who sent it, where it went or why.",
            evidence=("the mesh configuration sets no access log", "no Telemetry that was read sets access logs"),
            fix=_fix(config_map),
        )


def _fix(config_map: ConfigMap) -> Fix:
    """One line more in the text of the configuration; istiod reads it at once, and no proxy restarts."""
    maker = manager(config_map)
    if maker and maker.is_maker and source_of(config_map).form is not Form.SAIL:
        return manual(SUMMARY, why=f"{maker}; {maker.remedy}.")
    before = config_map.data["mesh"]
    try:
        after = _with_logs(before)
    except TargetError as error:
        return manual(SUMMARY, why=error.message)
    return patch(config_map.ref, replacement("/data/mesh", before, after), SUMMARY if maker and maker.is_maker else OWNERS, risk=RISK)


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
    about=(kinds.CONFIG_MAP,),
    summary="Access logs are off in the whole mesh",
    check=check,
)
