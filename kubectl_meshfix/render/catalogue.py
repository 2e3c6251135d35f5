"""The rules as a table."""

from collections.abc import Sequence

from tabulate import tabulate

from kubectl_meshfix.render.text.terminal import Screen, Style
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
