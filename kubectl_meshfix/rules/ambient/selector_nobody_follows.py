"""MF804: an object that selects pods whose proxies follow no selector of its kind."""

from collections.abc import Iterator, Mapping
from typing import Any

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import few, patch, removal
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh import waypoints
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.proxies import EnvoyFilter, Sidecar
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy, RequestAuthentication
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.traffic.ambient import members
from kubectl_meshfix.traffic.ambient.enrolment import only_service
from kubectl_meshfix.traffic.ambient.selecting import Deaf, Selecting, Unfollowed, gateway_of, labels_of, selecting, unfollowed

RISK = "It begins to apply to requests that pass through this proxy: those that pass today may be refused or changed."
EFFECTS: Mapping[Kind, str] = {
    kinds.AUTHORIZATION_POLICY: "No proxy enforces this policy.",
    kinds.REQUEST_AUTHENTICATION: "No proxy checks tokens for it.",
    kinds.WASM_PLUGIN: "This plugin runs in no proxy.",
    kinds.TELEMETRY: "It changes no logs, metrics or traces.",
    kinds.ENVOY_FILTER: "This EnvoyFilter patches no proxy.",
    kinds.SIDECAR: "This Sidecar configures no proxy.",
}
IN_AMBIENT: Mapping[Kind, tuple[str, ...]] = {
    kinds.REQUEST_AUTHENTICATION: ("KIA1115", "KIA1110"),
    kinds.WASM_PLUGIN: ("KIA1116", "KIA1111"),
    kinds.TELEMETRY: ("KIA1117", "KIA1112"),
    kinds.SIDECAR: ("IST0167",),
}
"""What others report of pods in ambient mode: first that targets are wanted, then where no waypoint is named."""

OF_GATEWAYS = (kinds.AUTHORIZATION_POLICY, kinds.REQUEST_AUTHENTICATION, kinds.WASM_PLUGIN, kinds.TELEMETRY)


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each object all of whose proxies ignore it, by what they follow (`pilot/pkg/model/policyattachment.go`)."""
    for obj in selecting(mesh):
        if found := unfollowed(mesh, obj):
            yield _finding(mesh, obj, found)


def _finding(mesh: Mesh, obj: Selecting, found: Unfollowed) -> Finding:
    kind, is_policy = kinds.of_object(obj), isinstance(obj, AuthorizationPolicy | RequestAuthentication)
    aliases: tuple[str, ...] = ("IST0166",) if kind in OF_GATEWAYS else ()
    match found.by:
        case Deaf.ZTUNNEL:
            whom = few([str(item.ref) for item in found.workloads]) or f"The pods of namespace {obj.namespace}"
            where = f"{whom} {'is' if len(found.workloads) == 1 else 'are'} in ambient mode"
            why = f"{where}, where only waypoints follow a {obj.kind}, by targetRefs."
            if isinstance(obj, Sidecar):
                why = f"{where}, without a sidecar."
            aliases = IN_AMBIENT.get(kind, ())[: 1 if found.has_waypoint else None]
        case Deaf.WAYPOINT:
            why = f"Only waypoint {few([item.name for item in found.workloads])} has these labels, and waypoints follow no selector."
        case Deaf.GATEWAY:
            why = f"istiod is told that gateways such as {found.workloads[0].name} follow no selector."
    return Finding(
        resource=obj.ref,
        path=f"/spec/{_field(obj)}" if labels_of(mesh, obj) else "/spec",
        message=f"{why} {EFFECTS[kind]}",
        fix=_fix(mesh, obj, found),
        severity=Severity.ERROR if is_policy else None,
        aliases=aliases,
    )


def _fix(mesh: Mesh, obj: Selecting, found: Unfollowed) -> Fix:
    if isinstance(obj, Sidecar):
        return manual("Delete this Sidecar, or give it the labels of pods with sidecars.")
    target: dict[str, str] | None = None
    if found.by is not Deaf.ZTUNNEL:
        name = gateway_of(found.workloads)
        target = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": name} if name else None
    elif found.has_waypoint and (service := only_service(mesh, found.workloads)):
        target = {"group": "", "kind": "Service", "name": service.name}
    labels = labels_of(mesh, obj)
    if target is None or not labels or any(item.namespace != obj.namespace for item in found.workloads):
        command = () if found.has_waypoint else (f"istioctl waypoint apply --name WAYPOINT --enroll-namespace{obj.ref.namespace_flag}",)
        return manual("Name a waypoint, or its Services, in targetRefs instead.", *(command if found.by is Deaf.ZTUNNEL else ()))
    old: Any = {"labels" if isinstance(obj, EnvoyFilter) else "matchLabels": dict(labels)}
    steps = (*removal(f"/spec/{_field(obj)}", old), Operation("add", "/spec/targetRefs", [target]))
    return patch(obj.ref, steps, f"Replace the selector with targetRefs to {target['kind']} {target['name']}.", risk=RISK)


def _field(obj: Selecting) -> str:
    return "workloadSelector" if isinstance(obj, EnvoyFilter | Sidecar) else "selector"


RULE = Rule(
    code="MF804",
    name="selector-nobody-follows",
    severity=Severity.WARNING,
    inputs=(*kinds.WORKLOADS, *waypoints.INPUTS),
    optional=(*EFFECTS, *members.INPUTS, kinds.SERVICE),
    about=tuple(EFFECTS),
    aliases=("IST0166", "IST0167", "KIA1110", "KIA1111", "KIA1112", "KIA1115", "KIA1116", "KIA1117"),
    summary="An object selects pods whose proxies follow no selector of its kind",
    check=check,
)
