"""MF607: an AuthorizationPolicy asks for a token that no RequestAuthentication checks."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.coherence.servers import INPUTS
from kubectl_meshfix.traffic.coherence.tokens import Unchecked, unchecked


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each policy whose pods know no token: the first condition about one."""
    seen = set()
    for found in unchecked(mesh):
        if found.policy.ref not in seen:
            seen.add(found.policy.ref)
            yield _finding(mesh, found)


def _finding(mesh: Mesh, found: Unchecked) -> Finding:
    policy, condition = found.policy, found.condition
    effect = f"{'every' if condition.is_negated else 'no'} request matches {condition.label}"
    message, severity = absence(
        f"RequestAuthentication for {found.party if found.party.workload else 'its pods'}", effect, is_live=mesh.live
    )
    fix = manual("Add a RequestAuthentication for these pods; one of a gateway does not count here.")
    return Finding(resource=policy.ref, path=f"{condition.path}/0", message=message, fix=fix, severity=severity)


RULE = Rule(
    code="MF607",
    name="unchecked-token",
    severity=Severity.ERROR,
    inputs=(kinds.AUTHORIZATION_POLICY, kinds.REQUEST_AUTHENTICATION, *kinds.WORKLOADS),
    optional=(*INPUTS, kinds.WORKLOAD_ENTRY),
    about=(kinds.AUTHORIZATION_POLICY,),
    summary="An AuthorizationPolicy asks for a token that no RequestAuthentication checks",
    check=check,
)
