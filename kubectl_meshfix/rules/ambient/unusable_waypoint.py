"""MF801: a waypoint that labels ask for and that handles no traffic."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.corrections import corrected, few, near
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.control_plane import control_planes, tags
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.waypoints import (
    INPUTS,
    USE_WAYPOINT,
    WAYPOINT_FOR,
    Asker,
    Binding,
    WaypointName,
    askers,
    bind,
    find,
    is_judged,
    is_waypoint,
    not_programmed,
    revision_asked,
    services_of,
    waypoints_in,
)
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.rules.absence import absence, sentence
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.policy.waypoint_policies import enforced_by

PAST = "traffic goes straight to its destination, without HTTP routes and policies"
RISK = "Requests pass through that waypoint: its routes and policies begin to apply to them."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each label that names a waypoint which ztunnel does not use, and each waypoint that is not ready."""
    asked_by: dict[WaypointName, list[Asker]] = defaultdict(list)
    for asker in askers(mesh):
        asked_by[asker.waypoint].append(asker)
        match bind(mesh, asker.owner, asker.waypoint, asker.traffic):
            case Binding.MISSING:
                yield _missing(mesh, asker)
            case Binding.NOT_ADMITTED | Binding.OTHER_TRAFFIC as binding:
                yield _refused(mesh, asker, binding)
    for gateway in mesh.all(KubernetesGateway):
        if is_waypoint(gateway) and is_judged(mesh, gateway) and (not gateway.status.addresses or not_programmed(gateway)):
            yield _not_ready(mesh, gateway, asked_by[WaypointName(gateway.namespace, gateway.name)])


def _effect(mesh: Mesh, waypoint: WaypointName, asked_by: Sequence[Asker]) -> tuple[str, Severity | None]:
    """What becomes of the traffic; an error where a policy that should refuse some of it is not enforced."""
    policies = enforced_by(mesh, waypoint, [service for asker in asked_by for service in services_of(mesh, asker)])
    if not policies:
        return PAST, None
    names = few([str(policy.ref) for policy in policies])
    return f"traffic goes straight to its destination, and {names} {'is' if len(policies) == 1 else 'are'} not enforced", Severity.ERROR


def _missing(mesh: Mesh, asker: Asker) -> Finding:
    waypoint, owner = asker.waypoint, asker.owner
    better = near(waypoint.name, [gateway.name for gateway in waypoints_in(mesh, waypoint.namespace)])
    effect, serious = _effect(mesh, waypoint, (asker,))
    is_beside = not owner.ref.namespace and owner.namespace == waypoint.namespace
    what = f"waypoint {waypoint.name if is_beside else waypoint}"
    message, severity = absence(what, effect, is_live=mesh.live, is_slip=bool(better))
    where = f" -n {waypoint.namespace}" if owner.ref.namespace or asker.traffic is None else ""
    otherwise = manual("Create the waypoint, or remove the label.", f"istioctl waypoint apply --name {waypoint.name}{where}")
    return Finding(
        resource=owner.ref,
        path=asker.path,
        message=message,
        evidence=(f"{USE_WAYPOINT}={waypoint.name}",),
        fix=corrected(owner.ref, asker.path, waypoint.name, better, otherwise, risk=RISK),
        severity=severity or serious,
        aliases=("KIA1313",),
    )


def _refused(mesh: Mesh, asker: Asker, binding: Binding) -> Finding:
    """The waypoint is there, and does not take this traffic."""
    waypoint = asker.waypoint
    gateway = find(mesh, waypoint)
    effect, severity = _effect(mesh, waypoint, (asker,))
    why = "does not admit this namespace"
    fix = manual("Let allowedRoutes.namespaces of its HBONE listener admit this namespace.")
    if binding is Binding.OTHER_TRAFFIC and asker.traffic:
        why = f"is not for traffic to {'Services' if asker.traffic.value == 'service' else 'pods'}"
        fix = manual(f"Set {WAYPOINT_FOR} of the waypoint to {asker.traffic.value} or all, or name another waypoint.")
    kind = f"{WAYPOINT_FOR}={gateway.labels[WAYPOINT_FOR]}" if gateway and WAYPOINT_FOR in gateway.labels else ""
    return Finding(
        resource=asker.owner.ref,
        path=asker.path,
        message=f"Waypoint {waypoint} {why}. {sentence(effect)}",
        evidence=(f"{USE_WAYPOINT}={waypoint.name}", *((kind,) if kind else ())),
        fix=fix,
        severity=severity,
        aliases=("KIA1313",),
    )


def _not_ready(mesh: Mesh, gateway: KubernetesGateway, asked_by: Sequence[Asker]) -> Finding:
    name, condition = WaypointName(gateway.namespace, gateway.name), not_programmed(gateway)
    effect, severity = _effect(mesh, name, asked_by)
    said = tuple(filter(None, (f"Programmed: {condition.status}", condition.reason, condition.message))) if condition else ()
    message = f"This waypoint has no address, because no pod of it has been ready. {sentence(effect)}"
    if gateway.status.addresses:
        message, severity = "This waypoint is not programmed. Requests that pass through it may fail.", None
    return Finding(
        resource=gateway.ref,
        path=join("spec", "gatewayClassName"),
        message=message,
        evidence=(*said, *sorted(f"{asker.owner.ref} has {USE_WAYPOINT}={gateway.name}" for asker in asked_by)[:5]),
        fix=_look(mesh, gateway),
        severity=severity,
        aliases=("IST0171", "KIA1313") if condition and condition.status == "False" else ("KIA1313",),
    )


def _look(mesh: Mesh, gateway: KubernetesGateway) -> Fix:
    """What to look at first; a revision that no istiod has leaves a Gateway alone."""
    revision, planes = revision_asked(mesh, gateway), {plane.revision for plane in control_planes(mesh)}
    where = gateway.ref.namespace_flag
    if revision and planes and revision not in planes | tags(mesh).keys():
        return manual(
            f"Name an installed revision in istio.io/rev of the Gateway: {few(sorted(planes))}.",
            why=f"No istiod is of revision {revision}, which its label or its namespace's names.",
        )
    return manual(
        "Find out why the waypoint is not ready.",
        f"kubectl describe gateways.gateway.networking.k8s.io {gateway.name}{where}",
        f"kubectl get pods{where} -l gateway.networking.k8s.io/gateway-name={gateway.name}",
    )


RULE = Rule(
    code="MF801",
    name="unusable-waypoint",
    severity=Severity.WARNING,
    inputs=(kinds.KUBERNETES_GATEWAY,),
    optional=(*INPUTS, kinds.SERVICE, kinds.SERVICE_ENTRY, *kinds.WORKLOADS, kinds.AUTHORIZATION_POLICY, *control_plane.INPUTS),
    words=("waypoint",),
    aliases=("IST0171", "KIA1313"),
    summary="A waypoint that labels ask for handles no traffic",
    check=check,
)
