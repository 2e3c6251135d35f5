"""Markdown, for job summaries and comments."""

import html
import re

from kubectl_meshfix.render.report.locations import Mark, Run, reported_location, worst_first
from kubectl_meshfix.render.text.field_path import field_path
from kubectl_meshfix.render.text.terminal import count, safe_line, suppressed_counts
from kubectl_meshfix.report import Diagnosis, Report
from kubectl_meshfix.rules.rule import Severity

LIMIT = 900_000
"""Bytes of findings that are listed: GitHub refuses a job summary of more than 1 MiB as a whole."""

MARKS = {Severity.ERROR: "❌ error", Severity.WARNING: "⚠️ warning", Severity.INFO: "i info"}  # a word beside every sign

_SPECIAL = re.compile(r"([\\`*_{}\[\]|~#$])")


def markdown(report: Report, run: Run) -> str:
    """Totals, a table of the active findings with the worst first, and what was not looked at."""
    pairs = worst_first(report, run)
    lines = ["## kubectl-meshfix", "", _totals(report), ""]
    if pairs:
        listed = _listed(pairs, report, run)
        lines += ["| | rule | object | what is wrong | what to do |", "|---|---|---|---|---|", *listed, ""]
        if len(listed) < len(pairs):
            lines += [f"{count(len(pairs) - len(listed), 'finding')} more are left out here; `-o json` and `-o html` have all of them.", ""]
    for gap in report.gaps:
        lines.append(f"- Not checked: {escaped(gap.subject)}: {escaped(gap.reason)}")
    if report.skipped_rules:
        lines.append(f"- Rules skipped: {', '.join(skip.code for skip in report.skipped_rules)}")
    return "\n".join(lines).rstrip() + "\n"


def escaped(text: str) -> str:
    """Text that stays text: no markup, no table cell of its own, nobody called by ``@name``."""
    return _SPECIAL.sub(r"\\\1", html.escape(safe_line(text), quote=False)).replace("@", "@<!-- -->").replace("://", ":<!-- -->//")


def _totals(report: Report) -> str:
    active = report.active
    read = count(sum(report.read.values()), "object")
    hidden = suppressed_counts(report)
    suppressed = f" {hidden}." if hidden else ""
    if not active:
        return f"No problems found in {read}.{suppressed}"
    severities = ", ".join(
        count(number, str(severity), "info" if severity is Severity.INFO else "")
        for severity in Severity
        if (number := sum(row.severity is severity for row in active))
    )
    fixable = sum(row.is_fixable for row in active)
    return f"**{count(len(active), 'finding')}** in {read}: {severities}. {fixable} can be fixed with `kubectl meshfix apply`.{suppressed}"


def _listed(pairs: list[tuple[Diagnosis, Mark]], report: Report, run: Run) -> list[str]:
    rows: list[str] = []
    size = 0
    for row, mark in pairs:
        line = _line(row, mark, report, run)
        size += len(line.encode(errors="backslashreplace")) + 1
        if size > LIMIT:
            break
        rows.append(line)
    return rows


def _line(row: Diagnosis, mark: Mark, report: Report, run: Run) -> str:
    where = reported_location(row, mark, report, run)
    place = f"{where.path}:{where.region.line}" if where.is_real else field_path(row.path)
    at = f"<br>{escaped(place)}" if place else ""
    fix = f"{row.fix.safety}: {escaped(row.fix.advice)}" if row.fix else ""
    fix += f"<br>Risk: {escaped(row.fix.risk)}" if row.fix and row.fix.risk else ""
    cells = (MARKS[row.severity], f"{row.code} {escaped(row.name)}", escaped(row.subject) + at, escaped(row.message), fix)
    return f"| {' | '.join(cells)} |"
