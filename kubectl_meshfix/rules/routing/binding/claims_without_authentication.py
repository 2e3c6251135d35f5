"""MF419: a route asks for a claim of a token at a gateway that checks no tokens."""

from collections.abc import Iterator

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.gateway.faults.claim_routes import ByClaim, without_authentication
from kubectl_meshfix.traffic.workload_selectors import WORKLOADS


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each VirtualService that routes by claims that its gateway cannot know (`analyzers/virtualservice/jwtclaimroute.go`)."""
    for item in without_authentication(mesh):
        if not mesh.live or mesh.knows(kinds.REQUEST_AUTHENTICATION, item.namespace):
            yield _finding(mesh, item)


def _finding(mesh: Mesh, item: ByClaim) -> Finding:
    what = f"RequestAuthentication for the pods of gateway {item.gateway}"
    effect = f"no request has the claim, and http[{item.route}].match[{item.match}] is never used"
    is_known = mesh.knows(kinds.REQUEST_AUTHENTICATION, item.namespace)
    message, severity = absence(what, effect, is_live=mesh.live, is_slip=is_known)
    return Finding(
        resource=item.virtual_service.ref,
        path=join("spec", "http", item.route, "match", item.match, "headers", item.header),
        message=message,
        fix=manual(f"Create a RequestAuthentication in namespace {item.namespace} that selects the gateway's pods."),
        severity=severity,
    )


RULE = Rule(
    code="MF419",
    name="claims-without-authentication",
    severity=Severity.ERROR,
    inputs=(kinds.VIRTUAL_SERVICE, kinds.GATEWAY, kinds.REQUEST_AUTHENTICATION),
    optional=(kinds.SERVICE, *WORKLOADS, *control_plane.INPUTS),
    about=(kinds.VIRTUAL_SERVICE,),
    words=("@",),
    aliases=("IST0149",),
    summary="A route asks for a claim of a token at a gateway that checks no tokens",
    check=check,
)
