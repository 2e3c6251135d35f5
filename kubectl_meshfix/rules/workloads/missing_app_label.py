"""MF201: a workload's pods have no label with the application's name."""

from collections.abc import Iterator

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.rules.workloads import VERSION, applications
from kubectl_meshfix.rules.workloads.app_names import LABELS, application
from kubectl_meshfix.rules.workloads.derived_labels import missing_label
from kubectl_meshfix.traffic.newly_selecting import SELECTING


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload whose template has none of the three labels; Jobs and bare pods only where a Service sends them requests."""
    for workload in applications(mesh):
        if any(label in workload.labels for label in LABELS):
            continue
        if (workload.is_pod or workload.runs_to_completion) and not mesh.services_selecting(workload.namespace, workload.labels):
            continue
        effect = "Metrics show each version as its own service." if VERSION.search(workload.name) else "Kiali's app graph omits them."
        message = f'The pods have no app label, so Istio names them "{workload.name}". {effect}'
        yield missing_label(mesh, workload, LABELS, application(mesh, workload), message)


RULE = Rule(
    code="MF201",
    name="missing-app-label",
    severity=Severity.INFO,
    inputs=kinds.WORKLOADS,
    optional=SELECTING,
    about=kinds.WORKLOADS,
    summary="Pods have no label with the application's name",
    check=check,
)
