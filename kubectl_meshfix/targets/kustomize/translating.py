"""Operations on a built object as operations on the document that it comes from."""

from collections.abc import Sequence
from typing import Any

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.editing.changes import same
from kubectl_meshfix.documents.patch import Operation, PatchConflictError, patched
from kubectl_meshfix.sources.kustomize.alignment import align, existing


def translated(operations: Sequence[Operation], built: Any, source: Any) -> tuple[Operation, ...] | None:
    """What to do to ``source`` so that the built object becomes what ``operations`` make of it, as far as the two agree; else None.

    They agree where each ``test`` holds in the source too, and where what is replaced or removed is the same in both. A map that the
    source does not have, because kustomize makes it, is made.
    """
    found: list[Operation] = []
    for operation in operations:
        match operation.op:
            case "test" | "replace" | "remove":
                path = _same_place(operation, built, source)
                result = None if path is None else Operation(operation.op, path, operation.value)
            case "add":
                result = _added(operation, built, source, found)
            case _:
                result = None
        if result is None:
            return None
        found.append(result)
    try:
        patched(source, found)
    except PatchConflictError:
        return None
    return tuple(found)


def _same_place(operation: Operation, built: Any, source: Any) -> str | None:
    """Where the source has the same value at the same place."""
    if existing(built, operation.path) != operation.path:
        return None
    aligned = align(built, source, operation.path)
    return aligned.path if aligned.is_whole and same(aligned.value, pointer.at(built, operation.path)) else None


def _added(operation: Operation, built: Any, source: Any, before: Sequence[Operation]) -> Operation | None:
    *above, last = pointer.split(operation.path)
    parent = align(built, source, pointer.join(*above))
    if not parent.is_whole:
        return _with_maps(operation.value, parent.path, (*parent.rest, last), before)
    if isinstance(parent.value, list):
        if last == "-":
            return Operation("add", f"{parent.path}/-", operation.value)
        item = align(built, source, operation.path)
        return Operation("add", item.path, operation.value) if item.is_whole else None
    if not isinstance(parent.value, dict):
        return None
    if last in parent.value and _same_place(operation, built, source) is None:
        return None
    return Operation("add", parent.path + pointer.join(last), operation.value)


def _with_maps(value: Any, path: str, missing: tuple[str, ...], before: Sequence[Operation]) -> Operation | None:
    """The value with the maps that have to be made for it; none where another operation makes them, or an item would be made."""
    if any(part == "-" or part.isdigit() for part in missing[:-1]):
        return None
    target = path + pointer.join(missing[0])
    if any(operation.path == target for operation in before):
        return None
    for part in reversed(missing[1:]):
        value = {part: value}
    return Operation("add", target, value)
