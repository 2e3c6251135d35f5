"""Explanations for programs, and as a table for people who asked about many targets at once."""

from collections.abc import Sequence
from typing import Any

from kubectl_meshfix.chain.checks import Status
from kubectl_meshfix.injection.explanation import Explanation, InjectionVerdict
from kubectl_meshfix.injection.membership import Mode
from kubectl_meshfix.injection.proxy import PROXY
from kubectl_meshfix.render.text.machine import SCHEMA_VERSION
from kubectl_meshfix.render.text.terminal import Screen, Style, columns, count, cut, safe_line, wrapped

HEADS = ("", "TARGET", "INJECTED", "MODE", "DECIDED BY", "WHY")
_LAYOUTS = ((0, 1, 2, 3, 4), (0, 1, 2, 4), (0, 1, 2), (0, 1))
"""The columns before the reason, by how much room there is."""

ENOUGH = 20
"""Columns in which a reason says something."""


def document(explanations: Sequence[Explanation]) -> dict[str, Any]:
    """Explanations as a document of the machine contract."""
    return {"schemaVersion": SCHEMA_VERSION, "explanations": explanations}


def mark(verdict: InjectionVerdict) -> tuple[str, Style]:
    """Whether labels have their way, as far as what they ask for is known."""
    if verdict.injected is None or (verdict.requested is None and not verdict.as_requested and verdict.decided_by.check == PROXY):
        return "?", Style.WARNING
    return ("✓", Style.ADDED) if verdict.as_requested else ("✗", Style.ERROR)


def outcome(item: Explanation) -> str:
    """A verdict in a few words; what is not there yet is going to be."""
    verdict = item.verdict
    if verdict.mode is Mode.AMBIENT:
        return "in ambient"
    if verdict.injected is None:
        return "not known"
    kind = "a native sidecar" if verdict.mode is Mode.NATIVE_SIDECAR else "a sidecar"
    is_there = any(check.name == PROXY and check.status is Status.PASS for stage in item.stages for check in stage.checks)
    return f"{'has' if is_there else 'gets'} {kind}" if verdict.injected else "no sidecar"


def table(explanations: Sequence[Explanation], screen: Screen) -> str:
    """A line a target; columns that others can do without give way to the reason, which is cut to the screen's width."""
    rows = [_row(item) for item in explanations]
    widths = [max(map(columns, (HEADS[place], *(row[place] for row in rows)))) for place in range(len(HEADS))]
    kept = next((kept for kept in _LAYOUTS if _room(widths, kept, screen) >= ENOUGH), _LAYOUTS[-1])
    lines = [screen.paint(_line(HEADS, widths, kept, screen), Style.STRONG)]
    for item, row in zip(explanations, rows, strict=True):
        sign, style = mark(item.verdict)
        lines.append(screen.paint(sign, style) + _line(row, widths, kept, screen)[1:])
    return "\n".join(lines) + "\n"


def summary(explanations: Sequence[Explanation], next_step: str) -> str:
    """How many have their way, and how to learn more of one that has not."""
    wrong = [item for item in explanations if not item.verdict.as_requested]
    unknown = sum(mark(item.verdict)[0] == "?" for item in wrong)
    total = count(len(explanations), "target")
    if not wrong:
        return f"{total}: all as their labels ask for.\n"
    first = wrong[0].target
    step = safe_line(f"{next_step} {first.kind.lower()}/{first.name}{first.namespace_flag}")
    parts = [
        *([f"{len(wrong) - unknown} not as their labels ask for"] if len(wrong) > unknown else []),
        *([f"{unknown} not known"] if unknown else []),
    ]
    return f"{total}: {', '.join(parts)}.\nNext: {step}\n"


def _row(item: Explanation) -> tuple[str, ...]:
    verdict = item.verdict
    injected = {True: "yes", False: "no", None: "?"}[verdict.injected]
    decided_by = f"{verdict.decided_by.stage}: {verdict.decided_by.check}"
    target = f"{item.target.kind.lower()} {item.subject.removeprefix(item.target.kind + ' ')}"
    texts = (target, injected, str(verdict.mode), decided_by, verdict.summary)
    return (mark(verdict)[0], *map(safe_line, texts))


def _room(widths: Sequence[int], kept: Sequence[int], screen: Screen) -> int:
    return screen.width - sum(widths[place] + 2 for place in kept)


def _line(cells: Sequence[str], widths: Sequence[int], kept: Sequence[int], screen: Screen) -> str:
    """The kept cells side by side and the last one behind them, or below them where it has no room there."""
    padded = "  ".join(cells[place] + " " * (widths[place] - columns(cells[place])) for place in kept)
    room = _room(widths, kept, screen)
    return f"{padded}  {cut(cells[-1], room)}" if room >= ENOUGH else f"{padded.rstrip()}\n{wrapped(cells[-1], screen, '   ')}"
