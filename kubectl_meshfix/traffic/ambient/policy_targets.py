"""Targets of policies that no waypoint handles: only waypoints follow `targetRefs` to Services (`pilot/pkg/model/policyattachment.go`)."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.waypoints import WAYPOINT_FOR, is_waypoint
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.istio_extensions import WasmPlugin
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.resources.istio_networking.proxies import EnvoyFilter, PolicyTarget
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy, RequestAuthentication, Telemetry
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.traffic.ambient.enrolment import Enrolment, enrolment
from kubectl_meshfix.traffic.attachment import targets

Targeting = AuthorizationPolicy | RequestAuthentication | WasmPlugin | Telemetry | EnvoyFilter

_TARGETS: dict[tuple[str, str], Kind] = {
    ("", "Service"): kinds.SERVICE,
    ("core", "Service"): kinds.SERVICE,
    ("networking.istio.io", "ServiceEntry"): kinds.SERVICE_ENTRY,
    ("gateway.networking.k8s.io", "Gateway"): kinds.KUBERNETES_GATEWAY,
}


def targeting(mesh: Mesh) -> tuple[Targeting, ...]:
    """All objects of these kinds."""
    return (
        *mesh.all(AuthorizationPolicy),
        *mesh.all(RequestAuthentication),
        *mesh.all(WasmPlugin),
        *mesh.all(Telemetry),
        *mesh.all(EnvoyFilter),
    )


class Idle(msgspec.Struct, frozen=True):
    """A target through which no proxy enforces a policy: its JSON pointer, and the object; None where there is none of that name."""

    path: str
    target: PolicyTarget
    kind: Kind
    found: Service | ServiceEntry | None


def idle_targets(mesh: Mesh, policy: Targeting) -> Iterator[Idle]:
    """The targets of a policy that do not exist, or for which no waypoint is named."""
    for path, target in _listed(policy):
        kind = _TARGETS.get((target.group, target.kind))
        if kind is None or target.namespace not in ("", policy.namespace):
            continue
        found = mesh.get(kind.struct, policy.namespace, target.name)
        if found is None:
            if mesh.knows(kind, policy.namespace, policy):
                yield Idle(path, target, kind, None)
        elif isinstance(found, Service | ServiceEntry) and enrolment(mesh, found) is Enrolment.NONE:
            yield Idle(path, target, kind, found)


def usable_waypoint(mesh: Mesh, namespace: str) -> KubernetesGateway | None:
    """The only waypoint of a namespace, where it handles traffic to Services; else None."""
    found = [gateway for gateway in mesh.within(KubernetesGateway, namespace) if is_waypoint(gateway)]
    return found[0] if len(found) == 1 and found[0].labels.get(WAYPOINT_FOR, "service") in ("service", "all") else None


def _listed(policy: Targeting) -> Iterator[tuple[str, PolicyTarget]]:
    if isinstance(policy, EnvoyFilter):
        yield from ((f"/spec/targetRefs/{number}", target) for number, target in enumerate(policy.spec.target_refs))
        return
    for number, target in enumerate(targets(policy.spec)):
        yield (f"/spec/targetRefs/{number}" if policy.spec.target_refs else "/spec/targetRef"), target
