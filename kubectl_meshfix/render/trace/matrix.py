"""Many traces as a table: who reaches whom, and the first thing that stands in the way."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from kubectl_meshfix.render.text.machine import SCHEMA_VERSION
from kubectl_meshfix.render.text.terminal import Screen, Style, columns, count, hanging, safe_line, wrapped
from kubectl_meshfix.render.trace import words
from kubectl_meshfix.render.trace.document import decided_by
from kubectl_meshfix.traffic.trace.answers import Trace

HEADS = ("", "FROM", "REQUEST", "RESULT", "WHY")
ENOUGH = 44
"""Columns that the reason gets at least; where there are fewer, it has lines of its own."""


class Cell(msgspec.Struct, frozen=True):
    """One request of a matrix: its caller and its trace."""

    caller: str
    trace: Trace


def table(cells: Sequence[Cell], screen: Screen) -> str:
    """A row for each request that does not arrive, with the whole reason; callers that fail at the same step share theirs."""
    alike = list(_grouped(cell for cell in cells if cell.trace.arrives is not True and not _may_change(cell)).values())
    rows = [_row(group) for group in alike]
    widths = [max(map(columns, (HEADS[place], *(row[place] for row in rows)))) for place in range(4)]
    if screen.width - sum(widths) - 8 >= ENOUGH:
        heads = [screen.paint(_first(HEADS, widths) + HEADS[4], Style.STRONG)] if rows else []
        lines = [*heads, *(line for group, row in zip(alike, rows, strict=True) for line in _in_columns(group, row, widths, screen))]
    else:
        lines = [line for group, row in zip(alike, rows, strict=True) for line in _below(group, row, screen)]
    return "\n".join([*lines, *([""] if lines else []), wrapped(summary(cells), screen, "")]) + "\n"


def _in_columns(group: Sequence[Cell], row: Sequence[str], widths: Sequence[int], screen: Screen) -> Iterator[str]:
    first, *others = wrapped(row[4], screen, " " * (sum(widths) + 8)).split("\n")
    sign, style = words.mark_of(group[0].trace)
    yield screen.paint(sign, style) + (_first(row, widths) + first.lstrip())[len(sign) :]
    yield from others


def _below(group: Sequence[Cell], row: Sequence[str], screen: Screen) -> Iterator[str]:
    sign, style = words.mark_of(group[0].trace)
    yield hanging(f"{sign} {row[1]}: {row[2]}", screen, "", style, len(sign))
    yield wrapped(f"{row[3]}: {row[4]}", screen, "    ")


def summary(cells: Sequence[Cell]) -> str:
    """How many requests arrive."""
    arrives = sum(cell.trace.arrives is True for cell in cells)
    changing = [cell for cell in cells if _may_change(cell)]
    unknown = sum(words.mark_of(cell.trace)[0] == "?" for cell in cells) - len(changing)
    by = dict.fromkeys(name for cell in changing for name in cell.trace.altering)
    parts = [
        f"{arrives:,} arrive",
        *([f"{len(changing):,} arrive unless {' or '.join(map(safe_line, by))} changes that"] if changing else []),
        *([f"{unknown:,} not known"] if unknown else []),
    ]
    missing = len(cells) - arrives - unknown - len(changing)
    return f"{count(len(cells), 'request')}: {', '.join([*parts, *([f'{missing:,} do not, or not all'] if missing else [])])}."


def _may_change(cell: Cell) -> bool:
    """Whether a request arrives but for what an EnvoyFilter or a WasmPlugin makes of it."""
    return bool(cell.trace.altering) and all(branch.ending.arrives for branch in cell.trace.branches)


def document(cells: Sequence[Cell]) -> dict[str, Any]:
    """The matrix for programs: a row a request (`docs/schema/matrix.v1.json`)."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "requests": [
            {
                "from": cell.caller,
                "url": words.request(cell.trace.request),
                "arrives": cell.trace.arrives,
                "status": cell.trace.foremost.ending.status,
                "decidedBy": decided_by(cell.trace.foremost.ending.by),
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
    share = words.common_share(cell.trace)
    part = f"{words.percent(share)} " if share != 1 else ""
    return f"{part}{words.outcome(cell.trace.request, cell.trace.foremost.ending)}"


def _first(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "".join(cell + " " * (width - columns(cell) + 2) for cell, width in zip(cells[:4], widths, strict=True))
