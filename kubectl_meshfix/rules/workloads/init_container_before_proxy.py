"""MF206: an init container calls over the network before the proxy runs."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.injection.labels import INJECT
from kubectl_meshfix.injection.membership import membership
from kubectl_meshfix.injection.native_change import make_native
from kubectl_meshfix.injection.proxy_ids import ids_of
from kubectl_meshfix.injection.template import app_waits
from kubectl_meshfix.mesh.control_plane import ControlPlane, control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.injection.misspelt_labels import misspelt_labels
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.rules.workloads import applications
from kubectl_meshfix.rules.workloads.early_init_containers import Early, early_calls, failures
from kubectl_meshfix.traffic.server import plain_text

_NOT_COVERED = "holdApplicationUntilProxyStarts does not cover init containers"


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload with an ordinary sidecar whose init containers need the network, and have none or are refused."""
    for workload in applications(mesh):
        if found := tuple(early_calls(mesh, workload)):
            yield _finding(mesh, workload, found)


def _finding(mesh: Mesh, workload: Workload, found: Sequence[Early]) -> Finding:
    made = membership(mesh, workload)
    plane = control_plane(mesh, made.revision) if made.revision else None
    failing, unless = tuple(failures(mesh, workload, found)), isinstance(made.native, Unknown)
    return Finding(
        resource=workload.ref,
        path=f"{workload.template_path}/spec/initContainers/{found[0].call.index}",
        message=_message(found, unless=unless),
        evidence=(
            *(f"{item.call.container}: {item.call.says}" for item in found),
            *(f"{item.refusal.service.ref} accepts only mutual TLS: {item.refusal.by.reason}" for item in found if item.refusal),
            *failing,
            *((_NOT_COVERED,) if app_waits(plane, workload.annotations) else ()),
            made.reason,
        ),
        fix=_fix(mesh, workload, plane, found[0]),
        severity=Severity.ERROR if failing else Severity.INFO if unless else None,
    )


def _message(found: Sequence[Early], *, unless: bool) -> str:
    first, others = found[0], f" and {len(found) - 1} more" if found[1:] else ""
    whose = "Their" if others else "Its"
    condition = ", unless the sidecar is native" if unless else ""
    who = f"Init container {first.call.container}{others} {'need' if others else 'needs'} the network before the proxy runs{condition}."
    if first.bypass and not first.is_cut_off:
        who = f"Init container {first.call.container}{others} {'bypass' if others else 'bypasses'} the proxy ({first.bypass})."
    if first.refusal and not first.is_cut_off:
        return f"{who} {whose} calls are plain text, which {first.refusal.service.name} refuses: it accepts only mutual TLS (STRICT)."
    return f"{who} Istio's CNI agent sends {whose.lower()} calls to the proxy, so they fail."


def _fix(mesh: Mesh, workload: Workload, plane: ControlPlane | None, first: Early) -> Fix:
    if any(found.asks is False and found.label == INJECT for found in misspelt_labels(workload)):
        return manual("Correct the label or annotation that asks for no sidecar (MF303): without one, nothing is redirected.")
    if first.bypass:
        summary = f"Let the proxy take the calls of init container {first.call.container}: remove {first.bypass}."
        return manual(summary, why="The proxy has to be a native sidecar for that; it runs before init containers.")
    user = None if first.refusal else ids_of(plane, mesh.namespace(workload.namespace)).user
    return make_native(mesh, workload, plane, first.call.container, user=user, all_fail=first.is_cut_off)


RULE = Rule(
    code="MF206",
    name="init-container-before-proxy",
    severity=Severity.WARNING,
    inputs=kinds.WORKLOADS,
    optional=plain_text.INPUTS,
    about=kinds.WORKLOADS,
    words=("initContainers",),
    summary="An init container needs the network before the proxy runs",
    check=check,
)
