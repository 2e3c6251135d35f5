"""MF310: the API server refuses the new pods of a workload of the mesh."""

from collections.abc import Iterator

from kubectl_meshfix.chain.words import clause
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.injection import new_pods
from kubectl_meshfix.injection.apiserver import called_by_name
from kubectl_meshfix.injection.checks.kubelet import POD_SECURITY, SECURITY_CONTEXT
from kubectl_meshfix.injection.kubelet import CurrentRefusal, find_refusal_now
from kubectl_meshfix.injection.membership import in_mesh, membership
from kubectl_meshfix.injection.pod_security import find_forbidden
from kubectl_meshfix.mesh.control_plane import plane_of_revision
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.injection import cni_agent, unfinished
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload of the mesh whose newest pod is refused, unless its webhook or its namespace has a finding about that."""
    for workload in unfinished(mesh):
        if workload.is_pod:
            continue
        made = membership(mesh, workload)
        now = find_refusal_now(mesh, workload, made)
        if now and (made.wanted or in_mesh(mesh, workload)) and not _is_told_elsewhere(mesh, workload, now):
            yield _finding(mesh, workload, now)


def _is_told_elsewhere(mesh: Mesh, workload: Workload, now: CurrentRefusal) -> bool:
    """Whether MF309 has a finding about the webhook, or MF306 one about the namespace."""
    refused = now.refused
    if called_by_name(mesh, refused.webhook, refused.host):
        return True
    is_of_namespace = refused.step.outcome.check in (POD_SECURITY, SECURITY_CONTEXT)
    return is_of_namespace and refused.is_about_injection and find_forbidden(mesh, workload) is not None


def _finding(mesh: Mesh, workload: Workload, now: CurrentRefusal) -> Finding:
    refused = now.refused
    running = [pod for pod in mesh.pods_of(workload) if not pod.metadata.deletion_timestamp]
    further = "further " if running else ""
    effect = "" if refused.is_about_injection else " It names nothing of Istio's."
    return Finding(
        resource=workload.ref,
        path=workload.template_path,
        message=f"No {further}pod can be created: {clause(refused.step)}.{effect}",
        evidence=(f"the API server's words: {now.failure.message}", now.failure.source),
        fix=_fix(mesh, workload, now),
        severity=Severity.ERROR if refused.is_about_injection else Severity.INFO,
    )


def _fix(mesh: Mesh, workload: Workload, now: CurrentRefusal) -> Fix:
    refused, revision = now.refused, membership(mesh, workload).revision
    plane = plane_of_revision(mesh, revision)
    if refused.is_about_init and plane:
        return manual(refused.advice, *cni_agent.commands(plane))
    return manual(refused.advice, *((refused.command,) if refused.command else ()))


RULE = Rule(
    code="MF310",
    name="pods-cannot-be-created",
    severity=Severity.ERROR,
    inputs=kinds.WORKLOADS,
    optional=new_pods.INPUTS,
    about=kinds.WORKLOADS,
    words=("FailedCreate",),
    summary="The API server refuses the new pods of a workload of the mesh",
    check=check,
)
