"""The rules as a table."""

from collections.abc import Sequence

from tabulate import tabulate

from kubectl_meshfix.render.text.terminal import Screen, Style
from kubectl_meshfix.rules.rule import Rule


def catalogue(rules: Sequence[Rule], screen: Screen) -> str:
    """One line a rule, in the width of the screen."""
    rows = [[rule.code, rule.name, str(rule.severity), rule.summary, " ".join(rule.aliases)] for rule in rules]
    used = 4 * 2 + sum(max(len(row[column]) for row in rows) for column in (0, 1, 2))
    room = screen.width - used - 20
    heads = ["CODE", "NAME", "SEVERITY", "SUMMARY", "ALSO KNOWN AS"]
    text = tabulate(rows, heads, tablefmt="plain", maxcolwidths=[None, None, None, max(room, 24), 20])
    first, _, rest = text.partition("\n")
    return f"{screen.paint(first, Style.STRONG)}\n{rest}\n"
