"""GitLab's code quality report (`docs.gitlab.com/ci/testing/code_quality`)."""

from kubectl_meshfix.render.report.locations import Run, fingerprints, reported_location, with_marks
from kubectl_meshfix.render.text.machine import as_json
from kubectl_meshfix.render.text.terminal import safe
from kubectl_meshfix.report import Report
from kubectl_meshfix.rules.rule import Severity

SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}


def gitlab(report: Report, run: Run) -> str:
    """An entry a finding, each with a fingerprint of its own; suppressed ones are left out."""
    entries = []
    for (row, mark), name in zip(with_marks(report, run), fingerprints(report, run), strict=True):
        if row.suppressed:
            continue
        where = reported_location(row, mark, report, run)
        region = where.region
        entries.append(
            {
                "description": safe(f"{row.subject}: {row.message}"),
                "check_name": f"{row.code} {row.name}",
                "fingerprint": name,
                "severity": SEVERITIES[row.severity],
                "location": {
                    "path": safe(where.path),
                    "positions": {
                        "begin": {"line": region.line, "column": region.column},
                        "end": {"line": region.end_line, "column": region.end_column},
                    },
                },
            }
        )
    return as_json(entries)
