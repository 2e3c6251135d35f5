"""A run for programs: schemaVersion 1 (`docs/schema/test-report.v1.json`)."""

from collections.abc import Mapping
from typing import Any

from kubectl_meshfix.expectations.terms import Asked, Complaint, Injected, Result, Verdict
from kubectl_meshfix.render.expectations import words
from kubectl_meshfix.render.expectations.words import Run
from kubectl_meshfix.render.text.machine import SCHEMA_VERSION


def document(run: Run) -> dict[str, Any]:
    """The results in the order of the files, the counts, and what no expectation touches."""
    rows = run.results
    return {
        "schemaVersion": SCHEMA_VERSION,
        "tests": [_result(row) for row in rows],
        "summary": {str(verdict): sum(row.verdict is verdict for row in rows) for verdict in Verdict},
        "coverage": {
            "routes": run.coverage.routes,
            "policies": run.coverage.policies,
            "untouchedRoutes": [{"resource": at.resource, "path": at.path} for at in run.coverage.untouched_routes],
            "untouchedPolicies": list(run.coverage.untouched_policies),
        },
    }


def _result(row: Result) -> Mapping[str, Any]:
    item, location = row.expectation, row.expectation.location
    return {
        "name": item.name,
        "file": location.file if location else None,
        "line": location.line if location else None,
        "namespace": item.namespace,
        **_about(item.about),
        "result": row.verdict,
        "why": words.why(row) if row.verdict is not Verdict.HOLDS else [],
        "complaints": [_complaint(complaint) for complaint in row.complaints],
        "decidedBy": words.decided_by(row) or None,
        "notEvaluated": list(row.trace.altering) if row.trace else [],
        "beside": row.beside or None,
    }


def _about(about: Asked | Injected) -> Mapping[str, Any]:
    match about:
        case Asked(caller=caller, request=request):
            return {"from": caller.word, "request": str(request), "workload": None}
        case Injected(workload=workload):
            return {"from": None, "request": None, "workload": workload}


def _complaint(complaint: Complaint) -> Mapping[str, Any]:
    settled = list(dict.fromkeys(unknown.settled_by for unknown in complaint.unknowns))
    return {"field": complaint.field, "expected": complaint.wanted, "got": complaint.got or None, "settledBy": settled}
