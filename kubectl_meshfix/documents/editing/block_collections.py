"""Entries of collections written by indentation: new ones, and some that go."""

from kubectl_meshfix.documents.editing import emit
from kubectl_meshfix.documents.editing.block_values import Slot, behind_properties, below
from kubectl_meshfix.documents.editing.emit import BlockStyle
from kubectl_meshfix.documents.editing.layout import (
    HEADER,
    CollectionEntry,
    TextEdit,
    body,
    column,
    is_block,
    is_block_scalar,
    leads,
    line_end,
    line_start,
    next_line,
    with_comments,
)
from kubectl_meshfix.documents.reading.nodes import Node


def append(text: str, last: CollectionEntry, rows: list[str], style: BlockStyle) -> list[TextEdit]:
    """Edits that put ``rows`` on lines of their own below the entry ``last``, as deep as it is."""
    indent = column(text, last.start)
    end = with_comments(text, line_end(text, last.end), indent, past_blanks=True)
    return [TextEdit(end, end, below(emit.indented(rows, " " * indent), style))]


def prepend(text: str, first: CollectionEntry, rows: list[str], style: BlockStyle) -> list[TextEdit]:
    """Edits that put ``rows`` before the entry ``first``, and before the comments above it if those are as deep."""
    indent = " " * column(text, first.start)
    if not leads(text, first.start):
        new = style.newline.join([rows[0], *emit.indented(rows[1:], indent), indent])
        return [TextEdit(first.start, first.start, new)]
    start = line_start(text, first.start)
    while indent and text[line_start(text, start - 1) : start].startswith(indent + "#"):
        start = line_start(text, start - 1)
    return [TextEdit(start, start, "".join(row + style.newline for row in emit.indented(rows, indent)))]


def remove(text: str, rows: list[CollectionEntry], index: int, slot: Slot) -> list[TextEdit]:
    """Edits that take one of the entries ``rows`` of the collection in ``slot`` out, with its comment. The last one leaves brackets."""
    entry = rows[index]
    before = _last_scalar(rows[index - 1].value) if index else None
    swallows = before is not None and is_block_scalar(before)
    stop = with_comments(text, line_end(text, entry.end), column(text, entry.start), past_blanks=swallows)
    if len(rows) == 1:
        return _emptied(text, entry, stop, slot)
    if leads(text, entry.start):
        return [_lines_dropped(text, entry.start, stop, with_blanks=before is not None and _keeps_breaks(text, before))]
    between = text[stop : rows[index + 1].start]
    return [TextEdit(entry.start, stop + len(between) - len(between.lstrip()), "")]


def _emptied(text: str, entry: CollectionEntry, stop: int, slot: Slot) -> list[TextEdit]:
    brackets = "{}" if entry.key is not None else "[]"
    if slot.column < 0 or not leads(text, entry.start):
        return [TextEdit(entry.start, stop, brackets)]
    at = behind_properties(text, slot)
    return [TextEdit(at, at, " " + brackets), _lines_dropped(text, entry.start, stop)]


def _lines_dropped(text: str, start: int, stop: int, *, with_blanks: bool = False) -> TextEdit:
    """Without the lines from that of ``start`` to the one that ends at ``stop``; a text without a last line break stays so."""
    first, after = line_start(text, start), next_line(text, stop)
    while with_blanks and after < len(text) and not text[after : line_end(text, after)].strip(" "):
        after = next_line(text, after)
    if after == len(text) and not text.endswith("\n"):
        before = line_end(text, first - 1)
        return TextEdit(before, len(text), "")
    return TextEdit(first, after, "")


def _last_scalar(node: Node) -> Node:
    while is_block(node):
        node = node.children[-1]
    return node


def _keeps_breaks(text: str, node: Node) -> bool:
    """Does a block scalar take all blank lines behind it for its own?"""
    header = HEADER.match(text, body(text, node)) if is_block_scalar(node) else None
    return header is not None and "+" in header["hints"]
