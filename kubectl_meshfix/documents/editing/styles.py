"""How a text is written, seen from a place in it: what is written there next should look the same."""

import json
from collections.abc import Iterator

from kubectl_meshfix.documents.editing.emit import BlockStyle, FlowStyle
from kubectl_meshfix.documents.editing.layout import body, column, entries, is_block, leads, line_start, written
from kubectl_meshfix.documents.reading.nodes import Node, pairs

_DEEPEST_STEP = 9  # the most an indentation indicator can say


def block_style(text: str, path: list[Node]) -> BlockStyle:
    """The style of the last collection of ``path``, else of the nearest one around it or anywhere that shows any; else kubectl's own."""
    step = dash = quote = None
    for node in [*reversed(path), *_descendants(path[0])]:
        if step is not None and dash is not None and quote is not None:
            break
        if node.kind != "mapping" or not is_block(node):
            continue
        own = column(text, body(text, node))
        for key, value in pairs(node):
            if is_block(value) and leads(text, body(text, value)):
                deeper = column(text, body(text, value)) - own
                if value.kind == "sequence":
                    dash = deeper if dash is None else dash
                elif 0 < deeper <= _DEEPEST_STEP:
                    step = deeper if step is None else step
            elif quote is None:
                quote = next((scalar.style for scalar in (value, key) if scalar.style in ("'", '"')), None)
    first_break = text.find("\n")
    newline = "\r\n" if text[first_break - 1 : first_break] == "\r" else "\n"
    return BlockStyle(step or 2, dash or 0, newline, quote or '"')


def flow_style(text: str, outermost: Node, node: Node) -> FlowStyle:
    """The style of the brackets ``node``, which stand in the brackets ``outermost`` or are them."""
    try:
        as_json = json.loads(text[body(text, outermost) : outermost.end]) is not None
    except (ValueError, RecursionError):
        as_json = False
    colon = comma = indent = None
    for place in (node, outermost, *_descendants(outermost)):
        if not place.children:
            continue
        rows = entries(text, place)
        if indent is None:
            indent = _indent(text, place, rows[0].start)
        if colon is None and rows[0].key is not None and written(rows[0].value):
            colon = _on_one_line(text[rows[0].key.end : rows[0].value.start])
        if comma is None and len(rows) > 1:
            comma = _on_one_line(text[rows[0].end : rows[1].start])
        if colon and (comma or indent):
            break
    colon = colon or ": "
    return FlowStyle(as_json, colon, comma or ("," if colon == ":" else ", "), indent or None)


def _indent(text: str, place: Node, first: int) -> str | None:
    """What the lines inside of brackets have before them beyond the line the brackets open on; empty on one line."""
    opening = line_start(text, body(text, place))
    if line_start(text, first) == opening:
        return ""
    outer = text[opening : opening + len(text[opening:]) - len(text[opening:].lstrip(" \t"))]
    return text[line_start(text, first) : first].removeprefix(outer)


def _on_one_line(separator: str) -> str | None:
    return separator if "\n" not in separator and "#" not in separator else None


def _descendants(root: Node) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack += reversed(node.children)
