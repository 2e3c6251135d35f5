"""What a run found: the report, its findings, and how much of the whole was looked at."""

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from kubectl_meshfix.fixes.fix import Fix, Safety
from kubectl_meshfix.fixes.managed_by import Manager
from kubectl_meshfix.mesh.answers import NotAsked
from kubectl_meshfix.mesh.problems import Location
from kubectl_meshfix.resources.meta import Ref, Struct
from kubectl_meshfix.severity import Severity


class Suppressed(Struct, frozen=True):
    """Who suppressed a finding, and why: an annotation's key, ``config`` or ``baseline``."""

    by: str
    reason: str


class Diagnosis(Struct, frozen=True):
    """A finding with all that its rule and its source know of it. ``steady_path`` names entries of lists instead of counting them.

    ``cluster`` is the context it was found in, where a report speaks of several, or where it is about a live object and the report about
    files. ``managed_by`` is for whose sake ``apply`` would
    hold the fix back. ``on_request`` is for what only ``--scope all`` reports.
    """

    code: str
    name: str
    aliases: tuple[str, ...]
    severity: Severity
    resource: Ref
    path: str
    location: Location | None
    message: str
    evidence: tuple[str, ...]
    docs: str
    fix: Fix | None
    suppressed: Suppressed | None = None
    steady_path: str = ""
    cluster: str | None = None
    managed_by: Manager | None = None
    on_request: bool = False

    @property
    def subject(self) -> str:
        """The object, and its cluster where a report speaks of several."""
        return f"{self.cluster}: {self.resource}" if self.cluster else str(self.resource)

    @property
    def is_fixable(self) -> bool:
        """Whether ``apply`` has a patch for it."""
        return self.fix is not None and self.fix.safety is not Safety.MANUAL


class Unread(Struct, frozen=True, omit_defaults=True):
    """A kind, or a part of it, that could not be read; or a ``file``, or a document of it, whose kind is then ``File``."""

    kind: str
    reason: str
    cluster: str | None = None
    file: str | None = None

    @property
    def subject(self) -> str:
        """The kind or the file, and its cluster where a report speaks of several."""
        return f"{self.cluster}: {self.kind}" if self.cluster else self.file or self.kind


class SkippedRule(Struct, frozen=True, omit_defaults=True):
    """A rule that did not look, and why."""

    code: str
    reason: str
    cluster: str | None = None


class ClusterSource(Struct, frozen=True, omit_defaults=True):
    """One of several clusters; ``error`` says why nothing was read of it."""

    context: str
    server: str | None = None
    error: str | None = None


class ReportSource(Struct, frozen=True):
    """Where the objects came from: a cluster's context and server, several clusters, or files.

    Files have a context and a server too where they were judged in a cluster.
    """

    kind: Literal["cluster", "files"]
    context: str | None = None
    server: str | None = None
    files: tuple[str, ...] = ()
    clusters: tuple[ClusterSource, ...] = ()

    @property
    def is_in_cluster(self) -> bool:
        """Whether manifests were judged among the objects of a cluster."""
        return self.kind == "files" and self.server is not None


BASELINE = "baseline"
"""Who holds a finding out that was there before."""


class Baseline(Struct, frozen=True):
    """A file of findings that were there before, and how many of those are gone."""

    file: str
    gone: int


class Looked(Struct, frozen=True):
    """What a run was asked about. ``namespace`` is None where it was about all of them.

    ``named`` are the words that chose objects: names, and ``-l`` with its selector. ``absent`` are kinds that were asked for and of which
    there is no object. ``least`` is the least severity that was asked for. ``is_empty`` says that nothing of what was read is in the
    namespace.
    """

    namespace: str | None = None
    is_everywhere: bool = True
    named: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    least: Severity = Severity.INFO
    is_empty: bool = False


class Asked(Struct, frozen=True):
    """What istiods and proxies were asked themselves: how many answered, ``of`` how many proxies, and what gave no answer.

    ``sample`` is how many of the proxies were to be asked, None for all. Where nobody ``is_wanted``, nobody was asked.
    """

    is_wanted: bool = True
    istiods: int = 0
    proxies: int = 0
    of: int = 0
    sample: int | None = None
    missing: tuple[NotAsked, ...] = ()


class Report(Struct, frozen=True):
    """Everything a run found, sorted and free of duplicates; ``config`` is the file of settings it was made with.

    ``speaks_of_istio`` is False where nothing in the files has to do with Istio. ``withheld`` counts what only ``--scope all`` reports.
    ``beside`` are how many objects of a cluster manifests were judged among, by the kind's name. ``asked`` is None where nobody can be.
    """

    source: ReportSource
    read: dict[str, int]
    unreadable: tuple[Unread, ...]
    skipped_rules: tuple[SkippedRule, ...]
    findings: tuple[Diagnosis, ...]
    config: str | None = None
    baseline: Baseline | None = None
    looked: Looked = Looked()
    speaks_of_istio: bool = True
    withheld: int = 0
    beside: dict[str, int] = {}
    asked: Asked | None = None

    @property
    def gaps(self) -> tuple[Unread, ...]:
        """Kinds that could not be read. Files have findings of their own, which say it where people look."""
        return tuple(gap for gap in self.unreadable if gap.file is None)

    @property
    def active(self) -> tuple[Diagnosis, ...]:
        """Findings that nobody suppressed."""
        return tuple(finding for finding in self.findings if not finding.suppressed)

    @property
    def known(self) -> int:
        """How many findings the baseline holds out."""
        return sum(row.suppressed is not None and row.suppressed.by == BASELINE for row in self.findings)


def in_order(rows: Iterable[Diagnosis]) -> tuple[Diagnosis, ...]:
    """Findings as a report has them: sorted, each once."""
    found = {(_order(row), row.message): row for row in rows}
    return tuple(found[key] for key in sorted(found))


def told_once(report: Report) -> Report:
    """The report without what a reader cannot tell apart: several builds of one base have its findings from the same place."""
    found: dict[tuple[object, ...], Diagnosis] = {}
    for at, row in enumerate(report.findings):
        own = (row.subject, row.code, row.path, row.location, row.message, row.suppressed)
        found.setdefault(own if row.location else (at,), row)
    return msgspec.structs.replace(report, findings=tuple(found.values()))


def _order(row: Diagnosis) -> tuple[str | int, ...]:
    place = row.location
    return (
        row.cluster or "",
        row.resource.namespace or "",
        row.resource.kind,
        row.resource.name,
        row.resource.copy,
        row.code,
        _natural(row.path),
        place.file if place else "",
        place.line if place else 0,
    )


def _natural(path: str) -> str:
    return re.sub(r"\d+", lambda digits: digits[0].zfill(6), path)
