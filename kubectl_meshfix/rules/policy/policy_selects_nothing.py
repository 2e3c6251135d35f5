"""MF602: an AuthorizationPolicy's selector matches no workload."""

from collections.abc import Iterator, Mapping

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.fixes.fix import Fix, Safety, manual
from kubectl_meshfix.fixes.selector_typos import labelled, nearly_selected, select
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.policy.selectors import applies_to_nothing, namespace_of, selector
from kubectl_meshfix.traffic.workload_selectors import WORKLOADS, misses, workloads_of

FIELD = ("spec", "selector", "matchLabels")


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each policy with labels that no pod gets, in its namespace or, from the root namespace, anywhere."""
    for policy in mesh.all(AuthorizationPolicy):
        if applies_to_nothing(mesh, policy):
            yield _finding(mesh, policy, selector(policy), namespace_of(mesh, policy))


def _finding(mesh: Mesh, policy: AuthorizationPolicy, labels: Mapping[str, str], place: str | None) -> Finding:
    fix = _fix(mesh, policy, labels, place)
    where = (f"namespace {place}" if policy.ref.namespace else "its namespace") if place else "the mesh"
    what = f"workload in {where} with the {labelled(labels)}"
    effect = "this policy protects nothing"
    message, severity = absence(what, effect, is_live=mesh.live, is_slip=fix.safety is not Safety.MANUAL)
    path = pointer.join(*FIELD, *misses(mesh, labels, place))
    return Finding(resource=policy.ref, path=path, message=message, fix=fix, severity=severity)


def _fix(mesh: Mesh, policy: AuthorizationPolicy, labels: Mapping[str, str], place: str | None) -> Fix:
    meant = nearly_selected(labels, workloads_of(mesh, place))
    if not meant:
        where = policy.ref.namespace_flag if place else " -A"
        return manual("Select labels that pods have.", f"kubectl get pods{where} --show-labels")
    return select(policy.ref, FIELD, labels, meant, risk="Requests to these pods that pass today may be refused.")


RULE = Rule(
    code="MF602",
    name="policy-selects-nothing",
    severity=Severity.WARNING,
    inputs=(kinds.AUTHORIZATION_POLICY, *WORKLOADS),
    optional=control_plane.INPUTS,
    aliases=("IST0127", "KIA0004"),
    summary="An AuthorizationPolicy's selector matches no workload",
    check=check,
)
