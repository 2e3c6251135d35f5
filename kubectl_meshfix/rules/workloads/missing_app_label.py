"""MF201: a workload's pods have no label with the application's name."""

from collections.abc import Iterator

from kubectl_meshfix.fixes import pod_template
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.rules.workloads import VERSION, applications
from kubectl_meshfix.rules.workloads.derived_labels import Derived, missing_label
from kubectl_meshfix.traffic.newly_selecting import SELECTING

LABELS = ("service.istio.io/canonical-name", "app.kubernetes.io/name", "app")
"""Labels from which Istio reads the application's name, in this order (`pkg/kube/labels/labels.go nameLabels`)."""

OTHER_LABELS = ("k8s-app", "io.kompose.service", "run", "application", "service", "name")
"""Labels that people and other tools use for it."""


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload whose template has none of the three labels."""
    for workload in applications(mesh):
        if any(label in workload.labels for label in LABELS):
            continue
        effect = "Metrics show each version as its own service." if VERSION.search(workload.name) else "Kiali's app graph omits them."
        message = f'The pods have no app label, so Istio names them "{workload.name}". {effect}'
        yield missing_label(mesh, workload, LABELS, _application(mesh, workload), message)


def _application(mesh: Mesh, workload: Workload) -> Derived:
    """The application's name: from a label that says so elsewhere, from the one Service that selects the pods, else from the object's."""
    found = [Derived(workload.meta.labels.get(label, ""), f"label {label} of the {workload.kind}") for label in LABELS]
    found += [Derived(workload.labels.get(label, ""), f"its label {label}") for label in OTHER_LABELS]
    services = mesh.services_selecting(workload.namespace, workload.labels)
    if len(services) == 1:
        found.append(Derived(services[0].name, "name of the only Service that selects them"))
    name = VERSION.sub("", workload.name)
    own = Derived(name[:63].rstrip("-."), f"name of the {workload.kind}{', without its version' if name != workload.name else ''}")
    return next((item for item in found if _is_name(workload, item.value) and pod_template.is_label_value(item.value)), own)


def _is_name(workload: Workload, value: str) -> bool:
    """Whether a value names anything: for years kubebuilder's scaffold wrote ``app.kubernetes.io/name: deployment``."""
    return value.lower() not in ("", workload.kind.singular)


RULE = Rule(
    code="MF201",
    name="missing-app-label",
    severity=Severity.WARNING,
    inputs=kinds.WORKLOADS,
    optional=SELECTING,
    summary="Pods have no label with the application's name",
    check=check,
)
