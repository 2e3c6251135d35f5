"""The findings about objects of Istio's that select no pod."""

from collections.abc import Iterator, Mapping

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.fixes.corrections import few
from kubectl_meshfix.fixes.fix import Fix, Safety, manual
from kubectl_meshfix.fixes.selector_typos import labelled, nearly_selected, select
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.rules.absence import absence
from kubectl_meshfix.rules.rule import Finding
from kubectl_meshfix.traffic.attachment import Attachment, applies_to_nothing, attachments
from kubectl_meshfix.traffic.workload_selectors import misses, selected_elsewhere, workloads_of


class Effect(msgspec.Struct, frozen=True):
    """What it means that an object of a kind selects nothing, as a clause, the risk of correcting it, and the codes of other tools."""

    clause: str
    risk: str
    aliases: tuple[str, ...]


def selecting_nothing(mesh: Mesh, effects: Mapping[Kind, Effect]) -> Iterator[Finding]:
    """A finding for each object of some kinds with labels that no pod gets where it selects."""
    for obj, attached in attachments(mesh, *effects):
        if applies_to_nothing(mesh, attached):
            yield _finding(mesh, obj, attached, effects[kinds.of_object(obj)])


def _finding(mesh: Mesh, obj: Object, attached: Attachment, effect: Effect) -> Finding:
    place = attached.namespace
    elsewhere = selected_elsewhere(mesh, attached.labels, place) if place else ()
    fix = _fix(mesh, obj, attached, effect.risk, elsewhere)
    where = (f"namespace {place}" if obj.ref.namespace else "its namespace") if place else "the mesh"
    what = f"workload in {where} with the {labelled(attached.labels)}"
    is_slip = fix.safety is not Safety.MANUAL or bool(elsewhere)
    message, severity = absence(what, effect.clause, is_live=mesh.live, is_slip=is_slip)
    is_misplaced = bool(elsewhere) and fix.safety is Safety.MANUAL
    path = "/metadata" if is_misplaced else pointer.join(*attached.field, *misses(mesh, attached.labels, place))
    return Finding(resource=obj.ref, path=path, message=message, fix=fix, severity=severity, aliases=effect.aliases)


def _fix(mesh: Mesh, obj: Object, attached: Attachment, risk: str, elsewhere: tuple[str, ...]) -> Fix:
    meant = nearly_selected(attached.labels, workloads_of(mesh, attached.namespace))
    if meant:
        return select(obj.ref, attached.field, attached.labels, meant, risk=risk)
    if elsewhere:
        return manual(f"Move this {obj.ref.kind} to namespace {few(elsewhere)}, where pods have these labels.")
    where = obj.ref.namespace_flag if attached.namespace else " -A"
    return manual("Select labels that pods have.", f"kubectl get pods{where} --show-labels")
