"""GitHub's workflow commands: an annotation a finding (`actions/toolkit docs/commands.md`)."""

from collections.abc import Mapping

from kubectl_meshfix.render.report.fix_lines import fix_lines
from kubectl_meshfix.render.report.locations import Mark, Run, reported_location, worst_first
from kubectl_meshfix.render.text.terminal import safe
from kubectl_meshfix.report import Diagnosis, Report
from kubectl_meshfix.rules.rule import Severity

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def github(report: Report, run: Run) -> str:
    """The worst findings first, because GitHub shows the first ten of each kind only; suppressed ones are left out."""
    lines = [_annotation(row, mark, report, run) for row, mark in worst_first(report, run)]
    lines += [f"::warning title=kubectl-meshfix::{_data(f'Not checked: {gap.subject}: {gap.reason}')}" for gap in report.gaps]
    return "".join(f"{line}\n" for line in lines)


def _annotation(row: Diagnosis, mark: Mark, report: Report, run: Run) -> str:
    where = reported_location(row, mark, report, run)
    region = where.region
    properties = {"title": f"{row.code} {row.name}"}
    text = "\n".join([f"{row.subject}: {row.message}", *fix_lines(row.fix)])
    if where.is_real:
        properties |= {"file": where.path, "line": str(region.line)}
        if region.end_line == region.line:  # with columns, GitHub does not show what goes over several lines
            properties |= {"col": str(region.column), "endLine": str(region.end_line), "endColumn": str(region.end_column)}
        else:
            properties["endLine"] = str(region.end_line)
        text = f"{where.path}:{region.line}:{region.column}: {text}"
    return command(COMMANDS[row.severity], properties, text)


def command(name: str, properties: Mapping[str, str], text: str) -> str:
    """One workflow command, with everything escaped that would end it or a property of it."""
    return f"::{name} {','.join(f'{key}={_property(value)}' for key, value in properties.items())}::{_data(text)}"


def _data(text: str) -> str:
    return safe(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
