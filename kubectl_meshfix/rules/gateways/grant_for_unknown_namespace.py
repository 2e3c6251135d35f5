"""MF510: a ReferenceGrant is for a namespace that does not exist."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.corrections import corrected
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.gateway.kubernetes.grants import for_unknown_namespaces

RISK = "Objects of that namespace may refer to what this grant names."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each entry of a grant that lets nobody in."""
    for grant, position, meant in for_unknown_namespaces(mesh):
        written, path = grant.spec.granted_from[position].namespace, f"/spec/from/{position}/namespace"
        message, severity = absence(f"namespace {written}", "this entry allows nothing", is_live=mesh.live, is_slip=bool(meant))
        otherwise = manual("Use a namespace that exists, or remove the entry.", "kubectl get namespaces")
        fix = corrected(grant.ref, path, written, (meant,) if meant else (), otherwise, risk=RISK)
        yield Finding(resource=grant.ref, path=path, message=message, fix=fix, severity=severity)


RULE = Rule(
    code="MF510",
    name="grant-for-unknown-namespace",
    severity=Severity.WARNING,
    inputs=(kinds.REFERENCE_GRANT, kinds.NAMESPACE),
    about=(kinds.REFERENCE_GRANT,),
    aliases=("KIA1601",),
    summary="A ReferenceGrant is for a namespace that does not exist",
    check=check,
)
