"""A run in Markdown, for job summaries and comments."""

from kubectl_meshfix.expectations.terms import Result, Verdict
from kubectl_meshfix.render.expectations import words
from kubectl_meshfix.render.expectations.words import Run
from kubectl_meshfix.render.report.markdown import escaped

MARKS = {Verdict.FAILS: "❌ fails", Verdict.UNKNOWN: "❓ not known", Verdict.ERROR: "⚠️ not checked"}


def markdown(run: Run) -> str:
    """The counts, a table of what does not hold, and what no expectation touches."""
    lines = ["## kubectl-meshfix test", "", escaped(words.totals(run.results)), ""]
    if run.failed:
        lines += ["| | expectation | why | decided by |", "|---|---|---|---|", *map(_line, run.failed), ""]
    if covered := words.covered(run.coverage):
        lines += [covered, "", *(f"- not tested: {escaped(name)}" for name in words.untouched(run.coverage))]
    return "\n".join(lines).rstrip() + "\n"


def _line(row: Result) -> str:
    location = row.expectation.location
    at = f"<br>{escaped(f'{location.file}:{location.line}')}" if location else ""
    cells = (MARKS[row.verdict], escaped(words.title(row)) + at, "<br>".join(map(escaped, words.why(row))), escaped(words.decided_by(row)))
    return f"| {' | '.join(cells)} |"
