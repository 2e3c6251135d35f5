"""Editing the text of a block scalar, such as a file kept in a ConfigMap, line by line."""

import re
from difflib import SequenceMatcher

from kubectl_meshfix.documents.editing.emit import is_literal
from kubectl_meshfix.documents.editing.layout import HEADER, TextEdit, body, line_end, next_line
from kubectl_meshfix.documents.reading.nodes import Node

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_MANY_LINES = 2000


def rewritten(text: str, node: Node, value: str, column: int, newline: str) -> TextEdit | None:
    """The block scalar ``node`` with another ``value``; lines that are in both stay as they are. None if a block scalar cannot hold it.

    ``column`` is that of the collection around it, -1 if there is none.
    """
    start = body(text, node)
    header = HEADER.match(text, start)
    content = value.rstrip("\n")
    trailing = len(value) - len(content)
    if header is None or not is_literal(content + "\n"):
        return None
    source = _LINE.findall(text, next_line(text, start), node.end)
    hints = header["hints"]
    depth = _depth(hints, source, column)
    lines = content.split("\n") + [""] * (trailing - 1)
    needs_hint = next(line for line in lines if line)[0] in " \t"
    hint = next((sign for sign in hints if sign.isdigit()), str(depth - max(column, 0)) if needs_hint else "")
    if len(hint) > 1:
        return None
    ended = node.end < len(text) or text.endswith("\n")
    old = node.value.rstrip("\n").split("\n") if node.style == "|" and node.value.strip("\n") else []
    inked = "".join(source).rstrip()
    blanks = source[len(old) or (len(inked.split("\n")) if inked else 0) :]
    chomping = _chomping(hints, trailing, bare=not ended, loose=bool(blanks))
    rows = _rows(source, old, lines, " " * depth, newline)
    if chomping != "+":
        rows += blanks
    after = "".join(rows)
    if not ended and trailing == 0:
        after = after.removesuffix("\n").removesuffix("\r")
    break_ = text[line_end(text, start) : next_line(text, start)] or newline
    return TextEdit(start, node.end, f"|{hint}{chomping}{header['comment'] or ''}{break_}{after}")


def _depth(hints: str, source: list[str], column: int) -> int:
    """The columns before each line of the text."""
    hint = next((int(sign) for sign in hints if sign.isdigit()), 0)
    if hint:
        return max(column, 0) + hint
    first = next((line for line in source if line.strip(" \r\n")), "")
    return len(first) - len(first.lstrip(" ")) if first else max(column, 0) + 2


def _chomping(hints: str, trailing: int, *, bare: bool, loose: bool) -> str:
    """What the header says of line breaks at the end; as it was where that will do.

    A ``bare`` text has no line break at its very end, a ``loose`` one is followed by blank lines, which are to stay.
    """
    was = "".join(sign for sign in hints if sign in "+-")
    if trailing == 0:
        return was if was == "-" or (not was and bare) else "-"
    if trailing == 1:
        return was if was == "+" and not loose else ""
    return "+"


def _rows(source: list[str], old: list[str], new: list[str], indent: str, newline: str) -> list[str]:
    """The lines to write, each with its line break: those that stay are taken from the ``source``, blanks and all."""
    rows = [(indent + line if line else "") + newline for line in new]
    for ours, theirs, size in _matches(old, new):
        rows[theirs : theirs + size] = [row if row.endswith("\n") else row + newline for row in source[ours : ours + size]]
    return rows


def _matches(old: list[str], new: list[str]) -> list[tuple[int, int, int]]:
    """Runs of equal lines: where in ``old``, where in ``new``, how many."""
    limit = min(len(old), len(new))
    head = next((at for at in range(limit) if old[at] != new[at]), limit)
    foot = next((at for at in range(limit - head) if old[-1 - at] != new[-1 - at]), limit - head)
    found = [(0, 0, head), (len(old) - foot, len(new) - foot, foot)]
    middle_old, middle_new = old[head : len(old) - foot], new[head : len(new) - foot]
    if len(middle_old) + len(middle_new) <= _MANY_LINES:
        blocks = SequenceMatcher(None, middle_old, middle_new, autojunk=False).get_matching_blocks()
        found += [(head + block.a, head + block.b, block.size) for block in blocks]
    return found
