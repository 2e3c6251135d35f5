"""What is reported without ``--scope all``: nothing that is out of the mesh on purpose, and nothing that hardly anybody changes."""

from collections.abc import Sequence

import msgspec

from kubectl_meshfix.injection.membership import stays_out
from kubectl_meshfix.mesh.istio_mentions import speaks_of_istio
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.report import Diagnosis, Report
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.scope import behind
from kubectl_meshfix.severity import Severity

ABOUT_MEMBERS = ("MF1", "MF2")
"""Families of rules about ports and workloads, which matter to nobody outside of a mesh."""


def needed(report: Report, least: Severity = Severity.INFO) -> Report:
    """The report without what only ``--scope all`` reports; of that it counts what is at least as severe as ``least``."""
    return _without(report, [row for row in report.findings if not row.on_request], least)


def of_files(report: Report, meshes: Sequence[Mesh], least: Severity = Severity.INFO) -> Report:
    """The report of files as far as they have to do with a mesh, which they themselves say.

    Ports and workloads are left alone where their labels keep them out of the mesh, and, but for errors, where nothing in the files
    speaks of Istio.
    """
    report = needed(report, least)
    if not any(map(speaks_of_istio, meshes)):
        rows = [row for row in report.findings if row.severity is Severity.ERROR or not row.code.startswith(ABOUT_MEMBERS)]
        return msgspec.structs.replace(_without(report, rows, least), speaks_of_istio=False)
    rows = [row for row in report.findings if not (row.code.startswith(ABOUT_MEMBERS) and _is_out(row, meshes))]
    return _without(report, rows, least)


def _without(report: Report, rows: Sequence[Diagnosis], least: Severity) -> Report:
    before, after = (sum(row.severity.rank <= least.rank for row in found) for found in (report.findings, rows))
    return msgspec.structs.replace(report, findings=tuple(rows), withheld=report.withheld + before - after)


def _is_out(row: Diagnosis, meshes: Sequence[Mesh]) -> bool:
    """Whether a finding's object is kept out of the mesh wherever it was read; a Service is where all of its pods are."""
    holding = [(mesh, obj) for mesh in meshes if (obj := mesh.find(row.resource))]
    return bool(holding) and all(
        all(stays_out(mesh, item.namespace, item) for item in workloads)
        if (workloads := behind(mesh, obj))
        else isinstance(obj, Service) and stays_out(mesh, obj.namespace)
        for mesh, obj in holding
    )
