"""The rules as a table, and the codes of other tools."""

from collections.abc import Sequence

from tabulate import tabulate

from kubectl_meshfix.render.text.terminal import Screen, Style
from kubectl_meshfix.rules.coverage import Coverage, Status
from kubectl_meshfix.rules.rule import Rule

ALIASES, NARROW = 20, 24
"""Columns for the names that other tools have for a rule, and the fewest for its summary."""

PADDING = 2
"""Columns that tabulate adds to a head."""


def catalogue(rules: Sequence[Rule], screen: Screen) -> str:
    """One line a rule, in the width of the screen; what other tools call it only where there is room."""
    rows = [[rule.code, rule.name, str(rule.severity), rule.summary, " ".join(rule.aliases)] for rule in rules]
    heads = ["CODE", "NAME", "SEVERITY", "SUMMARY", "ALSO KNOWN AS"]
    used = 3 * 2 + sum(max(len(head) + PADDING, *(len(row[column]) for row in rows)) for column, head in enumerate(heads[:3]))
    room = screen.width - used - 2 - ALIASES
    if room < NARROW:
        rows, heads, room = [row[:4] for row in rows], heads[:4], screen.width - used
    text = tabulate(rows, heads, tablefmt="plain", maxcolwidths=[None, None, None, max(room, NARROW), ALIASES][: len(heads)])
    first, _, rest = text.partition("\n")
    return f"{screen.paint(first, Style.STRONG)}\n{rest}\n"


def coverage(rows: Sequence[Coverage], screen: Screen) -> str:
    """One line a code, and how many there are of each status."""
    cells = [[row.code, row.name, _answer(row)] for row in rows]
    room = max(screen.width - 2 * 2 - max(len(row.name) for row in rows) - len("IST0000"), NARROW)
    text = tabulate(cells, ["CODE", "NAME", "RULES"], tablefmt="plain", maxcolwidths=[None, None, room])
    first, _, rest = text.partition("\n")
    return f"{screen.paint(first, Style.STRONG)}\n{rest}\n\n{_totals(rows)}\n"


def coverage_markdown(rows: Sequence[Coverage]) -> str:
    """The same as a table in Markdown."""
    lines = (f"| {row.code} | {row.name} | {_answer(row)} |" for row in rows)
    return "\n".join(("| code | name | rules |", "|---|---|---|", *lines, "", _totals(rows))) + "\n"


def _answer(row: Coverage) -> str:
    return " ".join(row.rules) if row.rules else row.reason or str(row.status)


def _totals(rows: Sequence[Coverage]) -> str:
    counts = ", ".join(f"{sum(row.status is status for row in rows)} {status}" for status in Status)
    return f"{len(rows)} codes: {counts}."
