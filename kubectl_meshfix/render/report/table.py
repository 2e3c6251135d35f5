"""A report for people: grouped by object, in the width of the terminal; many findings are told on fewer lines."""

from collections.abc import Iterator

from kubectl_meshfix.render.report import dense
from kubectl_meshfix.render.report.blocks import blocks
from kubectl_meshfix.render.report.groups import grouped, ordered
from kubectl_meshfix.render.report.order import Order
from kubectl_meshfix.render.report.statistics import side_by_side
from kubectl_meshfix.render.text.terminal import Screen
from kubectl_meshfix.report import Diagnosis, Report
from kubectl_meshfix.rules.rule import Severity

MANY = 20
"""Findings up to which each is told in full."""

REST = "In full, with risks and evidence: -o wide. A line a finding: -o short."


def table(report: Report, screen: Screen, order: Order = Order.SEVERITY, *, wide: bool = False, show_suppressed: bool = False) -> str:
    """All active findings, what is only information on a line a rule beside what is worse.

    ``wide`` tells every finding in full, and adds the evidence, the names other tools have for them, and the commands.
    """
    rows = ordered(report.findings if show_suppressed else report.active, order)
    parts = (
        blocks(((row,) for row in rows), screen, wide=True)
        if wide
        else _many(rows, screen, order)
        if len(rows) > MANY
        else _few(rows, screen, order)
    )
    text = "\n\n".join(parts)
    return f"{text}\n" if text else ""


def _few(rows: list[Diagnosis], screen: Screen, order: Order) -> Iterator[str]:
    """Each finding in full; equal ones of several objects are one."""
    told, rest = _apart(rows, order)
    yield from blocks(grouped(told), screen, wide=False)
    if rest:
        yield "\n".join([*dense.lines(rest, screen), "In full: -o wide."])


def _many(rows: list[Diagnosis], screen: Screen, order: Order) -> Iterator[str]:
    """A paragraph for what is alike, and how many findings each rule has."""
    told, rest = _apart(rows, order)
    yield "\n".join([*dense.paragraphs(grouped(told, also_by_values=True), screen), *dense.lines(rest, screen)])
    yield f"{side_by_side(told, screen)}\n{REST}"


def _apart(rows: list[Diagnosis], order: Order) -> tuple[list[Diagnosis], list[Diagnosis]]:
    """What is told in full, and what is only information beside it; where objects come first, or nothing is worse, all is told."""
    if order is Order.OBJECT or all(row.severity is Severity.INFO for row in rows):
        return rows, []
    return [row for row in rows if row.severity is not Severity.INFO], [row for row in rows if row.severity is Severity.INFO]
