"""MF206: an init container calls over the network before the proxy runs."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.fixes.fix import Fix
from kubectl_meshfix.injection.early import InitCall, init_calls
from kubectl_meshfix.injection.injector import app_waits, cut_off_calls
from kubectl_meshfix.injection.kubelet import failing_init_containers
from kubectl_meshfix.injection.membership import Membership, Mode, membership
from kubectl_meshfix.injection.native_change import make_native
from kubectl_meshfix.injection.proxy import has_native_proxy, has_proxy
from kubectl_meshfix.injection.proxy_ids import ids_of
from kubectl_meshfix.mesh.control_plane import ControlPlane, control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.rules.workloads import applications
from kubectl_meshfix.traffic.policy import plain_text
from kubectl_meshfix.traffic.policy.plain_text import Refusal, refused_by

_NOT_COVERED = ("holdApplicationUntilProxyStarts does not cover init containers",)


class Early(NamedTuple):
    """An init container that calls too early, and the server that refuses it; None where it reaches nothing at all."""

    call: InitCall
    refusal: Refusal | None = None


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload with an ordinary sidecar whose init containers need the network, and have none or are refused."""
    for workload in applications(mesh):
        calls = init_calls(workload.spec) if workload.spec.init_containers and not has_proxy(workload.spec) else ()
        made = membership(mesh, workload) if calls else None
        if made and made.injected is True and made.mode is Mode.SIDECAR and (found := tuple(_early(mesh, workload, calls, made))):
            yield _finding(mesh, workload, made, found)


def _early(mesh: Mesh, workload: Workload, calls: Sequence[InitCall], made: Membership) -> Iterator[Early]:
    plane = control_plane(mesh, made.revision) if made.revision else None
    cut_off = cut_off_calls(plane, calls, workload.annotations, ids_of(plane, mesh.namespace(workload.namespace)))
    for call in calls:
        if call in cut_off:
            yield Early(call)
        elif not call.only_connects:
            refusals = (refused_by(mesh, workload.namespace, host.name, host.port) for host in call.hosts)
            if refusal := next(filter(None, refusals), None):
                yield Early(call, refusal)


def _finding(mesh: Mesh, workload: Workload, made: Membership, found: Sequence[Early]) -> Finding:
    first, plane = found[0], control_plane(mesh, made.revision) if made.revision else None
    failing = tuple(_failing(mesh, workload, found))
    unless = isinstance(made.native, Unknown)
    return Finding(
        resource=workload.ref,
        path=f"{workload.template_path}/spec/initContainers/{first.call.index}",
        message=f"{_who(found)} before the proxy runs{', unless the sidecar is native' if unless else ''}. {_effect(found)}",
        evidence=(
            *(f"{item.call.container}: {item.call.says}" for item in found),
            *(f"{item.refusal.service.ref} accepts only mutual TLS: {item.refusal.by.reason}" for item in found if item.refusal),
            *failing,
            *(_NOT_COVERED if app_waits(plane, workload.annotations) else ()),
            made.reason,
        ),
        fix=_fix(mesh, workload, plane, first),
        severity=Severity.ERROR if failing else Severity.INFO if unless else None,
    )


def _who(found: Sequence[Early]) -> str:
    names = [item.call.container for item in found]
    others = f" and {len(names) - 1} more" if names[1:] else ""
    return f"Init container {names[0]}{others} {'need' if others else 'needs'} the network"


def _effect(found: Sequence[Early]) -> str:
    whose = "Their" if found[1:] else "Its"
    if refusal := found[0].refusal:
        return f"{whose} calls are plain text, which {refusal.service.name} refuses: it accepts only mutual TLS (STRICT)."
    return f"Istio's CNI agent sends {whose.lower()} calls to the proxy, so they fail."


def _failing(mesh: Mesh, workload: Workload, found: Sequence[Early]) -> Iterator[str]:
    """What pods with an ordinary sidecar show of these init containers."""
    names = {item.call.container for item in found}
    for pod in mesh.pods_of(workload):
        if has_proxy(pod.spec) and not has_native_proxy(pod.spec):
            yield from (
                f"{pod.ref}: {status.name} fails, {status.restart_count} restarts"
                for _, status in failing_init_containers(pod)
                if status.name in names
            )


def _fix(mesh: Mesh, workload: Workload, plane: ControlPlane | None, first: Early) -> Fix:
    user = None if first.refusal else ids_of(plane, mesh.namespace(workload.namespace)).user
    return make_native(mesh, workload, plane, first.call.container, user)


RULE = Rule(
    code="MF206",
    name="init-container-before-proxy",
    severity=Severity.WARNING,
    inputs=kinds.WORKLOADS,
    optional=plain_text.INPUTS,
    summary="An init container needs the network before the proxy runs",
    check=check,
)
