"""Many traces as a table: who reaches whom, and the first thing that stands in the way."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from kubectl_meshfix.render.text.machine import SCHEMA_VERSION
from kubectl_meshfix.render.text.terminal import Screen, Style, columns, count, cut, safe_line
from kubectl_meshfix.render.trace import words
from kubectl_meshfix.traffic.trace.answers import Trace

HEADS = ("", "FROM", "REQUEST", "RESULT", "WHY")
ENOUGH = 40
"""Columns that the reason gets at least."""


class Cell(NamedTuple):
    """One request of a matrix: its caller and its trace."""

    caller: str
    trace: Trace


def table(cells: Sequence[Cell], screen: Screen) -> str:
    """A line a request; those that arrive from one caller stand together at its end."""
    wrong = [cell for cell in cells if cell.trace.arrives is not True]
    rows = [_row(cell) for cell in wrong]
    widths = [max(map(columns, (HEADS[place], *(row[place] for row in rows)))) for place in range(4)]
    room = max(screen.width - sum(widths) - 8, ENOUGH)
    lines = [screen.paint(_line(HEADS, widths, room), Style.STRONG)] if rows else []
    for cell, row in zip(wrong, rows, strict=True):
        sign, style = words.mark_of(cell.trace)
        lines.append(screen.paint(sign, style) + _line(row, widths, room)[len(sign) :])
    return "\n".join([*lines, summary(cells)]) + "\n"


def summary(cells: Sequence[Cell]) -> str:
    """How many requests arrive."""
    arrives = sum(cell.trace.arrives is True for cell in cells)
    unknown = sum(words.mark_of(cell.trace)[0] == "?" for cell in cells)
    parts = [f"{arrives:,} arrive", *([f"{unknown:,} not known"] if unknown else [])]
    missing = len(cells) - arrives - unknown
    return f"{count(len(cells), 'request')}: {', '.join([*parts, *([f'{missing:,} do not, or not all'] if missing else [])])}."


def document(cells: Sequence[Cell]) -> dict[str, Any]:
    """The matrix for programs: a row a request."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "requests": [
            {
                "from": cell.caller,
                "url": words.request(cell.trace.request),
                "arrives": cell.trace.arrives,
                "status": cell.trace.foremost.ending.status,
                "summary": words.headline(cell.trace),
            }
            for cell in cells
        ],
    }


def _row(cell: Cell) -> tuple[str, ...]:
    foremost = cell.trace.foremost
    result = words.outcome(cell.trace.request, foremost.ending)
    part = words.percent(foremost.share) + " " if foremost.share != 1 else ""
    texts = (cell.caller, words.request(cell.trace.request), f"{part}{result}", words.reason(foremost))
    return (words.mark_of(cell.trace)[0], *map(safe_line, texts))


def _line(cells: Sequence[str], widths: Sequence[int], room: int) -> str:
    padded = "  ".join(cell + " " * (width - columns(cell)) for cell, width in zip(cells[:4], widths, strict=True))
    return f"{padded}  {cut(cells[4], room)}".rstrip()
