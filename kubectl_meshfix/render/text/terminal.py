"""What all renderers for people share: colours that carry a meaning, safe text, lines that fit."""

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kubectl_meshfix.report import Report

_CONTROL = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"

HIDDEN = r"[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
"""What JSON and YAML may hold as it is, and a terminal hides or obeys."""

_STYLE = r"\x1b\[[\d;]*m"
_NARROW = frozenset({"Mn", "Me", "Cf"})
"""Categories of characters that take no column of their own."""

NARROWEST = 40
"""Columns below which no line is broken any more."""


class Style(StrEnum):
    """SGR codes by their meaning."""

    ERROR = "31;1"
    WARNING = "33;1"
    INFO = "36"
    ADDED = "32"
    REMOVED = "31"
    HUNK = "36"
    GOOD = "32;1"
    STRONG = "1"
    FAINT = "2"


class Screen(NamedTuple):
    """What the output goes to: its width in columns, and whether it shows colours."""

    width: int = 100
    color: bool = False

    def paint(self, text: str, style: Style | None) -> str:
        """The text in a style, or plain."""
        return f"\x1b[{style}m{text}\x1b[0m" if self.color and style and text else text


def safe(text: str) -> str:
    """Text of a cluster or file without what a terminal would obey: control and direction characters are shown as escapes."""
    return re.sub(_CONTROL, lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def yaml_escaped(text: str) -> str:
    """YAML with escapes for what is hidden; every scalar that holds such a character must stand in double quotes."""
    return re.sub(HIDDEN, lambda found: f"\\u{ord(found[0]):04x}" if ord(found[0]) < 0x10000 else f"\\U{ord(found[0]):08x}", text)


def spelt_out(text: str) -> str:
    """Text with escapes for the bytes of a file's name that is not UTF-8 (`os.fsdecode`)."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def safe_line(text: str) -> str:
    """The same on one line."""
    return safe(text).replace("\n", "\\n").replace("\t", "\\t")


def wrapped(text: str, screen: Screen, indent: str) -> str:
    """A paragraph within the screen's width; words longer than a line are left whole, so that names can be copied."""
    width = max(screen.width, NARROWEST)
    lines, line, taken = [], "", 0
    is_painted = "\x1b" in text
    for word in text.split():
        wide = columns(plain(word) if is_painted else word)
        if line and taken + 1 + wide <= width:
            line, taken = f"{line} {word}", taken + 1 + wide
        else:
            lines += [line] if line else []
            line, taken = f"{indent}{word}", columns(indent) + wide
    return "\n".join([*lines, line])


def beside(first: str, second: str, screen: Screen, indent: str = "    ") -> str:
    """Two texts on one line, the second faint; on two lines where one has no room for both."""
    gap = "  " if columns(plain(first)) + 2 + columns(second) <= max(screen.width, NARROWEST) else f"\n{indent}"
    return f"{first}{gap}{screen.paint(second, Style.FAINT)}" if second else first


def painted(text: str, screen: Screen, indent: str, style: Style, label: tuple[str, Style] | None = None) -> str:
    """The same as ``wrapped`` in a style, after a label that has its own."""
    words, look = label or ("", None)
    first, *rest = wrapped(f"{words}{text}", screen, indent).split("\n")
    head = len(indent) + len(words)
    lines = [f"{screen.paint(first[:head], look)}{screen.paint(first[head:], style)}", *(screen.paint(line, style) for line in rest)]
    return "\n".join(lines)


def hanging(text: str, screen: Screen, indent: str, style: Style | None, painted: int) -> str:
    """A paragraph whose first ``painted`` characters have a style, and whose other lines are indented by two more."""
    first, *rest = wrapped(text, screen, indent).split("\n")
    rest = wrapped(" ".join(line.strip() for line in rest), screen, f"{indent}  ").split("\n") if rest else []
    cut = len(indent) + painted
    return "\n".join([indent + screen.paint(first[len(indent) : cut], style) + first[cut:], *rest])


def cut(text: str, room: int) -> str:
    """A text of no more than that many columns."""
    if columns(text) <= room:
        return text
    while columns(text) >= room:
        text = text[:-1]
    return f"{text}…"


def plain(text: str) -> str:
    """A text without the styles of ``Screen.paint``."""
    return re.sub(_STYLE, "", text)


def columns(text: str) -> int:
    """How many columns a text takes."""
    if text.isascii():
        return len(text)
    import unicodedata  # noqa: PLC0415 -- a large table

    return sum(0 if unicodedata.category(char) in _NARROW else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 finding``, ``2 findings``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def suppressed_counts(report: "Report") -> str:
    """How many findings do not count, and how many of those for being there before; empty where all do."""
    known = report.known
    suppressed = len(report.findings) - len(report.active) - known
    parts = [f"{suppressed:,} suppressed" if suppressed else "", f"{known:,} in the baseline" if known else ""]
    return ", ".join(filter(None, parts))


def from_here(file: str) -> str:
    """A file's path as a person would type it: from the current folder where it is in there."""
    try:
        return str(Path(file).relative_to(Path.cwd()))
    except (OSError, ValueError):  # the folder was deleted, or is not on the way
        return file
