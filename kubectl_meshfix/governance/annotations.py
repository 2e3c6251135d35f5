"""Annotations of an object that suppress findings about it: ours, Istio's and Kiali's."""

import fnmatch
from collections.abc import Sequence

import msgspec

from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.report import Report, Suppressed
from kubectl_meshfix.resources.meta import Object

ISTIO_SUPPRESS = "galley.istio.io/analyze-suppress"
KIALI_SUPPRESS = "kiali.io/ignore-validations"
MESHFIX_SUPPRESS = "meshfix.io/ignore"


def suppression(obj: Object | None, is_named: Sequence[str]) -> Suppressed | None:
    """Whether an annotation on the reported object suppresses a finding known by any of ``names``.

    Istio's and Kiali's lists are taken as those tools write them (`local/istiod_analyze.go`, `models/istio_validation.go`):
    codes or ``*``, comma-separated; Kiali's empty value means all. Ours adds a reason: ``MF101, MF2*: reason``.
    """
    annotations = obj.metadata.annotations if obj else {}
    for key in (MESHFIX_SUPPRESS, ISTIO_SUPPRESS, KIALI_SUPPRESS):
        if key not in annotations:
            continue
        codes, _, reason = annotations[key].partition(":") if key == MESHFIX_SUPPRESS else (annotations[key], "", "")
        patterns = [code.strip() for code in codes.split(",") if code.strip()] or (["*"] if key == KIALI_SUPPRESS else [])
        if any(fnmatch.fnmatchcase(name, pattern) for name in is_named for pattern in patterns):
            return Suppressed(by=key, reason=reason.strip())
    return None


def annotated(report: Report, meshes: Meshes) -> Report:
    """The report with the findings marked that annotations of their objects suppress."""
    found = ((row, suppression(meshes.find(row.resource), (row.code, row.name, *row.aliases))) for row in report.findings)
    rows = tuple(msgspec.structs.replace(row, suppressed=by) if by else row for row, by in found)
    return msgspec.structs.replace(report, findings=rows)
