"""MF802: a policy asks for HTTP, and only ztunnel enforces it."""

from collections.abc import Iterator, Sequence
from typing import Any

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import few, patch, removal
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh import control_plane, waypoints
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic import attachment
from kubectl_meshfix.traffic.ambient import members
from kubectl_meshfix.traffic.ambient.enrolment import Enrolment, enrolment, only_service, services_of
from kubectl_meshfix.traffic.ambient.layer_seven import Loss, Lost, lost_at_ztunnel
from kubectl_meshfix.traffic.terms.parties import Plane

RISK = "Requests that pass today may be refused, or the other way round; calls that bypass the waypoint are not checked."
WITHOUT, WITH = ("KIA0109", "KIA0110", "KIA1317"), ("KIA0110",)
"""What Kiali reports where no waypoint is named, and where one is."""


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each AuthorizationPolicy that selects pods in ambient mode and that ztunnel cannot enforce as it is meant."""
    if not members.is_used(mesh):
        return
    for policy in mesh.all(AuthorizationPolicy):
        if not (lost := lost_at_ztunnel(mesh, policy)):
            continue
        place = members.place(mesh, policy.namespace)
        labels = policy.spec.selector.match_labels if policy.spec.selector else {}
        chosen = members.selected(mesh, labels, place).of(Plane.AMBIENT)
        if chosen:
            yield _finding(mesh, policy, lost, chosen)
        elif not mesh.workloads_selected({}, place) and not labels and place and members.is_ambient(mesh, place):
            yield _finding(mesh, policy, lost, ())


def _finding(mesh: Mesh, policy: AuthorizationPolicy, lost: Lost, chosen: Sequence[Workload]) -> Finding:
    services = services_of(mesh, chosen)
    has_waypoint = bool(services) and all(enrolment(mesh, service) is Enrolment.NAMED for service in services)
    whom = few([str(item.ref) for item in chosen]) if chosen else f"the pods of namespace {policy.namespace}"
    has_selector = attachment.attachment(mesh, policy) is not None
    return Finding(
        resource=policy.ref,
        path="/spec/selector" if has_selector else lost.path,
        message=_message(lost, whom),
        evidence=tuple(f"only HTTP has {field}" for field in lost.fields),
        fix=_fix(mesh, policy, chosen, has_waypoint=has_waypoint),
        aliases=WITH if has_waypoint else WITHOUT,
    )


def _message(lost: Lost, whom: str) -> str:
    unread = f"ztunnel cannot read {few(lost.fields)}"
    rules = "this policy" if lost.is_all else "one of its rules"
    match lost.loss:
        case Loss.NOT_ASKED:
            return f"ztunnel asks no external authorizer. This CUSTOM policy is not enforced for {whom}."
        case Loss.NOT_DENIED:
            return f"{unread}, so nothing is left of {rules}. What it should deny passes to {whom}."
        case Loss.MORE_DENIED:
            return f"{unread}, and denies without it. Other requests to {whom} are refused too."
        case Loss.LESS_ALLOWED:
            return f"{unread} and ignores {rules}. What it alone should allow to {whom} is refused."


def _fix(mesh: Mesh, policy: AuthorizationPolicy, chosen: Sequence[Workload], *, has_waypoint: bool) -> Fix:
    if not has_waypoint:
        return manual(
            "Use a waypoint, and name its Services in targetRefs instead of a selector.",
            f"istioctl waypoint apply --name WAYPOINT --enroll-namespace{policy.ref.namespace_flag}",
        )
    service = only_service(mesh, chosen)
    if service is None or service.namespace != policy.namespace or policy.spec.selector is None:
        return manual("Name the Services, or the waypoint, in targetRefs instead of a selector.")
    targets = [{"group": "", "kind": "Service", "name": service.name}]
    old: Any = {"matchLabels": policy.spec.selector.match_labels}
    operations = (*removal("/spec/selector", old), Operation("add", "/spec/targetRefs", targets))
    return patch(policy.ref, operations, f"Replace the selector with targetRefs to Service {service.name}.", risk=RISK)


RULE = Rule(
    code="MF802",
    name="http-policy-at-ztunnel",
    severity=Severity.ERROR,
    inputs=(kinds.AUTHORIZATION_POLICY, *kinds.WORKLOADS),
    optional=(*members.INPUTS, *waypoints.INPUTS, kinds.SERVICE, *control_plane.INPUTS),
    about=(kinds.AUTHORIZATION_POLICY,),
    aliases=("KIA0109", "KIA0110", "KIA1317"),
    summary="A policy asks for HTTP where only ztunnel enforces it",
    check=check,
)
