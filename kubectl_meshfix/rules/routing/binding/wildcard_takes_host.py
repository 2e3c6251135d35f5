"""MF415: a wildcard of a VirtualService takes the calls of sidecars to a host outside of the mesh."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.corrections import patch, removal
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules.routing.wording import few
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.gateway.faults.wildcard_routes import Taken, taken
from kubectl_meshfix.traffic.gateway_names import MESH
from kubectl_meshfix.traffic.registry import INPUTS, OPTIONAL

RISK = "Calls of sidecars to all hosts of this VirtualService are no longer routed by it."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each wildcard for sidecars that covers hosts of ServiceEntries (`pilot/pkg/networking/core/route/route.go`)."""
    return map(_finding, taken(mesh))


def _finding(item: Taken) -> Finding:
    spec = item.virtual_service.spec
    names = few([entry.host for entry in item.entries])
    return Finding(
        resource=item.virtual_service.ref,
        path=f"/spec/hosts/{item.position}",
        message=f"Sidecars use these routes for {names} too, which {spec.hosts[item.position]} covers: calls go to {item.target.written}.",
        evidence=tuple(f"{entry.resource} has the host {entry.host}" for entry in item.entries),
        fix=_fix(item.virtual_service, names),
    )


def _fix(virtual_service: VirtualService, names: str) -> Fix:
    gateways = virtual_service.spec.gateways
    if len(gateways) < 2:
        return manual(f"Name the hosts that are meant, or write a VirtualService for {names}.")
    operations = removal(f"/spec/gateways/{gateways.index(MESH)}", MESH)
    return patch(virtual_service.ref, operations, "Remove mesh, so that only the gateway uses it.", risk=RISK)


RULE = Rule(
    code="MF415",
    name="wildcard-takes-host",
    severity=Severity.WARNING,
    inputs=(kinds.VIRTUAL_SERVICE, *INPUTS),
    optional=(*OPTIONAL, *kinds.WORKLOADS, *control_plane.INPUTS),
    about=(kinds.VIRTUAL_SERVICE,),
    needs=(kinds.SERVICE_ENTRY,),
    summary="A wildcard of a VirtualService takes the calls of sidecars to a host outside of the mesh",
    check=check,
)
