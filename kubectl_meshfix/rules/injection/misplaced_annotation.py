"""MF312: an annotation or label of Istio's on an object where Istio does not read it."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection.labels import DATAPLANE_MODE
from kubectl_meshfix.mesh.istio_keys import ANNOTATIONS, LABELS, Key
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.waypoints import USE_WAYPOINT
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.injection import INPUTS
from kubectl_meshfix.rules.injection.annotated_objects import (
    READ,
    Entry,
    annotated_objects,
    entries,
    is_about_injection,
    moved_to_template,
)
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

INGRESS_CLASS = "kubernetes.io/ingress.class"
MISPLACED, DEPRECATED, UNKNOWN = "IST0107", "IST0135", "IST0108"
OF_PODS = frozenset({DATAPLANE_MODE, USE_WAYPOINT})
"""Labels that people write around a pod template. Others are copied to every object by kustomize or a chart, and mean nothing there."""


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each annotation on an object that is not among those it is read from, or that is a label; and labels around a pod template."""
    for found in annotated_objects(mesh):
        template = found.workload if found.workload and not found.of_pods else None
        for entry in entries(found, "annotations"):
            key, label = ANNOTATIONS.get(entry.name), LABELS.get(entry.name)
            if is_about_injection(entry.name):
                continue
            if key and not found.may_bear(key.kinds) and not (template and entry.name in template.annotations):
                yield _finding(mesh, entry, key, (MISPLACED, DEPRECATED) if key.is_deprecated else (MISPLACED,))
            elif not key and label and entry.name not in found.labels and found.may_bear(label.kinds):
                yield _not_an_annotation(entry)
        for entry in entries(found, "labels"):
            if template and entry.name in OF_PODS - template.labels.keys():
                yield _finding(mesh, entry, LABELS[entry.name], ())


def _finding(mesh: Mesh, entry: Entry, key: Key, codes: tuple[str, ...]) -> Finding:
    where, fix = " and ".join(sorted(key.kinds)), manual("Remove it, or set it on the object that it is meant for.")
    message = f"The {entry.word} {entry.name} is on the {entry.at.bearer}. Istio reads it only on {where} objects."
    if entry.is_around_template and "Pod" in key.kinds:
        message = f"The {entry.word} {entry.name} is on the {entry.at.bearer}, not on its pod template, and is ignored."
        fix = manual("Remove it: it is deprecated too.") if key.is_deprecated else moved_to_template(mesh, entry)
    severity = Severity.INFO if entry.name == INGRESS_CLASS else None
    return Finding(resource=entry.at.obj.ref, path=entry.path, message=message, fix=fix, severity=severity, aliases=codes)


def _not_an_annotation(entry: Entry) -> Finding:
    return Finding(
        resource=entry.at.obj.ref,
        path=entry.path,
        message=f"{entry.name} is an annotation here. Istio reads it as a label only.",
        fix=manual(f"Make it a label of the {entry.at.bearer}, or remove it."),
        aliases=(UNKNOWN,),
    )


RULE = Rule(
    code="MF312",
    name="misplaced-annotation",
    severity=Severity.WARNING,
    inputs=kinds.WORKLOADS,
    optional=(*INPUTS, kinds.NAMESPACE, *READ),
    about=(kinds.NAMESPACE, *READ, *kinds.WORKLOADS),
    words=("annotations", *sorted(OF_PODS)),
    aliases=(MISPLACED, UNKNOWN, DEPRECATED),
    summary="An annotation or label of Istio's is on an object where Istio does not read it",
    check=check,
)
