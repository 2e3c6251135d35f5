"""SARIF 2.1.0, for code scanning and editors (`docs.oasis-open.org/sarif/sarif/v2.1.0`)."""

from collections.abc import Iterator
from typing import Any

from kubectl_meshfix import __version__
from kubectl_meshfix.render.report.fix_lines import fix_lines
from kubectl_meshfix.render.report.locations import (
    Mark,
    Region,
    Replacement,
    ReportedLocation,
    Run,
    fingerprints,
    relative,
    reported_location,
    uri,
    with_marks,
)
from kubectl_meshfix.render.text.machine import as_json
from kubectl_meshfix.render.text.terminal import safe
from kubectl_meshfix.report import BASELINE, Diagnosis, Report
from kubectl_meshfix.rules import RULES, page
from kubectl_meshfix.rules.pages import captioned
from kubectl_meshfix.rules.rule import Severity

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
ROOT = "%SRCROOT%"
SECURITY = "MF6"
"""The family whose findings code scanning shows as security alerts; a severity of that kind on others would make those such alerts too."""


def sarif(report: Report, run: Run) -> str:
    """One run with a result a finding, suppressed ones marked; the same input gives the same bytes."""
    codes = sorted({row.code for row in report.findings} | {skip.code for skip in report.skipped_rules})
    index = {code: position for position, code in enumerate(codes)}
    by_code = {row.code: row for row in report.findings}
    are_some_suppressed = any(row.suppressed for row in report.findings)
    results = [
        _result(row, mark, reported_location(row, mark, report, run), run)
        | {"ruleIndex": index[row.code], "partialFingerprints": {"meshfix/v1": name}}
        | ({"suppressions": _suppressions(row)} if are_some_suppressed else {})
        | ({"baselineState": "unchanged" if row.suppressed and row.suppressed.by == BASELINE else "new"} if report.baseline else {})
        for (row, mark), name in zip(with_marks(report, run), fingerprints(report, run), strict=True)
    ]
    driver = {
        "name": "kubectl-meshfix",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(code, by_code.get(code)) for code in codes],
    }
    document = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {ROOT: {"uri": f"{uri(run.root).rstrip('/')}/"}},
                "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": list(_gaps(report, index))}],
                "results": results,
            }
        ],
    }
    return as_json(document)


def _rule(code: str, row: Diagnosis | None) -> dict[str, Any]:
    rule = next((rule for rule in RULES if rule.code == code), None)
    if rule is None:
        return {"id": code} | ({"name": row.name} if row else {})
    severity = {"problem.severity": "recommendation" if rule.severity is Severity.INFO else str(rule.severity)}
    security = {"security-severity": {"error": "7.0", "warning": "5.0", "info": "2.0"}[rule.severity]} if code.startswith(SECURITY) else {}
    text = captioned(page(rule))
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": _section(text, "What it finds") or rule.summary},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": ["istio", rule.name, *rule.aliases], "precision": "high", **severity, **security},
    }


def _section(text: str, heading: str) -> str:
    """The first paragraph below a heading of a page, on one line."""
    paragraph = text.partition(f"## {heading}\n\n")[2].partition("\n\n")[0]
    return " ".join(paragraph.split())


def _result(row: Diagnosis, mark: Mark, where: ReportedLocation, run: Run) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": row.code,
        "level": LEVELS[row.severity],
        "kind": "fail",
        "message": {"text": _message(row)},
        "locations": [{"physicalLocation": _physical(where), "logicalLocations": [_logical(row)]}],
        "properties": {"path": row.path, "evidence": [safe(piece) for piece in row.evidence], "aliases": list(row.aliases)},
    }
    if row.fix:
        result["properties"] |= {
            "fix": safe(row.fix.advice),
            "applicability": str(row.fix.safety),
            **({"risk": safe(row.fix.risk)} if row.fix.risk else {}),
            "commands": [safe(line) for line in row.fix.commands],
        }
    others = [edit for edit in mark.edits if edit.resource.key != row.resource.key]
    if others:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _edited(edit, run), "message": {"text": _plain(f"The fix changes {edit.resource} too.")}}
            for number, edit in enumerate(others, 1)
        ]
    if row.fix and mark.edits:
        result["fixes"] = [
            {
                "description": {"text": _plain(row.fix.summary)},
                "artifactChanges": [_change(file, mark.edits, run) for file in dict.fromkeys(edit.file for edit in mark.edits)],
            }
        ]
    return result


def _message(row: Diagnosis) -> str:
    return _plain("\n".join([f"{row.subject}: {row.message}", *fix_lines(row.fix)]))


def _plain(text: str) -> str:
    """Text in which no consumer sees a link (§3.11.6); whatever a terminal would obey is shown as escapes."""
    shown = safe(text)
    end = shown.rfind("](") + 1
    return shown[:end].replace("[", r"\[") + shown[end:]


def _logical(row: Diagnosis) -> dict[str, str]:
    ref = row.resource
    full = "/".join(part for part in (row.cluster, ref.api_version, ref.kind, ref.namespace, ref.name) if part)
    return {"name": safe(ref.name), "fullyQualifiedName": safe(full + row.path), "kind": "resource"}


def _physical(where: ReportedLocation) -> dict[str, Any]:
    artifact = {"uri": uri(where.path)} | ({"uriBaseId": ROOT} if where.is_below_root else {})
    return {"artifactLocation": artifact, "region": _region(where.region) if where.is_real else {"startLine": 1}}


def _edited(edit: Replacement, run: Run) -> dict[str, Any]:
    path, is_below_root = relative(edit.file, run)
    return _physical(ReportedLocation(path=path, region=edit.region, is_below_root=is_below_root, is_real=True))


def _region(region: Region) -> dict[str, int]:
    end = {"endLine": region.end_line, "endColumn": region.end_column}
    return {"startLine": region.line, "startColumn": region.column} | end


def _change(file: str, edits: tuple[Replacement, ...], run: Run) -> dict[str, Any]:
    own = [edit for edit in edits if edit.file == file]
    return {
        "artifactLocation": _edited(own[0], run)["artifactLocation"],
        "replacements": [{"deletedRegion": _region(edit.region), "insertedContent": {"text": edit.text}} for edit in own],
    }


def _suppressions(row: Diagnosis) -> list[dict[str, str]]:
    """An empty list says that a result is not suppressed, once any other is (§3.27.23)."""
    if row.suppressed is None:
        return []
    kind = "inSource" if "/" in row.suppressed.by else "external"
    return [{"kind": kind, "status": "accepted", "justification": safe(row.suppressed.reason or row.suppressed.by)}]


def _gaps(report: Report, index: dict[str, int]) -> Iterator[dict[str, Any]]:
    """What was not looked at."""
    for gap in report.gaps:
        yield {"level": "warning", "message": {"text": _plain(f"Not checked: {gap.subject}: {gap.reason}")}}
    for skip in report.skipped_rules:
        text = _plain(f"{skip.code} was skipped: {skip.reason}")
        yield {"level": "note", "message": {"text": text}, "associatedRule": {"id": skip.code, "index": index[skip.code]}}
