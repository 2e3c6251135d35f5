"""MF608: a RequestAuthentication checks tokens, and no policy refuses requests that have none."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.coherence.servers import INPUTS
from kubectl_meshfix.traffic.coherence.tokens import undemanded


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each RequestAuthentication without an AuthorizationPolicy for its pods that asks about tokens."""
    for policy, party in undemanded(mesh):
        what = f"policy that asks for a token at {party if party.workload else 'its pods'}"
        yield Finding(
            resource=policy.ref,
            path="/spec",
            message=absence(what, "requests without one pass", is_live=mesh.live).message,
            fix=manual('Add a DENY policy with source.notRequestPrincipals ["*"], if every request needs a token.'),
        )


RULE = Rule(
    code="MF608",
    name="token-not-required",
    severity=Severity.INFO,
    inputs=(kinds.AUTHORIZATION_POLICY, kinds.REQUEST_AUTHENTICATION, kinds.VIRTUAL_SERVICE, *kinds.WORKLOADS),
    optional=(*INPUTS, kinds.WORKLOAD_ENTRY),
    about=(kinds.REQUEST_AUTHENTICATION,),
    summary="A RequestAuthentication checks tokens, and no policy refuses requests without one",
    check=check,
)
