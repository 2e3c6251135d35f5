"""MF709: a provider of logs or traces whose host is not registered."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.corrections import few, near
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.control_plane import control_planes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic import registry
from kubectl_meshfix.traffic.telemetry.collectors import Unreachable, registered, unreachable


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each provider that is used and that istiod cannot configure (`pilot/pkg/model/telemetry_logging.go LookupCluster`)."""
    for plane in control_planes(mesh):
        if plane.mesh_config_map and not plane.problems:
            for found in unreachable(mesh, plane):
                yield _finding(mesh, plane.mesh_config_map, found)


def _finding(mesh: Mesh, config_map: Ref, found: Unreachable) -> Finding:
    effect = f"provider {found.provider.name} gets no logs and no traces"
    fix, severity = _correct(mesh, found), None
    message = f"Host {found.host} is registered in {few(found.namespaces)}, which provider {found.provider.name} does not name."
    if not found.namespaces:
        is_slip = "." not in found.host or bool(near(found.host, registered(mesh)))
        message, severity = absence(f"host {found.host}", effect, is_live=mesh.live, is_slip=is_slip)
    return Finding(resource=config_map, path="/data/mesh", message=message, fix=fix, severity=severity)


def _correct(mesh: Mesh, found: Unreachable) -> Fix:
    what = f"service of provider {found.provider.name} in the mesh configuration"
    if found.namespaces:
        return manual(f"Set {what} to NAMESPACE/{found.host}.")
    better = near(found.host, registered(mesh))
    return manual(f"Set {what} to {better[0]}." if better else f"Set {what} to the full host of a Service or ServiceEntry.")


RULE = Rule(
    code="MF709",
    name="telemetry-provider-unreachable",
    severity=Severity.WARNING,
    inputs=(kinds.CONFIG_MAP, *registry.INPUTS),
    optional=(kinds.TELEMETRY, *control_plane.INPUTS, *registry.OPTIONAL),
    about=(kinds.CONFIG_MAP,),
    summary="A provider of logs or traces has a host that is not registered",
    check=check,
)
