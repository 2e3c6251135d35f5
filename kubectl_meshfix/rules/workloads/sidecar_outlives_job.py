"""MF205: a sidecar that keeps a finished pod running."""

import re
from collections.abc import Iterator

from kubectl_meshfix.fixes import pod_template
from kubectl_meshfix.fixes.fix import Fix, Safety, at_risk, manual
from kubectl_meshfix.injection import risks
from kubectl_meshfix.injection.injector.native_sidecar import native_sidecar
from kubectl_meshfix.injection.labels import INJECT, NATIVE
from kubectl_meshfix.injection.membership import WORKLOAD_INPUTS, Mode, membership
from kubectl_meshfix.injection.proxy import PROXY, has_proxy
from kubectl_meshfix.mesh.control_plane import ControlPlane, control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Node, Pod
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.rules.workloads import user_workloads

ENDS_THE_PROXY = re.compile(r"quitquitquit|pilot-agent|kill.*envoy")
"""Words in a container's command by which it ends the proxy itself."""

OLDEST_KUBELET = 29
"""Since Kubernetes 1.29 kubelet knows native sidecars unless told otherwise; before, the pod would never start."""


_WHO_WAITS = {kinds.JOB: "the Job never completes", kinds.CRON_JOB: "none of its Jobs ever completes"}


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload whose pods are to end and get a sidecar that is no native one, or may be none."""
    for workload in user_workloads(mesh):
        made = membership(mesh, workload)
        if not _is_to_end(workload) or made.mode is not Mode.SIDECAR or _ends_the_proxy(workload):
            continue
        plane = control_plane(mesh, made.revision) if made.revision else None
        why = made.reason if has_proxy(workload.spec) else native_sidecar(mesh, plane, workload.template).reason
        stuck = [pod for pod in mesh.pods_of(workload) if _is_stuck(pod)]
        yield Finding(
            resource=workload.ref,
            path=pod_template.annotation_path(workload, NATIVE),
            message=f"{'Its sidecar is an ordinary container: it' if made.native is False else 'Unless its sidecar is a native one, it'} "
            f"goes on running when the work is done, and {_WHO_WAITS.get(workload.kind, 'the pod never ends')}.",
            evidence=(made.reason, why, *(f"{pod.ref}: all containers have ended but {PROXY}" for pod in stuck)),
            fix=_fix(mesh, workload, plane, stuck),
            severity=None if made.native is False else Severity.INFO,
        )


def _is_to_end(workload: Workload) -> bool:
    return workload.runs_to_completion or (workload.is_pod and workload.spec.restart_policy in ("Never", "OnFailure"))


def _ends_the_proxy(workload: Workload) -> bool:
    words = (word for container in workload.spec.containers if container.name != PROXY for word in (*container.command, *container.args))
    wrapped = any(variable.name == "ISTIO_QUIT_API" for container in workload.spec.containers for variable in container.env)
    return wrapped or any(ENDS_THE_PROXY.search(word) for word in words)


def _is_stuck(pod: Pod) -> bool:
    others = [status for status in pod.status.container_statuses if status.name != PROXY]
    proxy = next((status for status in pod.status.container_statuses if status.name == PROXY), None)
    return bool(others) and all(status.state.terminated for status in others) and bool(proxy and proxy.state.running)


def _fix(mesh: Mesh, workload: Workload, plane: ControlPlane | None, stuck: list[Pod]) -> Fix:
    too_old = _too_old(mesh, plane)
    if too_old:
        summary = f'Add the label {INJECT}: "false" to the pod template, because {too_old}.'
        operations, risk = pod_template.set_label(workload, INJECT, "false"), risks.PODS_LEAVE
    else:
        unread = "" if mesh.knows(kinds.NODE) else f" Every node needs kubelet 1.{OLDEST_KUBELET} or newer, and no nodes were read."
        summary = f'Add the annotation {NATIVE}: "true" to the pod template, by which kubelet ends the proxy after the work.{unread}'
        operations, risk = pod_template.set_annotation(workload, NATIVE, "true"), risks.NATIVE_SIDECAR
    if workload.maker is None and mesh.live and workload.is_pod:
        fix = manual(summary, why="A running pod keeps the proxy it has: delete it and create it anew.")
    elif workload.maker is None and has_proxy(workload.spec):
        fix = manual(summary, why="The proxy is part of the template: take it out, and let the injector add it.")
    else:
        fix = at_risk(pod_template.change(mesh, workload, operations, summary, Safety.UNSAFE), risk)
    if fix.safety is not Safety.MANUAL:
        return fix
    ending = (f"kubectl exec{pod.ref.namespace_flag} {pod.name} -c {PROXY} -- pilot-agent request POST quitquitquit" for pod in stuck)
    return manual(fix.summary, *ending, why=fix.why or "")


def _too_old(mesh: Mesh, plane: ControlPlane | None) -> str:
    """What knows no native sidecars, in words; empty where nothing that was read is too old for them."""
    injector = plane.injector if plane else None
    if injector and "sidecar" in injector.templates and NATIVE not in injector.text:
        return "its injector's template knows no native sidecars"
    minors = {node.name: re.match(r"v?\d+\.(\d+)", node.status.node_info.kubelet_version) for node in mesh.all(Node)}
    old = next((name for name, minor in minors.items() if minor and int(minor[1]) < OLDEST_KUBELET), None)
    return f"the kubelet of node {old} is older than 1.{OLDEST_KUBELET} and knows no native sidecars" if old else ""


RULE = Rule(
    code="MF205",
    name="sidecar-outlives-job",
    severity=Severity.ERROR,
    inputs=kinds.WORKLOADS,
    optional=WORKLOAD_INPUTS,
    summary="A sidecar keeps a finished pod running",
    check=check,
)
