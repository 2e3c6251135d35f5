"""MF202: nothing on a workload's pods tells their version."""

from collections.abc import Iterator

from kubectl_meshfix.fixes import pod_template
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.rules.workloads import VERSION, applications
from kubectl_meshfix.rules.workloads.derived_labels import Derived, add_label
from kubectl_meshfix.traffic.newly_selecting import SELECTING

LABELS = ("service.istio.io/canonical-revision", "app.kubernetes.io/version", "version")
"""What Istio reads the version from, first one first (`pkg/kube/labels/labels.go revisionLabels`)."""

UNTOLD = Derived("v1", "a guess: neither the name, nor a label, nor the image's tag tells one", is_guess=True)
"""The version of what has none, as Istio's own examples count."""


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload whose template has none of the three labels; what runs to completion has no versions side by side."""
    for workload in applications(mesh):
        if workload.runs_to_completion or any(label in workload.labels for label in LABELS):
            continue
        version = _version(workload)
        yield Finding(
            resource=workload.ref,
            path=pod_template.label_path(workload, "version"),
            message='Nothing on its pods tells their version, so Istio calls all of them "latest": metrics and traces cannot tell a '
            "canary from what it replaces, and no DestinationRule can make a subset of it.",
            evidence=(f"none of {', '.join(LABELS)} on the pod template", f'"{version.value}": {version.source}'),
            fix=add_label(mesh, workload, "version", version),
        )


def _version(workload: Workload) -> Derived:
    """The version, from the name, a label of the object, or the image. A tag without a digit, such as ``latest`` or ``stable``, is none."""
    container = next(iter(workload.spec.containers), None)
    image = container.image.partition("@")[0].rpartition("/")[2] if container else ""
    tag = image.partition(":")[2]
    suffix = VERSION.search(workload.name)
    found = [Derived(suffix[1] if suffix else "", f"the end of the name {workload.name}")]
    found += [Derived(workload.meta.labels.get(label, ""), f"the label {label} of the {workload.kind} itself") for label in LABELS]
    found.append(Derived(tag if any(sign.isdigit() for sign in tag) else "", f"the tag of the image {image}"))
    return next((item for item in found if item.value and pod_template.is_label_value(item.value)), UNTOLD)


RULE = Rule(
    code="MF202",
    name="missing-version-label",
    severity=Severity.INFO,
    inputs=kinds.WORKLOADS,
    optional=SELECTING,
    summary="Nothing on a workload's pods tells their version",
    check=check,
)
