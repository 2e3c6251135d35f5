"""GitHub's workflow commands: an annotation on the line of each expectation that does not hold."""

from kubectl_meshfix.expectations.terms import Result, Verdict
from kubectl_meshfix.render.expectations import words
from kubectl_meshfix.render.expectations.words import Run
from kubectl_meshfix.render.report import locations
from kubectl_meshfix.render.report.github import command

_COMMANDS = {Verdict.ERROR: "error", Verdict.FAILS: "error", Verdict.UNKNOWN: "warning"}


def github(run: Run, place: locations.Run) -> str:
    """The worst first, because GitHub shows the first ten of each kind only. ``place`` tells where files are named from."""
    return "".join(f"{_annotation(row, place)}\n" for row in run.failed)


def _annotation(row: Result, place: locations.Run) -> str:
    properties = {"title": words.title(row)}
    if location := row.expectation.location:
        properties |= {"file": locations.relative(location.file, place)[0], "line": str(location.line)}
    return command(_COMMANDS[row.verdict], properties, "\n".join(words.why(row)))
