"""MF440: a Sidecar's outboundTrafficPolicy says no mode, and is REGISTRY_ONLY then."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.corrections import patch
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.mesh.control_plane import INPUTS, control_planes, mesh_config
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.proxies import Sidecar
from kubectl_meshfix.resources.written import written
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

PATH, MODE = "/spec/outboundTrafficPolicy", "REGISTRY_ONLY"
EFFECT = f"outboundTrafficPolicy names no mode, and is {MODE} then."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each Sidecar whose policy is there without a mode (`sidecar.go`; the enum's zero value), unless the mesh is so too."""
    for sidecar in mesh.all(Sidecar):
        policy = _policy(sidecar)
        if policy is None or policy.get("mode") or policy.get("egressProxy") or _is_the_meshs(mesh):  # istiod refuses egressProxy with it
            continue
        yield Finding(
            resource=sidecar.ref,
            path=PATH,
            message=f"{EFFECT} Calls to hosts that nobody registered are refused.",
            fix=patch(sidecar.ref, _operations(policy), f"Write mode: {MODE}, as it is now. If it is not meant, remove it.", Safety.SAFE),
        )


def _policy(sidecar: Sidecar) -> dict[str, object] | None:
    """The policy as it is written; None where there is none, or null."""
    spec = (written(sidecar) or {}).get("spec")
    policy = spec.get("outboundTrafficPolicy") if isinstance(spec, dict) else None
    return policy if isinstance(policy, dict) else None


def _is_the_meshs(mesh: Mesh) -> bool:
    """Whether all of the mesh is known to be REGISTRY_ONLY."""
    planes = control_planes(mesh)
    return bool(planes) and all(mesh_config(mesh, plane.revision).outbound_traffic_policy.mode == MODE for plane in planes)


def _operations(policy: dict[str, object]) -> tuple[Operation, ...]:
    return Operation("test", PATH, policy), Operation("add", f"{PATH}/mode", MODE)


RULE = Rule(
    code="MF440",
    name="outbound-mode-not-written",
    severity=Severity.WARNING,
    inputs=(kinds.SIDECAR,),
    optional=INPUTS,
    about=(kinds.SIDECAR,),
    aliases=("KIA1007",),
    summary="A Sidecar's outboundTrafficPolicy names no mode, so that unregistered hosts are refused",
    check=check,
)
