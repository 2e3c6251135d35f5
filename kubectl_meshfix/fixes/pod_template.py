"""Changes of pod templates: maps that may be absent, and what prevents a change."""

import re
from collections.abc import Mapping

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes.fix import LATER, REPLACED, Fix, Patch, Safety, manual
from kubectl_meshfix.fixes.managed_by import manager
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds


def label_path(workload: Workload, key: str) -> str:
    """The JSON pointer of a label of the template, whether it is there or not."""
    return workload.template_path + join("metadata", "labels", key)


def annotation_path(workload: Workload, key: str) -> str:
    """The JSON pointer of an annotation of the template, whether it is there or not."""
    return workload.template_path + join("metadata", "annotations", key)


def set_label(workload: Workload, key: str, value: str) -> tuple[Operation, ...]:
    """Operations that give the template a label, creating the maps above it only where they are absent."""
    return _set(workload, "labels", workload.labels, key, value)


def set_annotation(workload: Workload, key: str, value: str) -> tuple[Operation, ...]:
    """Operations that give the template an annotation, creating the maps above it only where they are absent."""
    return _set(workload, "annotations", workload.annotations, key, value)


def remove_annotation(workload: Workload, key: str) -> tuple[Operation, ...]:
    """Operations that take an annotation from the template, with its map where nothing else is in it."""
    present, path = workload.annotations, annotation_path(workload, key)
    if len(present) > 1:
        return Operation("test", path, present[key]), Operation("remove", path)
    path = workload.template_path + join("metadata", "annotations")
    return Operation("test", path, dict(present)), Operation("remove", path)


def _set(workload: Workload, field: str, present: Mapping[str, str], key: str, value: str) -> tuple[Operation, ...]:
    metadata = workload.template_path + join("metadata")
    path = metadata + join(field, key)
    if key in present:
        return Operation("test", path, present[key]), Operation("replace", path, value)
    if present:
        return (Operation("add", path, value),)
    if workload.template.metadata is None:
        return (Operation("add", metadata, {field: {key: value}}),)
    return (Operation("add", metadata + join(field), {key: value}),)


def is_label_value(text: str) -> bool:
    """Whether a label may have this value (`k8s.io/apimachinery/pkg/util/validation IsValidLabelValue`)."""
    return len(text) <= 63 and re.fullmatch(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?", text) is not None


def change(mesh: Mesh, workload: Workload, operations: tuple[Operation, ...], summary: str, safety: Safety) -> Fix:
    """The fix that changes a template, by hand where the template is not to be changed. What an unsafe one risks, the caller knows."""
    if why := why_not_patchable(mesh, workload, operations):
        return manual(summary, why=why)
    plain = REPLACED if pods_rolled(workload) is Safety.RESTART else LATER
    risk = plain if safety is Safety.RESTART else None
    return Fix(summary=summary, safety=safety, risk=risk, patches=(Patch(workload.ref, operations),))


def why_not_patchable(mesh: Mesh, workload: Workload, operations: tuple[Operation, ...]) -> str:
    """Why a template cannot be patched where it is, as one sentence; empty where it can."""
    if workload.maker:
        made_by = manager(workload.object)
        return f"{made_by.name if made_by else workload.maker.kind} would undo a change of the {workload.kind}: make the change there."
    if not mesh.is_live(workload.ref):
        return ""
    if workload.kind is kinds.JOB:
        return "The template of an existing Job cannot be changed: delete the Job and create it again."
    if workload.is_pod and any(not operation.path.startswith("/metadata/") for operation in operations):
        return "An existing pod cannot be changed like this: delete it and create it again."
    return ""


def pods_rolled(workload: Workload) -> Safety:
    """What a change of the template's labels or annotations does by itself.

    A bare pod takes it in place, and a CronJob keeps it for its next Job; all others replace pods.
    """
    return Safety.SAFE if workload.is_pod or workload.kind is kinds.CRON_JOB else Safety.RESTART
