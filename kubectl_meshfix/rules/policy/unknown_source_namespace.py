"""MF601: an AuthorizationPolicy names a namespace of callers that does not exist."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.fixes.corrections import corrected, near
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic import registry
from kubectl_meshfix.traffic.absence import installed_namespace, is_no_namespace, namespaces
from kubectl_meshfix.traffic.policy.source_namespaces import matches_any, patterns


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each entry of a source's namespaces that no namespace matches (`analyzers/authz/authorizationpolicies.go`)."""
    if registry.registry(mesh).spans_clusters:
        return
    names = namespaces(mesh)
    for policy in mesh.all(AuthorizationPolicy):
        for path, pattern in patterns(policy):
            if matches_any(pattern, names) or not is_no_namespace(mesh, pattern):
                continue
            is_exact = "*" not in pattern
            meant = near(pattern, names.union(filter(None, [installed_namespace(pattern)])))
            what = f"namespace {pattern}" if is_exact else f"namespace that matches {pattern}"
            missing = absence(what, _consequence(policy, path), is_live=mesh.live, is_slip=bool(meant))
            yield Finding(
                resource=policy.ref,
                path=path,
                message=missing.message,
                fix=_fix(policy, path, pattern, meant),
                severity=missing.severity or (None if is_exact else Severity.WARNING),
            )


def _consequence(policy: AuthorizationPolicy, path: str) -> str:
    if "/notNamespaces/" in path:
        return "this entry excludes no caller from the rule"
    if policy.spec.action in ("", "ALLOW"):
        return "the callers that this policy should allow may be refused"
    return "this policy has no effect on the callers that it is meant for"


def _fix(policy: AuthorizationPolicy, path: str, pattern: str, meant: Sequence[str]) -> Fix:
    otherwise = manual("Use a namespace that exists, or remove the entry.", "kubectl get namespaces")
    risk = "Callers from that namespace may be allowed or refused, unlike today."
    return corrected(policy.ref, path, pattern, meant, otherwise, risk=risk)


RULE = Rule(
    code="MF601",
    name="unknown-source-namespace",
    severity=Severity.ERROR,
    inputs=(kinds.AUTHORIZATION_POLICY, kinds.NAMESPACE),
    optional=(*registry.INPUTS, *registry.OPTIONAL),
    about=(kinds.AUTHORIZATION_POLICY,),
    aliases=("IST0101", "KIA0101"),
    summary="An AuthorizationPolicy names a namespace of callers that does not exist",
    check=check,
)
