"""How many findings each rule has, those of the worst severity first, then the most frequent."""

from collections.abc import Iterable, Sequence

from kubectl_meshfix.render.report.blocks import MARKS
from kubectl_meshfix.render.report.groups import Group, by_rule
from kubectl_meshfix.render.text.terminal import Screen, Style, columns, plain
from kubectl_meshfix.report import Diagnosis

GAP = "   "
"""Between two columns."""


def statistics(rows: Iterable[Diagnosis], screen: Screen) -> str:
    """A line a rule and severity: how many findings, the rule, and how many of them ``apply`` can fix; empty where there are none."""
    found = _counted(rows)
    if not found:
        return ""
    width = max(len(group[0].name) for group in found)
    lines = [f"{'COUNT':>7}  {'RULE':<{8 + width}}  FIXABLE"]
    lines += [f"{len(group):7,}  {_rule(group[0], screen, width)}  {_fixable(group):>7}" for group in found]
    return "\n".join([screen.paint(lines[0], Style.STRONG), *lines[1:]]) + "\n"


def side_by_side(rows: Iterable[Diagnosis], screen: Screen) -> str:
    """How many findings each rule has, in as many columns as there is room for."""
    found = _counted(rows)
    widest = max((len(str(len(group))) for group in found), default=0)
    cells = [f"{len(group):{widest}} {_rule(group[0], screen, 0)}" for group in found]
    for number in range(len(cells), 1, -1):
        height = -(-len(cells) // number)
        rows_of = [cells[start : start + height] for start in range(0, len(cells), height)]
        widths = [max(columns(plain(cell)) for cell in column) for column in rows_of]
        if sum(widths) + len(GAP) * (len(widths) - 1) <= screen.width:
            return "\n".join(_line([column[line] for column in rows_of if line < len(column)], widths) for line in range(height))
    return "\n".join(cells)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell + " " * (width - columns(plain(cell))) for cell, width in zip(cells, widths, strict=False)]
    return GAP.join(padded).rstrip()


def _counted(rows: Iterable[Diagnosis]) -> Sequence[Group]:
    return sorted(by_rule(rows), key=lambda group: (group[0].severity.rank, -len(group), group[0].code))


def _rule(row: Diagnosis, screen: Screen, width: int) -> str:
    mark, style = MARKS[row.severity]
    return f"{screen.paint(f'{mark} {row.code}', style)} {row.name:<{width}}"


def _fixable(group: Group) -> str:
    number = sum(row.is_fixable for row in group)
    return f"{number:,}" if number else "-"
