"""Two edits of one text as one."""

from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple


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
    lines = after.splitlines(keepends=True)
    matcher = SequenceMatcher(None, before, lines, autojunk=False)
    return [_Edit(start, end, tuple(lines[first:last])) for tag, start, end, first, last in matcher.get_opcodes() if tag != "equal"]
