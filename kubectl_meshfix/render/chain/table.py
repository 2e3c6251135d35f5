"""Explanations as a table, for people who asked about many targets at once."""

from collections.abc import Sequence

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.injection.explanation import Explanation
from kubectl_meshfix.render.chain.signs import mark, why
from kubectl_meshfix.render.text.terminal import Screen, Style, columns, count, safe_line, wrapped

HEADS = ("", "TARGET", "INJECTED", "MODE", "DECIDED BY", "WHY")
_LAYOUTS = ((0, 1, 2, 3, 4), (0, 1, 2, 4), (0, 1, 2))
"""The columns before the reason, by how much room there is. Whether it is injected is never left out."""

ENOUGH = 60
"""Columns that the reason gets before others are shown."""

LEAST = 24
"""Columns in which a reason can be read; with fewer it stands below its target."""


def table(explanations: Sequence[Explanation], screen: Screen) -> str:
    """A target's line and its reason, which is broken at the screen's edge; columns that others can do without give way to it."""
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


def injected(item: Explanation) -> str:
    """Whether a target is injected, in a word."""
    value = item.verdict.injected
    return "?" if isinstance(value, Unknown) else "yes" if value else "no"


def _row(item: Explanation) -> tuple[str, ...]:
    verdict = item.verdict
    decided_by = f"{verdict.decided_by.stage}: {verdict.decided_by.check}"
    target = f"{item.target.kind.lower()} {item.subject.removeprefix(item.target.kind + ' ')}"
    texts = (target, injected(item), str(verdict.mode), decided_by, why(item))
    return (mark(verdict)[0], *map(safe_line, texts))


def _room(widths: Sequence[int], kept: Sequence[int], screen: Screen) -> int:
    return screen.width - sum(widths[place] + 2 for place in kept)


def _line(cells: Sequence[str], widths: Sequence[int], kept: Sequence[int], screen: Screen) -> str:
    """The kept cells side by side and the last one behind them, or below them where it has no room there."""
    padded = "  ".join(cells[place] + " " * (widths[place] - columns(cells[place])) for place in kept)
    if _room(widths, kept, screen) < LEAST:
        below = "" if cells is HEADS else f"\n{wrapped(cells[-1], screen, '   ')}"
        return padded.rstrip() + below
    indent = " " * (columns(padded) + 2)
    return f"{padded}  {wrapped(cells[-1], screen, indent).lstrip()}"
