"""Values as text, in the style of the text around them."""

import json
import math
import re
from typing import Any, NamedTuple

from kubectl_meshfix.documents.reading.scalars import plain


class BlockStyle(NamedTuple):
    """How a text indents: ``step`` columns for a nested mapping, ``dash`` for a list under its key; its line break and favourite quote.

    Without ``literals`` text of several lines is quoted, since a block scalar would take a comment below it for its own.
    """

    step: int = 2
    dash: int = 0
    newline: str = "\n"
    quote: str = '"'
    literals: bool = True


class FlowStyle(NamedTuple):
    """How a text writes brackets: as ``json`` or not, its separators, and the indentation of nested lines, None on a single line."""

    json: bool = True
    colon: str = ": "
    comma: str = ", "
    indent: str | None = None


_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_PLAIN = re.compile(r"(?:[^\s\-?:,\[\]{}#&*!|>'\"%@`]|[\-?:](?=[^\s,\[\]{}]))(?:[^\s:#]|:(?!\s|\Z)|(?<!\s)#|[ ](?!\Z))*")
_FLOW_INDICATOR = re.compile(r"[,\[\]{}?]|:(?=[,\[\]{}])")
_LOOKALIKE = re.compile(
    r"""(?=.*[0-9])[-+]?(?:0[xX][0-9a-fA-F_]*|0[oO][0-7_]*|0[bB][01_]*
    |(?:[0-9][0-9_]*)?(?:\.[0-9_]*)?(?:[eE][-+]?[0-9_]*)?
    |[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?)
    |[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?|=|<<|-{3}.*|\.{3}.*""",
    re.VERBOSE,
)
LONGEST_KEY = 1000


def looks_typed(text: str) -> bool:
    """Would any YAML reader in use take plain ``text`` for something else than text? Dates and base-60 numbers too."""
    return plain(text) != text or _LOOKALIKE.fullmatch(text) is not None


def can_be_plain(text: str, *, flow: bool) -> bool:
    """May ``text`` stand without quotes, as far as its characters go?"""
    return _PLAIN.fullmatch(text) is not None and not _UNSAFE.search(text) and not (flow and _FLOW_INDICATOR.search(text))


def double_quoted(text: str) -> str:
    """``text`` in double quotes, which YAML and JSON read alike."""
    return _escaped(json.dumps(text, ensure_ascii=False))


def scalar(value: Any, *, flow: bool = False, quote: str = '"') -> str:
    """A scalar or an empty collection on one line, without quotes where it needs none. Raises ValueError for any other value."""
    match value:
        case str():
            return value if can_be_plain(value, flow=flow) and not looks_typed(value) else quoted(value, quote)
        case float() if not math.isfinite(value):
            return ".nan" if math.isnan(value) else ".inf" if value == math.inf else "-.inf"
        case None | bool() | int() | float() | [] | {} if not is_nested(value):
            return json.dumps(value)
        case _:
            raise ValueError(f"{value!r} cannot be written as one scalar.")


def quoted(text: str, quote: str) -> str:
    """``text`` in single quotes if that is the ``quote`` and they can hold it, else in double quotes."""
    if quote == "'" and not _UNSAFE.search(text) and not re.search(r"[\t\n]", text):
        return "'" + text.replace("'", "''") + "'"
    return double_quoted(text)


def is_nested(value: Any) -> bool:
    """Is ``value`` a collection with something in it?"""
    return isinstance(value, dict | list) and bool(value)


def is_literal(value: Any) -> bool:
    """Is ``value`` text of several lines that a block scalar can hold without keeping blank lines at its end?"""
    return isinstance(value, str) and "\n" in value and value.strip() != "" and not value.endswith("\n\n") and not _UNSAFE.search(value)


def literal(text: str, step: int) -> tuple[str, list[str]]:
    """The header of a block scalar and its lines, ``step`` columns deep."""
    lines = text.removesuffix("\n").split("\n")
    hint = str(step) if next(line for line in lines if line)[0] in " \t" else ""
    return "|" + hint + ("" if text.endswith("\n") else "-"), [" " * step + line if line else "" for line in lines]


def lines(value: Any, style: BlockStyle) -> list[str]:
    """``value`` in block style from column 0, one string a line. Lines of a block scalar go on at the column of what it belongs to."""
    match value:
        case dict() if value:
            return [line for name, item in value.items() for line in entry(name, item, style)]
        case list() if value:
            return [line for item in value for line in item_lines(item, style)]
        case _:
            return [scalar(value, quote=style.quote)]


def entry(name: str, value: Any, style: BlockStyle) -> list[str]:
    """The lines of a key and its value."""
    head = key(name, quote=style.quote) + ":"
    if style.literals and is_literal(value):
        header, text = literal(value, style.step)
        return [f"{head} {header}", *text]
    if is_nested(value):
        indent = " " * (style.dash if isinstance(value, list) else style.step)
        return [head, *indented(lines(value, style), indent)]
    return [f"{head} {scalar(value, quote=style.quote)}"]


def item_lines(value: Any, style: BlockStyle, gap: int = 1) -> list[str]:
    """The lines of a list item, ``gap`` spaces behind its dash."""
    if style.literals and is_literal(value):
        header, text = literal(value, style.step)
        return [f"- {header}", *text]
    first, *rest = lines(value, style)
    return ["-" + " " * gap + first, *indented(rest, " " * (gap + 1))]


def indented(rows: list[str], indent: str) -> list[str]:
    """Every line that is not empty behind ``indent``."""
    return [indent + row if row else row for row in rows]


def key(name: str, *, flow: bool = False, quote: str = '"') -> str:
    """A mapping key; in double quotes where it would not be read as this text. Raises ValueError if it is too long to be one."""
    if len(name) > LONGEST_KEY:
        raise ValueError(f"A key of {len(name)} characters is too long for YAML.")
    return scalar(name, flow=flow, quote=quote)


def flow(value: Any, style: FlowStyle, base: str = "") -> str:
    """``value`` in brackets; lines after the first begin with ``base``. Raises ValueError for a number that JSON does not have."""
    if style.json:
        separators = (style.comma.rstrip() if style.indent else style.comma, style.colon)
        written = json.dumps(value, ensure_ascii=False, indent=style.indent, separators=separators, allow_nan=False)
        return _escaped(written).replace("\n", "\n" + base)
    match value:
        case dict() if value:
            return "{" + style.comma.join(flow_entry(name, item, style) for name, item in value.items()) + "}"
        case list() if value:
            return "[" + style.comma.join(flow(item, style) for item in value) + "]"
        case _:
            return scalar(value, flow=True)


def flow_entry(name: str, value: Any, style: FlowStyle, base: str = "") -> str:
    """A key and its value in brackets."""
    return (double_quoted(name) if style.json else key(name, flow=True)) + style.colon + flow(value, style, base)


def _escaped(written: str) -> str:
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", written)
