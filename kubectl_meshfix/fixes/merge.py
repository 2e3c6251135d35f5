"""Several fixes as one: of an object, and of one text; and whether that can be."""

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any, NamedTuple

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.fix import Patch
from kubectl_meshfix.mesh import protocols
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.resources.meta import Ref

Operations = dict[Ref, list[Operation]]
"""What is done to each object."""

_PROTOCOL = r"/spec/ports/(\d+)/(?:name|appProtocol)"
"""Where a Service declares a port's protocol: the port's position is the first group."""


def contradict(one: Sequence[Patch], other: Sequence[Patch]) -> bool:
    """Whether two fixes want different things at one place, rely on different things, or give one port two protocols."""
    return any(
        _merge(mine.operations, theirs.operations) is None
        or _relies_on_other(mine.operations, theirs.operations)
        or _goes_under(mine.operations, theirs.operations)
        or _goes_under(theirs.operations, mine.operations)
        or (mine.resource.kind == "Service" and _speak_differently(mine.operations, theirs.operations))
        for mine in one
        for theirs in other
        if mine.resource == theirs.resource
    )


def _relies_on_other(one: Sequence[Operation], other: Sequence[Operation]) -> bool:
    tests = {operation.path: operation.value for operation in one if operation.op == "test"}
    return any(operation.path in tests and tests[operation.path] != operation.value for operation in other if operation.op == "test")


def _goes_under(one: Sequence[Operation], other: Sequence[Operation]) -> bool:
    """Whether what the first takes away or replaces holds what the second changes."""
    gone = tuple(f"{operation.path}/" for operation in one if operation.op in ("remove", "replace"))
    return any(operation.path.startswith(gone) for operation in other) if gone else False


def _speak_differently(one: Sequence[Operation], other: Sequence[Operation]) -> bool:
    mine, theirs = _spoken(one), _spoken(other)
    return any(mine[port] is not theirs[port] for port in mine.keys() & theirs.keys())


def _spoken(operations: Sequence[Operation]) -> Mapping[str, Protocol]:
    """The protocol that operations declare for each port of a Service, by its position."""
    said = ((re.fullmatch(_PROTOCOL, operation.path), operation) for operation in operations if operation.op in ("add", "replace"))
    return {found[1]: protocols.of_word(str(operation.value)) for found, operation in said if found}


def joined(operations: Operations, patches: Sequence[Patch]) -> Operations | None:
    """The objects of a fix with what is done to them already; None where they cannot be joined."""
    merged: Operations = {}
    for patch in patches:
        result = _merge(merged.get(patch.resource, operations.get(patch.resource, [])), patch.operations)
        if result is None:
            return None
        merged[patch.resource] = result
    return merged


def _merge(existing: Sequence[Operation], added: Sequence[Operation]) -> list[Operation] | None:
    """Both lists as one; None where they want different things at one place.

    Two fixes may each create the same missing map (``add /metadata/labels {…}``); together they create it with both keys. Two may
    each edit one text, such as a ConfigMap's; where they touch other lines, together they make both edits.
    """
    result = list(existing)
    for operation in added:
        same_place = [index for index, other in enumerate(result) if other.path == operation.path and other.op != "test"]
        if operation in result:
            continue
        if operation.op == "test" or not same_place or operation.path.endswith("/-"):
            result.append(operation)
            continue
        earlier = result[same_place[0]]
        before = next((item.value for item in result if item.op == "test" and item.path == operation.path), None)
        value = _both(earlier, operation, before)
        if value is None:
            return None
        result[same_place[0]] = Operation(operation.op, operation.path, value)
    return result


def _both(one: Operation, other: Operation, before: Any) -> Any:
    """The value that carries what two operations put at one place; None where they contradict each other."""
    if one.op == other.op == "add":
        return _one_map(one.value, other.value)
    if one.op == other.op == "replace" and all(isinstance(text, str) for text in (before, one.value, other.value)):
        return merged_text(before, one.value, other.value)
    return None


def _one_map(one: Any, other: Any) -> dict[str, Any] | None:
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return None
    both = dict(one)
    for key, value in other.items():
        if key not in both or both[key] == value:
            both[key] = value
        else:
            deeper = _one_map(both[key], value)
            if deeper is None:
                return None
            both[key] = deeper
    return both


class _Edit(NamedTuple):
    """Lines ``start`` to ``end`` of the text before, and what stands there after."""

    start: int
    end: int
    lines: tuple[str, ...]


def merged_text(before: str, one: str, other: str) -> str | None:
    """``before`` with the lines changed that either text changes; None where they touch the same or neighbouring lines."""
    lines = before.splitlines(keepends=True)
    edits = sorted({*_edits(lines, one), *_edits(lines, other)})
    if any(first.end >= second.start for first, second in pairwise(edits)):
        return None
    for edit in reversed(edits):
        lines[edit.start : edit.end] = edit.lines
    return "".join(lines)


def _edits(before: list[str], after: str) -> list[_Edit]:
    """The lines that differ, between those at both ends that do not: among many that are alike the matcher would take others for them."""
    lines = after.splitlines(keepends=True)
    shorter = min(len(before), len(lines))
    head = next((index for index in range(shorter) if before[index] != lines[index]), shorter)
    foot = next((index for index in range(shorter - head) if before[-1 - index] != lines[-1 - index]), shorter - head)
    old, new = before[head : len(before) - foot], lines[head : len(lines) - foot]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [
        _Edit(head + start, head + end, tuple(new[first:last])) for tag, start, end, first, last in matcher.get_opcodes() if tag != "equal"
    ]
