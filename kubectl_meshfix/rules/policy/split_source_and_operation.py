"""MF614: the callers and the operations of an ALLOW policy are in two rules, either of which is enough."""

from collections.abc import Iterator

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.policy.evaluation.halves import halves


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each policy of two rules, one with ``from`` alone and one with ``to`` alone."""
    for policy in mesh.all(AuthorizationPolicy):
        if found := halves(policy):
            callers, operations = found
            yield Finding(
                resource=policy.ref,
                path=join("spec", "rules", operations, "to"),
                message=f"rules[{operations}] has no from, and rules[{callers}] does not limit it: every caller may do what it allows.",
                fix=manual("Move from and to into one rule, if both have to hold."),
            )


RULE = Rule(
    code="MF614",
    name="split-source-and-operation",
    severity=Severity.INFO,
    inputs=(kinds.AUTHORIZATION_POLICY,),
    summary="The callers and the operations of an ALLOW policy are in two rules, either of which is enough",
    check=check,
)
