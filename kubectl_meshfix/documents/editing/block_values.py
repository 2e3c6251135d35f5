"""Giving a value another one where it is written by indentation, behind a colon or a dash."""

import re
from typing import Any

import msgspec

from kubectl_meshfix.documents.editing import emit
from kubectl_meshfix.documents.editing.block_scalars import rewritten
from kubectl_meshfix.documents.editing.emit import BlockStyle
from kubectl_meshfix.documents.editing.layout import (
    HEADER,
    TextEdit,
    body,
    column,
    is_block,
    is_block_scalar,
    line_end,
    line_start,
    tail,
    with_comments,
    written,
)
from kubectl_meshfix.documents.reading.nodes import Node
from kubectl_meshfix.documents.reading.scalars import plain, tag_of

_PROPERTIES_OF_LINE = re.compile(r"(?:[&!]\S*+[ \t]*)*")


class Slot(msgspec.Struct, frozen=True):
    """A place for a value: at ``mark``, behind a ``:`` or a ``-``, in a collection at ``column``. At the root ``column`` is -1.

    ``inline`` says that a collection may begin on the line of ``mark``, as behind a dash.
    """

    mark: int
    column: int
    inline: bool
    value: Node


def put(text: str, slot: Slot, value: Any, style: BlockStyle) -> list[TextEdit]:
    """Edits that give ``slot`` another ``value``. What stands behind the old one on its line stays."""
    old = slot.value
    if isinstance(value, str) and is_block_scalar(old) and (edit := rewritten(text, old, value, slot.column, style.newline)):
        return [edit]
    line = line_end(text, tail(text, old) if written(old) else slot.mark)
    if with_comments(text, line, slot.column, past_blanks=True) != line:
        style = style._replace(literals=False)
    start = body(text, old)
    if written(old) and "\n" in text[slot.mark : start]:
        return _put_below(text, slot, value, style)
    kept = _kept(text, old, value)
    deep = None if kept or not slot.inline else column(text, old.start) if written(old) else slot.column + 2
    head, rows = _composed(slot, value, _scalar_like(text, old, value, style), style, deep)
    header = HEADER.match(text, start) if is_block_scalar(old) else None
    words = " ".join(word for word in (kept, head) if word)
    comment = (header["comment"] or "") if header else ""
    gap, end = (text[slot.mark : old.start], tail(text, old)) if written(old) else (" ", slot.mark)
    return [TextEdit(slot.mark, end, (gap + words if words else "") + comment), TextEdit(line, line, below(rows, style))]


def below(rows: list[str], style: BlockStyle) -> str:
    """Each row on a line of its own below what is there."""
    return "".join(style.newline + row for row in rows)


def behind_properties(text: str, slot: Slot) -> int:
    """Where something can be added on the line of the slot's mark: behind an anchor or a tag that stands there."""
    old = slot.value
    if "\n" in text[slot.mark : old.start]:
        return slot.mark
    found = _PROPERTIES_OF_LINE.match(text, old.start, old.end)
    return old.start + len(found.group().rstrip()) if found else slot.mark


def _put_below(text: str, slot: Slot, value: Any, style: BlockStyle) -> list[TextEdit]:
    """In the place of a value that begins on a line below its key or dash; comments between the two stay if they can."""
    old = slot.value
    start, end = body(text, old), tail(text, old)
    deep = column(text, start)
    line = line_end(text, end) if is_block(old) else end
    if emit.is_nested(value):
        fits = deep > slot.column or (deep == slot.column and isinstance(value, list))
        rows = emit.lines(value, style)
        indent = " " * (deep if fits else _under(slot, value, style))
        return [TextEdit(line_start(text, start), line, style.newline.join(emit.indented(rows, indent)))]
    head, rows = _composed(slot, value, _scalar_like(text, old, value, style), style)
    first = line_end(text, slot.mark)
    if not rows and deep > slot.column and (not is_block(old) or "#" in text[first:start]):
        return [TextEdit(start, line, head)]
    at = behind_properties(text, slot)
    return [TextEdit(at, at, " " + head), TextEdit(first, line_end(text, end), below(rows, style))]


def _composed(slot: Slot, value: Any, scalar: str, style: BlockStyle, deep: int | None = None) -> tuple[str, list[str]]:
    """The words behind the slot's mark and the rows below it. A collection begins among the words if it may, at the column ``deep``."""
    if emit.is_literal(value) and scalar[:1] not in ("'", '"'):
        header, rows = emit.literal(value, style.step)
        return header, emit.indented(rows, " " * max(slot.column, 0))
    if not emit.is_nested(value):
        return scalar, []
    rows = emit.lines(value, style)
    if deep is not None:
        return rows[0], emit.indented(rows[1:], " " * deep)
    return "", emit.indented(rows, " " * _under(slot, value, style))


def _under(slot: Slot, value: Any, style: BlockStyle) -> int:
    """The column of a collection on the lines below its key or dash."""
    if slot.column < 0:
        return 0
    return slot.column + (2 if slot.inline else style.dash if isinstance(value, list) else style.step)


def _kept(text: str, old: Node, value: Any) -> str:
    """The anchor and the tag of ``old``; a tag that does not fit the new ``value`` has to go."""
    if old.kind == "alias" or (old.anchor is None and old.tag is None):
        return ""
    if old.tag is None or (not emit.is_nested(value) and old.tag == tag_of(value)):
        return _PROPERTIES_OF_LINE.match(text, old.start, old.end).group().rstrip()  # type: ignore[union-attr]  # it always matches
    return f"&{old.anchor}" if old.anchor else ""


def _scalar_like(text: str, old: Node, value: Any, style: BlockStyle) -> str:
    """A scalar in the style of ``old``: in its quotes, or without any where the text allows. Empty for a collection."""
    if emit.is_nested(value):
        return ""
    if not isinstance(value, str):
        return emit.scalar(value)
    if old.style in ("'", '"'):
        return emit.quoted(value, old.style)
    if style.literals and emit.is_literal(value):
        return "|"
    before = text[body(text, old) : old.end]
    if old.value == before and emit.looks_typed(before) and emit.can_be_plain(value, flow=False) and plain(value) == value:
        return value
    return emit.scalar(value, quote=style.quote)
