"""Edits of files as the journal keeps them: enough to restore every byte, and the fields for files that went on changing."""

import difflib
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from kubectl_meshfix.documents.editing.changes import same
from kubectl_meshfix.documents.pointer import at
from kubectl_meshfix.documents.reading.list_kind import objects
from kubectl_meshfix.documents.reading.manifests import Manifests
from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.targets.field_reversal import changed_fields
from kubectl_meshfix.targets.files import FileEdit
from kubectl_meshfix.targets.journal_entry import FileChange, Hunk, Inside

MANY = 2000
"""Lines that are compared one with another; the time for it grows with their square."""


def file_change(edit: FileEdit, manifests: Manifests) -> FileChange:
    """What an edit is about to do."""
    return FileChange(
        file=str(Path(edit.file).resolve()),
        before_hash=hashed(edit.before),
        after_hash=hashed(edit.after),
        hunks=tuple(_hunks(edit.before.splitlines(keepends=True), edit.after.splitlines(keepends=True))),
        objects=tuple(_documents(edit) if edit.is_built_from else _inside(edit, manifests)),
        created=edit.is_new,
    )


def hashed(text: str) -> str:
    """The SHA-256 of a text's bytes."""
    return hashlib.sha256(text.encode()).hexdigest()


def restored(text: str, hunks: Sequence[Hunk]) -> str | None:
    """The text before the edit from the one after it; None where a hunk does not fit."""
    lines = text.splitlines(keepends=True)
    for hunk in reversed(hunks):
        end = hunk.line + len(hunk.after)
        if tuple(lines[hunk.line : end]) != hunk.after:
            return None
        lines[hunk.line : end] = hunk.before
    return "".join(lines)


def _hunks(before: list[str], after: list[str]) -> Iterator[Hunk]:
    """The lines that differ; where there are very many between the first and the last of them, all of those as one."""
    shorter = min(len(before), len(after))
    head = next((index for index in range(shorter) if before[index] != after[index]), shorter)
    foot = next((index for index in range(shorter - head) if before[-1 - index] != after[-1 - index]), shorter - head)
    old, new = before[head : len(before) - foot], after[head : len(after) - foot]
    if max(len(old), len(new)) > MANY:
        yield Hunk(line=head, before=tuple(old), after=tuple(new))
        return
    for tag, start, end, new_start, new_end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield Hunk(line=head + new_start, before=tuple(old[start:end]), after=tuple(new[new_start:new_end]))


def _inside(edit: FileEdit, manifests: Manifests) -> Iterator[Inside]:
    before, after = ({document.index: document.value for document in read(text).documents} for text in (edit.before, edit.after))
    for change in edit.changes:
        origin = manifests.origins[change.resource.key]
        old, new = (at(values[origin.document], origin.prefix) for values in (before, after))
        yield Inside(resource=change.resource, fields=tuple(changed_fields(old, new)))


def _documents(edit: FileEdit) -> Iterator[Inside]:
    """The same of a file that objects are built from, by the names that stand in it. A kustomization has none, and is left out."""
    if edit.is_new:
        return
    before, after = ({document.index: document.value for document in read(text).documents} for text in (edit.before, edit.after))
    for index, value in before.items():
        for prefix, old in objects(value):
            new = at(after[index], prefix)
            metadata = old.get("metadata") if isinstance(old, dict) else None
            if not isinstance(metadata, dict) or not metadata.get("name") or same(old, new):
                continue
            version, kind = (str(old.get(field) or "") for field in ("apiVersion", "kind"))
            ref = Ref(version, kind, metadata.get("namespace"), str(metadata["name"]))
            yield Inside(resource=ref, fields=tuple(changed_fields(old, new)))
