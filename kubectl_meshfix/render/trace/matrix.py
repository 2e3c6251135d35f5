"""Many traces as a table: who reaches whom, and the first thing that stands in the way."""

from collections.abc import Iterable, Sequence
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
    """A line for each request that does not arrive; callers that fail at the same step of one request share theirs."""
    alike = list(_grouped(cell for cell in cells if cell.trace.arrives is not True).values())
    rows = [_row(group) for group in alike]
    widths = [max(map(columns, (HEADS[place], *(row[place] for row in rows)))) for place in range(4)]
    room = max(screen.width - sum(widths) - 8, ENOUGH)
    lines = [screen.paint(_line(HEADS, widths, room), Style.STRONG)] if rows else []
    for group, row in zip(alike, rows, strict=True):
        sign, style = words.mark_of(group[0].trace)
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


def _grouped(cells: Iterable[Cell]) -> dict[tuple[object, ...], list[Cell]]:
    found: dict[tuple[object, ...], list[Cell]] = {}
    for cell in cells:
        foremost = cell.trace.foremost
        by = foremost.ending.by.identity if foremost.ending.by else None
        found.setdefault((words.request(cell.trace.request), _result(cell), by), []).append(cell)
    return found


def _row(group: Sequence[Cell]) -> tuple[str, ...]:
    first = group[0]
    others = f" and {count(len(group) - 1, 'other')}" if len(group) > 1 else ""
    texts = (f"{first.caller}{others}", words.request(first.trace.request), _result(first), words.reason(first.trace.foremost))
    return (words.mark_of(first.trace)[0], *map(safe_line, texts))


def _result(cell: Cell) -> str:
    foremost = cell.trace.foremost
    part = words.percent(foremost.share) + " " if foremost.share != 1 else ""
    return f"{part}{words.outcome(cell.trace.request, foremost.ending)}"


def _line(cells: Sequence[str], widths: Sequence[int], room: int) -> str:
    padded = "  ".join(cell + " " * (width - columns(cell)) for cell, width in zip(cells[:4], widths, strict=True))
    return f"{padded}  {cut(cells[4], room)}".rstrip()
