"""Edits of collections in brackets: YAML's flow style, and JSON."""

from typing import Any

from kubectl_meshfix.documents.editing import emit
from kubectl_meshfix.documents.editing.emit import FlowStyle
from kubectl_meshfix.documents.editing.layout import (
    CollectionEntry,
    TextEdit,
    body,
    entries,
    indentation,
    leads,
    line_end,
    line_start,
    next_line,
    skip,
    written,
)
from kubectl_meshfix.documents.reading.nodes import Node


def put(text: str, entry: CollectionEntry, value: Any, style: FlowStyle) -> list[TextEdit]:
    """Edits that give ``entry`` another ``value``."""
    old = entry.value
    new = _value(value, old, style if leads(text, entry.start) else style._replace(indent=None), indentation(text, entry.start))
    if written(old):
        properties = f"&{old.anchor} " if old.anchor and old.kind != "alias" else ""
        return [TextEdit(old.start, old.end, properties + new)]
    if entry.key is not None and entry.mark == entry.key.end:
        return [TextEdit(entry.mark, entry.mark, style.colon + new)]
    spaced = text[entry.mark : entry.mark + 1] == " "
    return [TextEdit(entry.mark + spaced, entry.mark + spaced, new if spaced else " " + new)]


def add(text: str, node: Node, index: int, new: tuple[str | None, Any], style: FlowStyle) -> list[TextEdit]:
    """Edits that put a ``new`` entry, its key None for an item, before the one at ``index`` of the brackets ``node`` or behind all."""
    rows = entries(text, node)
    if not rows:
        return [_filled(text, node, new, style)]
    beside = rows[min(index, len(rows) - 1)]
    own_line = leads(text, beside.start)
    lead = indentation(text, beside.start)
    written_new = _entry(new, style if own_line else style._replace(indent=None), lead)
    newline = "\r\n" if text[line_end(text, beside.start) :][:1] == "\r" else "\n"
    if index < len(rows):
        return [TextEdit(beside.start, beside.start, written_new + ("," + newline + lead if own_line else style.comma))]
    comma = skip(text, beside.end)
    trailing = text[comma : comma + 1] == ","
    behind = comma + 1 if trailing else beside.end
    if not own_line:
        return [TextEdit(behind, behind, " " + written_new + "," if trailing else style.comma + written_new)]
    line = line_end(text, behind)
    at = line if line < node.end else behind
    row = newline + lead + written_new
    return [TextEdit(at, at, row + ",")] if trailing else [TextEdit(beside.end, beside.end, ","), TextEdit(at, at, row)]


def remove(text: str, node: Node, index: int) -> list[TextEdit]:
    """Edits that take the entry at ``index`` of the brackets ``node`` out, with its line if it has one for itself."""
    rows = entries(text, node)
    entry = rows[index]
    comma = skip(text, entry.end)
    trailing = text[comma : comma + 1] == ","
    if len(rows) == 1:
        return [TextEdit(body(text, node) + 1, node.end - 1, "")]
    end = comma + 1 if trailing else entry.end
    following = rows[index + 1].start if index + 1 < len(rows) else node.end - 1
    own_line = leads(text, entry.start) and next_line(text, end) <= following
    line = TextEdit(line_start(text, entry.start), next_line(text, end), "")
    if index + 1 < len(rows):
        return [line if own_line else TextEdit(entry.start, following, "")]
    before = skip(text, rows[index - 1].end)
    if own_line:
        return [line] if trailing else [TextEdit(before, before + 1, ""), line]
    return [TextEdit(before + trailing, end, "")]


def _filled(text: str, node: Node, new: tuple[str | None, Any], style: FlowStyle) -> TextEdit:
    """The first entry of empty brackets, on a line of its own where the brackets around have it so."""
    start = body(text, node)
    opening, closing = text[start], text[node.end - 1]
    if style.indent is None:
        return TextEdit(start, node.end, opening + _entry(new, style, "") + closing)
    outer = indentation(text, start)
    newline = "\r\n" if "\r\n" in text else "\n"
    lead = newline + outer + style.indent
    return TextEdit(start, node.end, opening + lead + _entry(new, style, outer + style.indent) + newline + outer + closing)


def _entry(new: tuple[str | None, Any], style: FlowStyle, base: str) -> str:
    name, value = new
    return emit.flow(value, style, base) if name is None else emit.flow_entry(name, value, style, base)


def _value(value: Any, old: Node, style: FlowStyle, base: str) -> str:
    """``value`` in brackets, in the quotes that ``old`` has."""
    if isinstance(value, str) and not style.json and old.style in ("'", '"'):
        return emit.quoted(value, old.style)
    return emit.flow(value, style, base)
