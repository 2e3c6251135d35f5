"""Editing manifests: RFC 6902 operations on the text, so that every byte they do not name stays."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from kubectl_meshfix.documents.editing.anchors import SpliceError
from kubectl_meshfix.documents.editing.changes import same
from kubectl_meshfix.documents.editing.edit_session import Draft, drafted, operated
from kubectl_meshfix.documents.editing.editable_parts import DocumentPatch, Part, item_parts, whole_parts
from kubectl_meshfix.documents.editing.layout import TextEdit, edited
from kubectl_meshfix.documents.patch import Operation, PatchConflictError, patched
from kubectl_meshfix.documents.reading.read import Reading, read
from kubectl_meshfix.errors import TargetError

__all__ = ["DocumentPatch", "SpliceError", "Spliced", "splice", "splice_each"]


class Spliced(NamedTuple):
    """A text after patches, and for each of them why it was not made, None if it was."""

    text: str
    errors: tuple[TargetError | None, ...]


def splice(text: str, index: int, operations: Sequence[Operation]) -> str:
    """``text`` with ``operations`` made on its document ``index``, and every byte that they do not name as it was.

    Raises SpliceError where that cannot be done, and PatchConflictError where the operations do not fit the document.
    """
    result, (error,) = splice_each(text, [DocumentPatch(index, operations)])
    if error is not None:
        raise error
    return result


def splice_each(text: str, patches: Sequence[DocumentPatch]) -> Spliced:
    """``text`` with each of ``patches`` made on what the ones before have left; one that cannot be made is left out.

    The result is read once more as a whole: if any document is not what its patches make of its value, none of them is made.
    Patches of a ``List``'s item are made in the item's own text where they can be, so that many cost little more than one.
    """
    reading = read(text)
    for parts in (item_parts(text, reading, patches), whole_parts(text, reading, patches)):
        spliced = _spliced(text, patches, parts)
        if spliced is not None and _is_as_wanted(reading, spliced, patches):
            return spliced
    return Spliced(text, (SpliceError("The text would not hold the fixed object after the change, so it was not changed."),) * len(patches))


def _spliced(text: str, patches: Sequence[DocumentPatch], parts: list[Part | None]) -> Spliced | None:
    """The text after ``patches``, each made in its part; None if a part cannot be read without what is around it."""
    drafts: dict[Part, Draft] = {}
    errors: list[TargetError | None] = []
    for patch, part in zip(patches, parts, strict=True):
        if part is None:
            errors.append(SpliceError(f"There is no document {patch.document} in this text."))
            continue
        try:
            if part not in drafts:
                drafts[part] = drafted(text[part.start : part.end], part.line)
        except SpliceError:
            return None
        operations = part.own(patch.operations)
        try:
            drafts[part] = operated(drafts[part], operations)
        except TargetError as error:
            errors.append(_in_lines_of(text, part, operations, error))
        else:
            errors.append(None)
    edits = [TextEdit(part.start, part.end, draft.text) for part, draft in drafts.items()]
    return Spliced(edited(text, edits), tuple(errors))


def _in_lines_of(text: str, part: Part, operations: Sequence[Operation], error: TargetError) -> TargetError:
    """``error``, or the one that tells the same with the lines of ``text`` as it is, before other patches moved them."""
    try:
        operated(drafted(text[part.start : part.end], part.line), operations)
    except TargetError as unmoved:
        return unmoved if type(unmoved) is type(error) else error
    return error


def _is_as_wanted(before: Reading, spliced: Spliced, patches: Sequence[DocumentPatch]) -> bool:
    """Are all documents what the patches make of their values, and the others what they were?"""
    after = read(spliced.text)
    if (len(after.documents), len(after.problems)) != (len(before.documents), len(before.problems)):
        return False
    operations: dict[int, list[Operation]] = defaultdict(list)
    for patch, error in zip(patches, spliced.errors, strict=True):
        if error is None:
            operations[patch.document] += patch.operations
    try:
        return all(
            same(patched(old.value, operations[old.index]) if old.index in operations else old.value, new.value)
            for old, new in zip(before.documents, after.documents, strict=True)
        )
    except PatchConflictError:
        return False
