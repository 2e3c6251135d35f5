"""Whole objects as they are and as they would be, for those who make the change elsewhere."""

from typing import Any

from kubectl_meshfix.documents.patch import PatchConflictError, patched
from kubectl_meshfix.documents.pointer import at
from kubectl_meshfix.documents.reading.manifests import Manifests
from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.fixes.plan import Change, Plan, Refusal
from kubectl_meshfix.resources.meta import Struct


class FullObject(Struct, frozen=True):
    """One change, with the object before and after it."""

    change: Change
    before: dict[str, Any]
    after: dict[str, Any]


def full_objects(plan: Plan, manifests: Manifests) -> tuple[tuple[FullObject, ...], tuple[Refusal, ...]]:
    """The objects of manifests that a plan changes, and what does not fit."""
    documents = {file: [document.value for document in read(text).documents] for file, text in manifests.texts.items()}
    wholes: list[FullObject] = []
    refusals: list[Refusal] = []
    for change in plan.changes:
        origin = manifests.origins.get(change.resource.key)
        try:
            before = at(documents[origin.file][origin.document], origin.prefix) if origin else None
            if before is None:
                refusals.append(Refusal(resource=change.resource, reason="it is not in these files"))
                continue
            wholes.append(FullObject(change=change, before=before, after=patched(before, change.operations)))
        except PatchConflictError as error:
            refusals.append(Refusal(resource=change.resource, reason=error.message))
    return tuple(wholes), tuple(refusals)
