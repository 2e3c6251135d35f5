"""Reports for people, for other programs and for browsers: each format is imported only when it is asked for."""

from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kubectl_meshfix.cli import environment
from kubectl_meshfix.cli.flags.formats.reports import ReportFormat
from kubectl_meshfix.cli.work.diagnosing import Diagnosed
from kubectl_meshfix.render.report.order import Order
from kubectl_meshfix.render.text.terminal import Screen
from kubectl_meshfix.report import Report
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.rules.rule import Severity

if TYPE_CHECKING:
    from kubectl_meshfix.injection.explanation import Explanation
    from kubectl_meshfix.render.report.locations import Mark

MODULES = {
    "sarif": "sarif",
    "junit": "junit",
    "github": "github",
    "gitlab": "gitlab",
    "markdown": "markdown",
    "openreports": "policy_report",
    "wgpolicy": "policy_report",
    "html": "html",
}
"""The module of ``render.report`` that holds the function of the format's name."""

WITHOUT_MARKS = frozenset({"openreports", "wgpolicy", "markdown"})
"""Formats that show a line and no more of a place."""


INJECTION = "MF3"
"""The family of rules about injection."""

MOST_CHAINS = 100
"""Chains drawn in one report."""


class Listing(Struct, frozen=True):
    """How findings are listed for people. ``is_counted``: only how many each rule has."""

    output: ReportFormat
    order: Order
    is_counted: bool = False
    has_suppressed: bool = False

    @property
    def is_by_line(self) -> bool:
        """Whether a line is a finding, so that nothing else may stand between."""
        return self.output is ReportFormat.SHORT and not self.is_counted


def for_people(report: Report, screen: Screen, listing: Listing) -> str:
    """The findings, or how many there are of each rule; empty where there are none."""
    if listing.is_counted:
        from kubectl_meshfix.render.report.statistics import statistics  # noqa: PLC0415

        return statistics(report.findings if listing.has_suppressed else report.active, screen)
    if listing.is_by_line:
        from kubectl_meshfix.render.report.short import short  # noqa: PLC0415

        return short(report, screen, listing.order, show_suppressed=listing.has_suppressed)
    from kubectl_meshfix.render.report.table import table  # noqa: PLC0415

    is_wide = listing.output is ReportFormat.WIDE
    return table(report, screen, listing.order, wide=is_wide, show_suppressed=listing.has_suppressed)


def for_programs(found: Diagnosed, output: ReportFormat, limit: Severity | None) -> str:
    """A report in any other format. ``limit`` is the least severity that fails the run, None for none."""
    from kubectl_meshfix.render.text import machine  # noqa: PLC0415

    match output:
        case ReportFormat.JSON:
            return machine.as_json(machine.report_document(found.report))
        case ReportFormat.YAML:
            return machine.as_yaml(machine.report_document(found.report))
        case ReportFormat.NAME:
            return machine.names(found.report)
        case _:
            return formatted(found, output, limit)


def formatted(found: Diagnosed, name: str, limit: Severity | None) -> str:
    """A report in one of the formats above. ``limit`` is the least severity that fails the run, None for none."""
    from kubectl_meshfix.render.report.locations import Run  # noqa: PLC0415 -- for these formats alone

    render: Callable[[Report, Run], str] = getattr(import_module(f"kubectl_meshfix.render.report.{MODULES[name]}"), name)
    marks: tuple[Mark, ...] = ()
    if found.manifests and name not in WITHOUT_MARKS:
        from kubectl_meshfix.cli.work.source_text import marks as marked  # noqa: PLC0415 -- reads the manifests again

        marks = marked(found.report, found.manifests, with_edits=name == "sarif")
    folder = Path.cwd()
    run = Run(folder=folder.as_posix(), root=environment.root(folder).as_posix(), limit=limit, finished=environment.now(), marks=marks)
    return render(found.report, msgspec.structs.replace(run, chains=tuple(_chains(found))) if name == "html" else run)


def _chains(found: Diagnosed) -> "Iterator[Explanation]":
    """How pods get their sidecar, for the first objects with findings about that: drawn from what was read anyway."""
    from kubectl_meshfix.injection.chain import explain  # noqa: PLC0415 -- the chain is for pages alone
    from kubectl_meshfix.injection.subjects import KINDS, subject  # noqa: PLC0415

    resources = dict.fromkeys(row.resource for row in found.report.active if row.code.startswith(INJECTION))
    held = ((found.meshes.mesh_of(resource), found.meshes.find(resource)) for resource in resources)
    objects = ((mesh, obj) for mesh, obj in held if obj and kinds.of_object(obj) in KINDS)
    for mesh, obj in islice(objects, MOST_CHAINS):
        yield explain(mesh, subject(mesh, obj))
