"""MF609: istiod cannot fetch the keys of a RequestAuthentication's tokens."""

from collections.abc import Iterator

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.corrections import corrected
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.coherence.token_keys import Unreachable, full_uri, unreachable_keys
from kubectl_meshfix.traffic.server import plain_text

RISK = "Tokens that are refused today may be accepted."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each ``jwksUri`` that istiod, which has no sidecar and resolves names in its own namespace, does not reach."""
    for found in unreachable_keys(mesh):
        yield _finding(found)


def _finding(found: Unreachable) -> Finding:
    path = join("spec", "jwtRules", found.number, "jwksUri")
    uri = found.policy.spec.jwt_rules[found.number].jwks_uri
    if found.refusal:
        policy = found.refusal.by.policy
        why = f"it has no sidecar, and {policy.ref} refuses plain text" if policy else "its pods refuse plain text"
    else:
        why = f"it resolves {found.host} in namespace {found.home}, where no such Service is"
    better = (full_uri(found, uri),) if found.meant else ()
    otherwise = manual("Accept plain text on this port (portLevelMtls), or write the keys into jwks.")
    return Finding(
        resource=found.policy.ref,
        path=path,
        message=f"istiod cannot fetch these keys: {why}. Tokens of this issuer get 401.",
        fix=corrected(found.policy.ref, path, uri, better, otherwise, risk=RISK),
    )


RULE = Rule(
    code="MF609",
    name="unreachable-token-keys",
    severity=Severity.ERROR,
    inputs=(kinds.REQUEST_AUTHENTICATION, kinds.SERVICE),
    optional=plain_text.INPUTS,
    about=(kinds.REQUEST_AUTHENTICATION,),
    summary="istiod cannot fetch the keys of a RequestAuthentication's tokens",
    check=check,
)
