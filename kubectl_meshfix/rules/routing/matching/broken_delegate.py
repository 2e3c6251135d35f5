"""MF408: a route delegates to a VirtualService that is no delegate, or whose routes are dropped."""

from collections.abc import Iterator

from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.rules.routing.matching.delegations import conflicting, hidden, missing, with_hosts
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.checks import route as outcomes
from kubectl_meshfix.traffic.route.faults.broken_delegates import Broken, broken

_OF_DELEGATE = {
    outcomes.DELEGATE_HAS_HOSTS.sentence: with_hosts,
    outcomes.DELEGATE_HIDDEN.sentence: hidden,
    outcomes.DELEGATE_CONFLICT.sentence: conflicting,
}


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each delegation in vain (`pilot/pkg/model/virtualservice_controller.go mergeVirtualServices`); of a delegate for several, once."""
    said: set[tuple[object, str]] = set()
    for item in broken(mesh):
        finding = _finding(mesh, item)
        if finding and (finding.resource, finding.path) not in said:
            said.add((finding.resource, finding.path))
            yield finding


def _finding(mesh: Mesh, item: Broken) -> Finding | None:
    match item.delegate:
        case VirtualService() as delegate:
            return _OF_DELEGATE[item.outcome.sentence](item, delegate)
        case None:
            return missing(mesh, item)


RULE = Rule(
    code="MF408",
    name="broken-delegate",
    severity=Severity.ERROR,
    inputs=(kinds.VIRTUAL_SERVICE,),
    optional=control_plane.INPUTS,
    about=(kinds.VIRTUAL_SERVICE,),
    words=("delegate",),
    summary="A route delegates to a VirtualService that is no delegate, or whose routes are dropped",
    check=check,
)
