"""MF201: nothing on a workload's pods names the application."""

from collections.abc import Iterator

from kubectl_meshfix.fixes import pod_template
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.rules.workloads import VERSION, applications
from kubectl_meshfix.rules.workloads.derived_labels import Derived, add_label
from kubectl_meshfix.traffic.newly_selecting import SELECTING

LABELS = ("service.istio.io/canonical-name", "app.kubernetes.io/name", "app")
"""What Istio reads the application's name from, first one first (`pkg/kube/labels/labels.go nameLabels`)."""

OTHER_LABELS = ("k8s-app", "io.kompose.service", "run", "application", "service", "name")
"""What people and tools call it elsewhere."""


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload whose template has none of the three labels."""
    for workload in applications(mesh):
        if any(label in workload.labels for label in LABELS):
            continue
        name = _application(mesh, workload)
        is_versioned = VERSION.search(workload.name)
        effect = "each version appears as a service of its own" if is_versioned else "nothing tells what it is a part of"
        yield Finding(
            resource=workload.ref,
            path=pod_template.label_path(workload, "app"),
            message=f'Nothing on its pods names the application, so Istio goes by the name of the {workload.kind}, "{workload.name}": '
            f"{effect} in metrics and traces, and Kiali leaves it out of the application graph.",
            evidence=(f"none of {', '.join(LABELS)} on the pod template", f'"{name.value}": {name.source}'),
            fix=add_label(mesh, workload, "app", name),
        )


def _application(mesh: Mesh, workload: Workload) -> Derived:
    """The application's name: from a label that says so elsewhere, from the one Service that selects the pods, else from the object's."""
    found = [Derived(workload.meta.labels.get(label, ""), f"the label {label} of the {workload.kind} itself") for label in LABELS]
    found += [Derived(workload.labels.get(label, ""), f"its label {label}") for label in OTHER_LABELS]
    services = mesh.services_selecting(workload.namespace, workload.labels)
    if len(services) == 1:
        found.append(Derived(services[0].name, f"the name of the Service {services[0].name}, which alone selects its pods"))
    name = VERSION.sub("", workload.name)
    own = Derived(name[:63].rstrip("-."), f"the name of the {workload.kind}{' without its version' if name != workload.name else ''}")
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
    summary="Nothing on a workload's pods names the application",
    check=check,
)
