"""One change of one value, as edits of the text."""

from typing import Any, Literal

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.editing import block_collections, block_values, emit, flow_collections
from kubectl_meshfix.documents.editing.anchors import EditTarget, edit_target, must_be_its_own, must_not_come_back
from kubectl_meshfix.documents.editing.block_values import Slot
from kubectl_meshfix.documents.editing.layout import CollectionEntry, TextEdit, body, column, entries, is_flow, leads, written
from kubectl_meshfix.documents.editing.styles import block_style, flow_style
from kubectl_meshfix.documents.reading.nodes import Node

_CUSTOMARY = ("apiVersion", "kind", "metadata", "spec")
"""The order in which people write these keys. A new one goes before those that follow it, every other key behind all."""


class ValueChange(msgspec.Struct, frozen=True):
    """``set`` gives a place another value or a mapping a new key; ``insert`` puts an item before the one at ``path``, or behind all.

    ``rename`` gives a mapping's entry another key, the value; what stands under it stays as it is written.
    """

    what: Literal["set", "insert", "remove", "rename"]
    path: str
    value: Any = None


def edits(text: str, root: Node, change: ValueChange) -> list[TextEdit]:
    """How to make ``change`` in the one document of ``text``. Raises SpliceError where it would show in a second place.

    The change fits: what it removes is there, what it inserts to is a list. Raises ValueError for a value that cannot be written.
    """
    parts = pointer.split(change.path)
    if not parts:
        return _root_set(text, root, change.value)
    where = edit_target(root, parts)
    node, index = where.path[-1], where.indices[-1]
    rows = entries(text, node)
    if change.what == "remove":
        return _removed(text, root, where, rows)
    if change.what == "rename" and index is not None:
        return _renamed(text, root, where, rows[index], change.value)
    if change.what == "set" and index is not None:
        return _set(text, root, where, rows[index], change.value)
    must_be_its_own(root, where.path, node.end, node.end)
    name = where.part if node.kind == "mapping" else None
    at = _place_of(where.part, rows) if index is None else index
    outermost = next((around for around in where.path if is_flow(around)), None)
    if outermost is None:
        return _added(text, where.path, rows, at, (name, change.value))
    if not rows and outermost is node and len(where.path) > 1:
        value = [change.value] if name is None else {name: change.value}
        return block_values.put(text, _slot(text, where, len(where.path) - 1), value, block_style(text, where.path))
    return flow_collections.add(text, node, at, (name, change.value), flow_style(text, outermost, node))


def _root_set(text: str, root: Node, value: Any) -> list[TextEdit]:
    if is_flow(root):
        whole = CollectionEntry(root.start, root.start, root.end, None, root)
        return flow_collections.put(text, whole, value, flow_style(text, root, root))
    return block_values.put(text, _root_slot(text, root), value, block_style(text, [root]))


def _set(text: str, root: Node, where: EditTarget, entry: CollectionEntry, value: Any) -> list[TextEdit]:
    must_be_its_own(root, where.path, entry.value.start, entry.value.end)
    outermost = next((around for around in where.path if is_flow(around)), None)
    if outermost is not None:
        return flow_collections.put(text, entry, value, flow_style(text, outermost, where.path[-1]))
    return block_values.put(text, _slot(text, where, len(where.path)), value, block_style(text, where.path))


def _renamed(text: str, root: Node, where: EditTarget, entry: CollectionEntry, name: str) -> list[TextEdit]:
    """Another key, in the old one's quotes. Raises ValueError for one that is too long, SpliceError for an old one with an anchor."""
    key = entry.key
    assert key, "an entry of a map has one"  # noqa: S101 -- for mypy
    must_be_its_own(root, where.path, entry.start, entry.value.end)
    new = emit.quoted(name, key.style) if key.style in ("'", '"') else emit.key(name, flow=is_flow(where.path[-1]))
    return [TextEdit(body(text, key), key.end, new)]


def _place_of(name: str, rows: list[CollectionEntry]) -> int:
    """Before which of the entries a new key is written."""
    following = _CUSTOMARY[_CUSTOMARY.index(name) + 1 :] if name in _CUSTOMARY else ()
    return next((index for index, row in enumerate(rows) if row.key is not None and row.key.value in following), len(rows))


def _added(text: str, path: list[Node], rows: list[CollectionEntry], index: int, new: tuple[str | None, Any]) -> list[TextEdit]:
    """A new entry of a collection written by indentation, where it belongs."""
    style = block_style(text, path)
    name, value = new
    if name is not None:
        lines = emit.entry(name, value, style)
        return (
            block_collections.append(text, rows[index - 1], lines, style)
            if index
            else block_collections.prepend(text, rows[0], lines, style)
        )
    beside = rows[min(index, len(rows) - 1)]
    one_line = written(beside.value) and "\n" not in text[beside.mark : body(text, beside.value)]
    gap = body(text, beside.value) - beside.mark if one_line and beside.value.anchor is None and beside.value.tag is None else 1
    lines = emit.item_lines(value, style, gap)
    return (
        block_collections.append(text, rows[index - 1], lines, style) if index else block_collections.prepend(text, rows[0], lines, style)
    )


def _removed(text: str, root: Node, where: EditTarget, rows: list[CollectionEntry]) -> list[TextEdit]:
    node, index = where.path[-1], where.indices[-1]
    if node.kind == "mapping":
        must_not_come_back(node, where.part)
    if index is None:
        return []
    must_be_its_own(root, where.path, rows[index].start, max(rows[index].end, rows[index].value.end))
    if is_flow(node):
        return flow_collections.remove(text, node, index)
    return block_collections.remove(text, rows, index, _slot(text, where, len(where.path) - 1))


def _slot(text: str, where: EditTarget, depth: int) -> Slot:
    """The slot of the value ``depth`` steps down the way."""
    if depth == 0:
        return _root_slot(text, where.path[0])
    node, index = where.path[depth - 1], where.indices[depth - 1]
    rows = entries(text, node)
    entry = rows[index or 0]
    return Slot(entry.mark, column(text, entry.start), node.kind == "sequence", entry.value)


def _root_slot(text: str, root: Node) -> Slot:
    return Slot(root.start, -1, leads(text, root.start), root)
