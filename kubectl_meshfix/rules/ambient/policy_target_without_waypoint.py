"""MF803: targetRefs of a policy through which no proxy enforces it."""

from collections.abc import Iterator, Mapping

import msgspec

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.corrections import corrected, near, patch
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh import waypoints
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.waypoints import USE_WAYPOINT
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.rules.absence import absence, sentence
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.ambient import members
from kubectl_meshfix.traffic.ambient.policy_targets import Idle, Targeting, idle_targets, targeting, usable_waypoint

CORRECTED = "The policy begins to apply to this target, and requests that pass today may be refused."
ENROLLED = "Requests pass through the waypoint: all its routes and policies begin to apply to them."


class Effect(msgspec.Struct, frozen=True):
    """What it means that nobody follows an object of a kind, whether requests pass that should not, and what Kiali calls it."""

    clause: str
    is_policy: bool
    aliases: tuple[str, ...]


EFFECTS: Mapping[Kind, Effect] = {
    kinds.AUTHORIZATION_POLICY: Effect("no proxy enforces this policy", True, ("KIA0109",)),
    kinds.REQUEST_AUTHENTICATION: Effect("no proxy checks tokens for it", True, ("KIA1110",)),
    kinds.WASM_PLUGIN: Effect("this plugin runs in no proxy", False, ("KIA1111",)),
    kinds.TELEMETRY: Effect("it changes no logs, metrics or traces", False, ("KIA1112",)),
    kinds.ENVOY_FILTER: Effect("this EnvoyFilter patches no proxy", False, ()),
}


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each target that does not exist, and each Service or ServiceEntry for whose traffic no waypoint is named."""
    for policy in targeting(mesh):
        effect = EFFECTS[kinds.of_object(policy)]
        for idle in idle_targets(mesh, policy):
            if idle.found:
                yield _without_waypoint(mesh, policy, idle.path, idle.found, effect)
            else:
                yield _missing(mesh, policy, idle, effect)


def _missing(mesh: Mesh, policy: Targeting, idle: Idle, effect: Effect) -> Finding:
    path = join(*idle.path.split("/")[1:], "name")
    better = near(idle.target.name, [obj.name for obj in mesh.within(idle.kind.struct, policy.namespace)])
    where = f"{policy.namespace}/" if policy.ref.namespace else ""
    message, severity = absence(f"{idle.target.kind} {where}{idle.target.name}", effect.clause, is_live=mesh.live, is_slip=bool(better))
    command = f"kubectl get {idle.kind.resource}{policy.ref.namespace_flag}"
    otherwise = manual(f"Name a {idle.target.kind} that exists in this namespace.", command)
    return Finding(
        resource=policy.ref,
        path=path,
        message=message,
        fix=corrected(policy.ref, path, idle.target.name, better, otherwise, risk=CORRECTED),
        severity=severity or _severity(mesh, effect),
        aliases=(),
    )


def _without_waypoint(mesh: Mesh, policy: Targeting, path: str, target: Service | ServiceEntry, effect: Effect) -> Finding:
    return Finding(
        resource=policy.ref,
        path=path,
        message=f"Only waypoints follow targetRefs to {target.kind} {target.name}, and none is named for it. {sentence(effect.clause)}",
        fix=_enroll(mesh, target),
        severity=_severity(mesh, effect),
        aliases=effect.aliases,
    )


def _severity(mesh: Mesh, effect: Effect) -> Severity:
    """Files may leave out labels that are set by a command."""
    return Severity.ERROR if mesh.live and effect.is_policy else Severity.WARNING


def _enroll(mesh: Mesh, target: Service | ServiceEntry) -> Fix:
    waypoint = usable_waypoint(mesh, target.namespace)
    if waypoint is None or not members.is_ambient(mesh, target.namespace) or USE_WAYPOINT in target.labels:
        command = f"istioctl waypoint apply --name WAYPOINT --enroll-namespace{target.ref.namespace_flag}"
        return manual(f"Let a waypoint handle traffic to {target.kind} {target.name}.", command)
    path, value = join("metadata", "labels", USE_WAYPOINT), waypoint.name
    step = Operation("add", path, value) if target.labels else Operation("add", "/metadata/labels", {USE_WAYPOINT: value})
    return patch(target.ref, (step,), f"Label {target.kind} {target.name} {USE_WAYPOINT}={value}.", risk=ENROLLED)


RULE = Rule(
    code="MF803",
    name="policy-target-without-waypoint",
    severity=Severity.ERROR,
    inputs=(kinds.SERVICE, *waypoints.INPUTS),
    optional=(*EFFECTS, kinds.SERVICE_ENTRY, *members.INPUTS),
    about=tuple(EFFECTS),
    aliases=("KIA0109", "KIA1110", "KIA1111", "KIA1112"),
    summary="A policy names a target, and no waypoint enforces it there",
    check=check,
)
