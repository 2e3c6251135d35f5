"""MF205: a sidecar that keeps a finished pod running."""

from collections.abc import Iterator

from kubectl_meshfix.chain.steps import answer
from kubectl_meshfix.fixes import pod_template
from kubectl_meshfix.fixes.fix import Fix, Safety, at_risk, manual
from kubectl_meshfix.injection import risks
from kubectl_meshfix.injection.injector import OLDEST_KUBELET, choose_sidecar, why_not_native
from kubectl_meshfix.injection.inputs import WORKLOAD_INPUTS
from kubectl_meshfix.injection.labels import INJECT, NATIVE
from kubectl_meshfix.injection.membership import Mode, membership
from kubectl_meshfix.injection.prediction import look_at
from kubectl_meshfix.injection.proxy import PROXY, has_proxy
from kubectl_meshfix.mesh.control_plane import ControlPlane, control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.rules.injection.misspelt_labels import misspelt_labels
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.rules.workloads import user_workloads
from kubectl_meshfix.rules.workloads.ending_pods import ends_the_proxy, is_stuck, is_to_end

ORDINARY = "The sidecar is an ordinary container and keeps running after the work"
UNKNOWN = "Unless the sidecar is a native one, it keeps running after the work"

_NEVER_ENDS = {kinds.JOB: "the Job never completes", kinds.CRON_JOB: "this CronJob's Jobs never complete"}


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload whose pods are to end and get a sidecar that is no native one, or may be none."""
    for workload in user_workloads(mesh):
        made = membership(mesh, workload)
        if not is_to_end(workload) or made.mode is not Mode.SIDECAR or ends_the_proxy(workload):
            continue
        plane = control_plane(mesh, made.revision) if made.revision else None
        view = look_at(mesh, workload.namespace, workload.template)
        why = made.reason if has_proxy(workload.spec) else answer(choose_sidecar(mesh, plane, view)).reason
        stuck = [pod for pod in mesh.pods_of(workload) if is_stuck(pod)]
        yield Finding(
            resource=workload.ref,
            path=pod_template.annotation_path(workload, NATIVE),
            message=f"{ORDINARY if made.native is False else UNKNOWN}: {_NEVER_ENDS.get(workload.kind, 'the pod never ends')}.",
            evidence=(made.reason, why, *(f"{pod.ref}: only {PROXY} still runs" for pod in stuck)),
            fix=_fix(mesh, workload, plane, stuck),
            severity=None if made.native is False else Severity.INFO,
        )


def _fix(mesh: Mesh, workload: Workload, plane: ControlPlane | None, stuck: list[Pod]) -> Fix:
    too_old = why_not_native(mesh, plane)
    if too_old:
        summary = f'Add the label {INJECT}: "false" to the pod template ({too_old.why}).'
        operations, risk = pod_template.set_label(workload, INJECT, "false"), risks.PODS_LEAVE
    else:
        unread = "" if mesh.knows(kinds.NODE) else f" All nodes need kubelet 1.{OLDEST_KUBELET} or newer; no nodes were read."
        summary = f'Add the annotation {NATIVE}: "true" to the pod template.{unread}'
        operations, risk = pod_template.set_annotation(workload, NATIVE, "true"), risks.NATIVE_SIDECAR
    if any(found.asks is False and found.label == INJECT for found in misspelt_labels(workload)):
        fix = manual("Correct the label or annotation that asks for no sidecar (MF303): without one, the pods end.")
    elif workload.maker is None and mesh.is_live(workload.ref) and workload.is_pod:
        fix = manual(summary, why="A running pod keeps its proxy: delete it and create it again.")
    elif workload.maker is None and has_proxy(workload.spec):
        fix = manual(summary, why="The template contains the proxy: remove it, and let the injector add it.")
    else:
        fix = at_risk(pod_template.change(mesh, workload, operations, summary, Safety.UNSAFE), risk)
    if fix.safety is not Safety.MANUAL:
        return fix
    ending = (f"kubectl exec{pod.ref.namespace_flag} {pod.name} -c {PROXY} -- pilot-agent request POST quitquitquit" for pod in stuck)
    return manual(fix.summary, *ending, why=fix.why or "")


RULE = Rule(
    code="MF205",
    name="sidecar-outlives-job",
    severity=Severity.ERROR,
    inputs=kinds.WORKLOADS,
    optional=WORKLOAD_INPUTS,
    about=kinds.WORKLOADS,
    words=("Job", "restartPolicy"),
    summary="A sidecar keeps a finished pod running",
    check=check,
)
