"""MF202: a workload's pods have no label with their version."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from kubectl_meshfix.fixes import pod_template
from kubectl_meshfix.fixes.corrections import few
from kubectl_meshfix.fixes.fix import Fix, manual
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.rules.workloads import VERSION, applications
from kubectl_meshfix.rules.workloads.derived_labels import Derived, missing_label
from kubectl_meshfix.traffic.newly_selecting import SELECTING

if TYPE_CHECKING:
    from kubectl_meshfix.rules.workloads.version_needs import Need

LABELS = ("service.istio.io/canonical-revision", "app.kubernetes.io/version", "version")
"""Labels from which Istio reads the version, in this order (`pkg/kube/labels/labels.go revisionLabels`)."""

UNKNOWN = Derived("v1", "a guess: no name, label or image tag has a version", is_guess=True)
"""The version where none is found, as in Istio's own examples."""

_VERSION = r"v?\d.*|[0-9a-f]{7,64}"
"""What an image's tag looks like where it is a version, or a commit; ``latest``, ``stable`` and ``e2e-tests`` are none."""

MESSAGE = 'The pods have no version label. Metrics report all versions as "latest", and subsets cannot tell them apart.'


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload whose template has none of the three labels; what runs to completion has no versions side by side.

    Only where something tells versions apart does it matter, and only there it is reported without being asked for.
    """
    for workload in applications(mesh):
        if workload.runs_to_completion or any(label in workload.labels for label in LABELS):
            continue
        from kubectl_meshfix.rules.workloads.version_needs import why_needed  # noqa: PLC0415 -- for what is wrong alone

        need = why_needed(mesh, workload)
        found = missing_label(mesh, workload, LABELS, _version(workload), MESSAGE)
        if need:
            found = msgspec.structs.replace(found, evidence=(*found.evidence, need.reason), fix=_fix(workload, need, found.fix))
        yield msgspec.structs.replace(found, on_request=not need)


def _fix(workload: Workload, need: "Need", fix: Fix | None) -> Fix | None:
    """The fix, by hand where the value would not tell the pods from the others, and where no subset chooses it."""
    version = _version(workload).value
    if need.chosen and version not in need.chosen:
        return manual(f"Add the label version to the pod template, as a subset has it: {few(need.chosen)}.")
    if need.other and _told(need.other) == version:
        return manual(f"Add a version label that tells these pods from those of {need.other.ref}.")
    return fix


def _told(workload: Workload) -> str:
    """The version that a workload's pods have, or would get."""
    return next((workload.labels[label] for label in LABELS if label in workload.labels), _version(workload).value)


def _version(workload: Workload) -> Derived:
    """The version, from the name, a label of the object, or the image."""
    container = next(iter(workload.spec.containers), None)
    image = container.image.partition("@")[0].rpartition("/")[2] if container else ""
    tag = image.partition(":")[2]
    suffix = VERSION.search(workload.name)
    found = [Derived(suffix[1] if suffix else "", f"end of the name {workload.name}")]
    found += [Derived(workload.meta.labels.get(label, ""), f"label {label} of the {workload.kind}") for label in LABELS]
    found.append(Derived(tag if re.fullmatch(_VERSION, tag) else "", f"tag of the image {image}"))
    return next((item for item in found if item.value and pod_template.is_label_value(item.value)), UNKNOWN)


RULE = Rule(
    code="MF202",
    name="missing-version-label",
    severity=Severity.INFO,
    inputs=kinds.WORKLOADS,
    optional=SELECTING,
    about=kinds.WORKLOADS,
    summary="Pods have no label with their version",
    check=check,
)
