"""A run for people: what does not hold first, with the reason, then what holds, then counts."""

from collections.abc import Iterator

from kubectl_meshfix.expectations.terms import Result, Verdict
from kubectl_meshfix.render.expectations import words
from kubectl_meshfix.render.expectations.words import Run
from kubectl_meshfix.render.text.terminal import Screen, Style, from_here, hanging, safe_line, wrapped

FEW = 10
"""So many routes and policies are listed that no expectation touches."""


def table(run: Run, screen: Screen, *, verbose: bool = False) -> str:
    """Each expectation that does not hold; the others in a line each, which have a note or where ``verbose``."""
    lines = [line for row in run.failed for line in _failed(row, screen)]
    holding = [row for row in run.results if row.verdict is Verdict.HOLDS]
    lines += [line for row in holding for line in _holds(row, screen, verbose=verbose)]
    return "".join(f"{line}\n" for line in lines)


def summary(run: Run, screen: Screen, *, verbose: bool = False) -> str:
    """The counts, and what no expectation touches."""
    lines = [wrapped(safe_line(words.totals(run.results)), screen, "")]
    if covered := words.covered(run.coverage):
        lines.append(covered)
    missing = words.untouched(run.coverage)
    shown = missing if verbose else missing[:FEW]
    lines += [screen.paint(f"  not tested: {safe_line(name)}", Style.FAINT) for name in shown]
    if len(shown) < len(missing):
        lines.append(screen.paint(f"  and {len(missing) - len(shown)} more: -v", Style.FAINT))
    return "".join(f"{line}\n" for line in lines)


def _failed(row: Result, screen: Screen) -> Iterator[str]:
    sign, style = words.SIGNS[row.verdict]
    yield hanging(f"{sign} {safe_line(words.title(row))}", screen, "", style, len(sign))
    yield from (wrapped(safe_line(text), screen, "    ") for text in words.why(row))
    by, location = words.decided_by(row), row.expectation.location
    if by:
        yield wrapped(safe_line(f"Decided by {by}"), screen, "    ")
    about = "" if words.about(row) in words.title(row) else f"{words.about(row)}, "
    if location:
        yield screen.paint(f"    {safe_line(about)}{safe_line(from_here(location.file))}:{location.line}", Style.FAINT)


def _holds(row: Result, screen: Screen, *, verbose: bool) -> Iterator[str]:
    notes = words.notes(row)
    sign, style = words.SIGNS[row.verdict]
    yield hanging(f"{sign} {safe_line(words.title(row))}", screen, "", style, len(sign))
    yield from (screen.paint(wrapped(safe_line(note), screen, "    "), Style.FAINT) for note in notes if verbose)
