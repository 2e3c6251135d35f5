"""How a collection is laid out in its text: where entries begin and end, and what surrounds them."""

import re

import msgspec

from kubectl_meshfix.documents.reading.nodes import Node, pairs

_SPACE = re.compile(r"(?:[ \t\r\n\x85\u2028\u2029\ufeff]|#[^\r\n]*+)*")
_PROPERTIES = re.compile(r"(?:[&!]\S*+(?:[ \t\r\n]|(?<=\s)#[^\r\n]*+)*+)*")
_COMMENT = re.compile(r"\r?\n(?P<indent>[ ]*)#[^\r\n]*")
_COMMENT_PAST_BLANKS = re.compile(r"(?:\r?\n[ ]*(?=\r?\n))*" + _COMMENT.pattern)
HEADER = re.compile(r"[|>](?P<hints>[-+1-9]{0,2})(?P<comment>[ \t]+#[^\r\n]*)?[ \t]*")


class TextEdit(msgspec.Struct, frozen=True):
    """Put ``text`` in the place of ``[start, end)``, offsets in characters."""

    start: int
    end: int
    text: str


class CollectionEntry(msgspec.Struct, frozen=True):
    """One entry of a collection as it is written.

    It begins at ``start``, with its ``?``, key, dash or value. At ``mark`` a value may begin: behind the ``:`` or the ``-``, or behind
    a key that has no ``:``. ``end`` is behind the value; a trailing comment is not in it.
    """

    start: int
    mark: int
    end: int
    key: Node | None
    value: Node


def edited(text: str, edits: list[TextEdit]) -> str:
    """``text`` after ``edits``, none of which overlap. Those of one place are made in their order."""
    parts: list[str] = []
    done = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        parts += [text[done : edit.start], edit.text]
        done = edit.end
    return "".join([*parts, text[done:]])


def skip(text: str, offset: int) -> int:
    """Where the next token begins: behind white space, line ends and comments."""
    found = _SPACE.match(text, offset)
    return found.end() if found else offset


def body(text: str, node: Node) -> int:
    """Where ``node`` begins behind its anchor and tag; for a value that is not written, where those end."""
    if (node.anchor is None and node.tag is None) or node.kind == "alias":
        return node.start
    found = _PROPERTIES.match(text, node.start)
    return min(found.end(), node.end) if found else node.start


def line_start(text: str, offset: int) -> int:
    """Where the line of ``offset`` begins, behind a byte order mark."""
    start = text.rfind("\n", 0, offset) + 1
    return start + 1 if start == 0 and text.startswith("\ufeff") else start


def line_end(text: str, offset: int) -> int:
    """Where the line of ``offset`` ends, before its line break."""
    end = text.find("\n", offset)
    if end < 0:
        return len(text)
    return end - 1 if text[end - 1 : end] == "\r" else end


def next_line(text: str, offset: int) -> int:
    """Where the line after that of ``offset`` begins; the end of the text if there is none."""
    return text.find("\n", offset) + 1 or len(text)


def column(text: str, offset: int) -> int:
    """The characters before ``offset`` in its line."""
    return offset - line_start(text, offset)


def leads(text: str, offset: int) -> bool:
    """Is there nothing but white space before ``offset`` in its line?"""
    return not text[line_start(text, offset) : offset].strip(" \t")


def indentation(text: str, offset: int) -> str:
    """The white space that the line of ``offset`` begins with."""
    start = line_start(text, offset)
    line = text[start : line_end(text, offset)]
    return line[: len(line) - len(line.lstrip(" \t"))]


def written(node: Node) -> bool:
    """Is there any text for ``node``? ``key:`` has a value without."""
    return node.start < node.end


def entries(text: str, node: Node) -> list[CollectionEntry]:
    """The entries of a mapping or a sequence in the order of its text."""
    offset = body(text, node) + (1 if is_flow(node) and text[body(text, node)] in "[{" else 0)
    found: list[CollectionEntry] = []
    items = pairs(node) if node.kind == "mapping" else ((None, item) for item in node.children)
    for key, value in items:
        start = skip(text, offset)
        if key is not None:
            colon = skip(text, key.end)
            mark = colon + 1 if text[colon : colon + 1] == ":" else key.end
        else:
            mark = start if is_flow(node) else start + 1
        end = tail(text, value) if written(value) else mark
        found.append(CollectionEntry(start, mark, end, key, value))
        offset = skip(text, end)
        if is_flow(node):
            offset += text[offset : offset + 1] == ","
        else:
            offset = end
    return found


def is_flow(node: Node) -> bool:
    """Is ``node`` a collection in brackets?"""
    return node.style == "flow"


def is_block(node: Node) -> bool:
    """Is ``node`` a collection written by indentation?"""
    return node.style == "block"


def is_block_scalar(node: Node) -> bool:
    """Is ``node`` text behind a ``|`` or a ``>``?"""
    return node.style in ("|", ">")


def tail(text: str, node: Node) -> int:
    """Where the last character of ``node`` ends, before the line break."""
    while is_block(node):
        last = node.children[-1]
        if not written(last):
            if node.kind == "sequence":
                return last.start
            key = node.children[-2]
            colon = skip(text, key.end)
            return colon + 1 if text[colon : colon + 1] == ":" else key.end
        node = last
    return block_scalar_end(text, node) if is_block_scalar(node) else node.end


def block_scalar_end(text: str, node: Node) -> int:
    """Where the last line of a block scalar ends. Blank lines behind it are its own only if it keeps them (``|+``)."""
    start = body(text, node)
    header = HEADER.match(text, start)
    if header and "+" in header["hints"]:
        end = node.end
        return line_end(text, end - 1) if text[end - 1 : end] == "\n" else end
    if node.style == "|" and node.value:
        end = line_end(text, start)
        for _ in node.value.removesuffix("\n").split("\n"):
            end = line_end(text, next_line(text, end))
        return end
    return start + len(text[start : node.end].rstrip(" \r\n"))


def with_comments(text: str, end: int, indent: int, *, past_blanks: bool) -> int:
    """``end`` of a line, or of the last of the comments below it that are indented deeper than ``indent``."""
    comment = _COMMENT_PAST_BLANKS if past_blanks else _COMMENT
    while (found := comment.match(text, end)) and len(found["indent"]) > indent:
        end = found.end()
    return end
