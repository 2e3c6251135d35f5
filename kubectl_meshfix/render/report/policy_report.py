"""Policy reports: openreports.io/v1alpha1, and wgpolicyk8s.io/v1alpha2 from which it comes."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from kubectl_meshfix.render.report.locations import Mark, Run, reported_location, with_marks
from kubectl_meshfix.render.text.machine import as_yaml
from kubectl_meshfix.render.text.terminal import safe
from kubectl_meshfix.report import Diagnosis, Report, Unread
from kubectl_meshfix.rules.rule import Severity

SOURCE = "kubectl-meshfix"
LARGEST = 500
"""Results in one report: etcd takes no more than 1.5 MB an object."""

SEVERITIES = {Severity.ERROR: "high", Severity.WARNING: "medium", Severity.INFO: "info"}
RESULTS = {Severity.ERROR: "fail", Severity.WARNING: "warn", Severity.INFO: "warn"}
OUTCOMES = ("pass", "fail", "warn", "error", "skip")
FAMILIES = {
    "MF0": "Input",
    "MF1": "Ports",
    "MF2": "Workloads",
    "MF3": "Injection",
    "MF4": "Routing",
    "MF5": "Gateways",
    "MF6": "Security",
    "MF7": "Extensions",
    "MF8": "Ambient",
    "MF9": "Control plane",
}

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\Z")


def openreports(report: Report, run: Run) -> str:
    """A Report for each namespace and a ClusterReport for the rest, as YAML documents."""
    return _documents(report, run, "openreports.io/v1alpha1", "Report")


def wgpolicy(report: Report, run: Run) -> str:
    """The same as PolicyReports and a ClusterPolicyReport."""
    return _documents(report, run, "wgpolicyk8s.io/v1alpha2", "PolicyReport")


def _documents(report: Report, run: Run, api: str, kind: str) -> str:
    by_namespace: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row, mark in with_marks(report, run):
        namespace = row.resource.namespace or ""
        by_namespace[namespace if _NAMESPACE.match(namespace) else ""].append(_result(row, mark, report, run))
    gaps = [_gap(gap, run) for gap in report.gaps]
    if gaps or not by_namespace:
        by_namespace[""] += gaps
    documents = [document for namespace, results in sorted(by_namespace.items()) for document in _split(namespace, results, api, kind)]
    return "---\n".join(as_yaml(document) for document in documents)


def _split(namespace: str, results: list[dict[str, Any]], api: str, kind: str) -> Iterator[dict[str, Any]]:
    for part, start in enumerate(range(0, max(len(results), 1), LARGEST), 1):
        some = results[start : start + LARGEST]
        totals = Counter(result["result"] for result in some)
        name = SOURCE if part == 1 else f"{SOURCE}-{part}"
        yield {
            "apiVersion": api,
            "kind": kind if namespace else f"Cluster{kind}",
            "metadata": {"name": name}
            | ({"namespace": namespace} if namespace else {})
            | {"labels": {"app.kubernetes.io/managed-by": SOURCE}},
            **({"source": SOURCE} if api.startswith("openreports") else {}),
            **({"scope": {"apiVersion": "v1", "kind": "Namespace", "name": namespace}} if namespace else {}),
            "summary": {outcome: totals[outcome] for outcome in OUTCOMES},
            "results": some,
        }


def _result(row: Diagnosis, mark: Mark, report: Report, run: Run) -> dict[str, Any]:
    ref = row.resource
    where = reported_location(row, mark, report, run)
    properties = {
        "path": row.path,
        "aliases": ", ".join(row.aliases),
        "evidence": "\n".join(row.evidence),
        "file": f"{where.path}:{where.region.line}:{where.region.column}" if where.is_real else "",
        "fix": str(row.fix.safety) if row.fix else "",
        "fixSummary": row.fix.advice if row.fix else "",
        "fixRisk": row.fix.risk or "" if row.fix else "",
        "suppressedBy": row.suppressed.by if row.suppressed else "",
        "suppressedBecause": row.suppressed.reason if row.suppressed else "",
    }
    named = {"apiVersion": ref.api_version, "kind": ref.kind, "namespace": ref.namespace or "", "name": ref.name}
    outcome = "skip" if row.suppressed else RESULTS[row.severity]
    return {
        "source": SOURCE,
        "policy": row.code,
        "rule": row.name,
        "category": f"Istio/{FAMILIES.get(row.code[:3], 'Other')}",
        "severity": SEVERITIES[row.severity],
        "result": outcome,
        "scored": True,
        "timestamp": _timestamp(run),
        "message": safe(row.message),
        "resources": [{key: safe(value) for key, value in named.items() if value}],
        "properties": {key: safe(value) for key, value in properties.items() if value},
    }


def _gap(gap: Unread, run: Run) -> dict[str, Any]:
    return {
        "source": SOURCE,
        "policy": "coverage",
        "rule": "unreadable",
        "category": "Istio/Input",
        "result": "error",
        "scored": False,
        "timestamp": _timestamp(run),
        "message": safe(f"Not checked: {gap.kind}: {gap.reason}"),
    }


def _timestamp(run: Run) -> dict[str, int]:
    return {"seconds": int(run.finished.timestamp()), "nanos": 0}
