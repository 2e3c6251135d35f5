"""The rules as a table, and the codes of other tools."""

from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest
from textwrap import wrap

from kubectl_meshfix.render.text.terminal import Screen, Style
from kubectl_meshfix.rules.choice import HEADINGS
from kubectl_meshfix.rules.coverage import Coverage, Status
from kubectl_meshfix.rules.rule import Rule
from kubectl_meshfix.severity import Severity

NARROW, ALIASES = 24, 20
"""Columns: the fewest for a reason, and those for the names that other tools have for a rule."""

READABLE = 56
"""The fewest columns for a summary beside what can be left out."""


def catalogue(rules: Sequence[Rule], screen: Screen) -> str:
    """The rules below a heading for each family, a line each; names, and those that other tools have, where there is room."""
    names = max((len(rule.name) for rule in rules), default=0)
    used = 2 + len("MF000") + 2 + len(Severity.WARNING) + 2
    room = screen.width - used
    has_names = room - names - 2 >= READABLE
    room -= names + 2 if has_names else 0
    has_aliases = has_names and room - ALIASES - 2 >= READABLE
    room = max(room - (ALIASES + 2 if has_aliases else 0), NARROW)
    families = groupby(rules, lambda rule: rule.code[:3])
    return "\n".join(
        "\n".join(
            (
                screen.paint(f"{HEADINGS[prefix]} ({prefix})", Style.STRONG),
                *(
                    line
                    for rule in found
                    for line in _lines(rule, (names if has_names else 0, room, ALIASES if has_aliases else 0), screen)
                ),
                "",
            )
        )
        for prefix, found in families
    )


def _lines(rule: Rule, widths: tuple[int, int, int], screen: Screen) -> Iterator[str]:
    """A rule in columns for its name, summary and aliases, where 0 leaves one out."""
    names, room, aliases = widths
    start = f"  {rule.code}  {screen.paint(f'{rule.severity:<{len(Severity.WARNING)}}', Style[rule.severity.name])}  "
    start += f"{rule.name:<{names + 2}}" if names else ""
    indent = " " * (2 + len(rule.code) + 2 + len(Severity.WARNING) + 2 + (names + 2 if names else 0))
    others = wrap(" ".join(rule.aliases), aliases) if aliases else []
    for first, (text, other) in enumerate(zip_longest(wrap(rule.summary, room), others, fillvalue="")):
        yield f"{indent if first else start}{text:<{room}}  {other}".rstrip()


def coverage(rows: Sequence[Coverage], screen: Screen) -> str:
    """One line a code, and how many there are of each status."""
    cells = [[row.code, row.name, _answer(row)] for row in rows]
    room = max(screen.width - 2 * 2 - max(len(row.name) for row in rows) - len("IST0000"), NARROW)
    from tabulate import tabulate  # noqa: PLC0415 -- it takes as long to load as all else that lists rules

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
