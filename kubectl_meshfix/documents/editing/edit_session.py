"""The text of one document while operations are made on it."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.editing.anchors import SpliceError
from kubectl_meshfix.documents.editing.changes import changes, narrowed, renamed, same
from kubectl_meshfix.documents.editing.edits import ValueChange, edits
from kubectl_meshfix.documents.editing.layout import HEADER, body, edited, is_block, is_block_scalar
from kubectl_meshfix.documents.patch import Operation, patched
from kubectl_meshfix.documents.reading.read import Document, find, read


class Draft(msgspec.Struct, frozen=True):
    """A ``text``, the one document it holds, and the ``line`` of a file on which it begins."""

    text: str
    document: Document
    line: int


def drafted(text: str, line: int = 1) -> Draft:
    """``text``, which begins on ``line``, with the document in it. Raises SpliceError unless there is exactly one."""
    reading = read(text, line)
    if reading.problems or len(reading.documents) != 1:
        raise SpliceError("The text cannot be parsed after the change, so it was not changed.")
    return Draft(text, reading.documents[0], line)


def operated(draft: Draft, operations: Sequence[Operation]) -> Draft:
    """The draft after ``operations``. Raises SpliceError, and PatchConflictError where they do not fit."""
    left = list(operations)
    while left:
        value = draft.document.value
        renaming = renamed(value, left[:2])
        count = 2 if renaming else 1
        after = patched(value, left[:count])
        if not same(value, after):
            draft = _made(draft, [renaming] if renaming else changes(value, left[0]), after)
        del left[:count]
    return draft


def _made(draft: Draft, steps: list[ValueChange], after: Any) -> Draft:
    """The draft after one operation's ``steps``: the smallest edit that gives the value ``after``."""
    refusal: SpliceError | None = None
    for attempt in (_smallest(draft, steps), steps):
        try:
            for result in _results(draft, attempt):
                if same(result.document.value, after) and len(result.document.problems) <= len(draft.document.problems):
                    return result
        except SpliceError as error:
            refusal = refusal or error
    raise refusal or SpliceError(
        f"The text around {' and '.join(step.path or '/' for step in steps)} is written in a way that cannot be edited in place.",
        "Make this change by hand; the diff shows what it is.",
    )


def _results(draft: Draft, steps: list[ValueChange]) -> Iterator[Draft]:
    """What ``steps`` may make. A text that has no line break at its end gets none, unless a block scalar now needs it."""
    yield _changed(draft, steps)
    if not draft.text.endswith("\n"):
        result = _changed(drafted(_closed(draft), draft.line), steps)
        yield drafted(result.text.removesuffix("\n").removesuffix("\r"), draft.line)
        yield result


def _smallest(draft: Draft, steps: list[ValueChange]) -> list[ValueChange]:
    match steps:
        case [ValueChange(what="set", path=path, value=value)] if node := find(draft.document, path):
            return list(narrowed(node.value, value, path))
        case _:
            return steps


def _changed(draft: Draft, steps: list[ValueChange]) -> Draft:
    """The draft after ``steps``, each made in what the one before has left."""
    for step in steps:
        draft = _stepped(draft, step)
        while step.what == "remove" and _has_key(draft.document, step.path):
            draft = _stepped(draft, step)
    return draft


def _stepped(draft: Draft, step: ValueChange) -> Draft:
    try:
        return drafted(edited(draft.text, edits(draft.text, draft.document.node, step)), draft.line)
    except ValueError as error:
        raise SpliceError(f"The change cannot be written in this text: {str(error).rstrip('.')}.") from error


def _has_key(document: Document, path: str) -> bool:
    """Is there a mapping's key at ``path``? After it was removed, it was there twice."""
    *parents, name = pointer.split(path)
    parent = find(document, pointer.join(*parents))
    return parent is not None and isinstance(parent.value, dict) and name in parent.value


def _closed(draft: Draft) -> str:
    """The text with a line break at its end, so that lines can follow; a block scalar there is told not to take it for its own."""
    text, node = draft.text, draft.document.node
    while is_block(node):
        node = node.children[-1]
    header = HEADER.match(text, body(text, node)) if is_block_scalar(node) else None
    if header and not set(header["hints"]) & set("+-"):
        text = text[: header.end("hints")] + "-" + text[header.end("hints") :]
    return text + ("\r\n" if "\r\n" in text else "\n")
