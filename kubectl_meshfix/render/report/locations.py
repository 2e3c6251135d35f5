"""Where findings stand, what would mend them there, and what else a format for machines tells of a run."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import PurePosixPath
from urllib.parse import quote

from kubectl_meshfix.fingerprints import Fingerprint, fingerprint
from kubectl_meshfix.injection.explanation import Explanation
from kubectl_meshfix.report import Diagnosis, Report
from kubectl_meshfix.resources.meta import Ref, Struct
from kubectl_meshfix.rules.rule import Severity

STDIN = "-"


class Region(Struct, frozen=True):
    """A stretch of a text: lines and columns from 1, in characters, its end the first character after it."""

    line: int
    column: int
    end_line: int
    end_column: int


class Replacement(Struct, frozen=True):
    """A stretch of a file, in the text of one object, and what takes its place; an insertion where the stretch is empty."""

    resource: Ref
    file: str
    region: Region
    text: str


class Mark(Struct, frozen=True):
    """What the source's text adds to one finding: the whole of the culprit, and the edit that mends it."""

    region: Region | None = None
    edits: tuple[Replacement, ...] = ()


class Run(Struct, frozen=True):
    """One run of ``diagnose``. ``marks`` are the findings' own, in their order, or none at all.

    ``folder`` is where relative names of files start, ``root`` the checkout that reports name them from; both absolute.
    ``limit`` is the least severity that fails the run, None where none does. ``chains`` explain objects with findings about injection.
    """

    folder: str = "/"
    root: str = "/"
    limit: Severity | None = Severity.WARNING
    finished: datetime = datetime.fromtimestamp(0, UTC)
    marks: tuple[Mark, ...] = ()
    chains: tuple[Explanation, ...] = ()


class ReportedLocation(Struct, frozen=True):
    """Where a report shows a finding: a file under the checkout's root, one outside of it, or a name made up for a cluster's object."""

    path: str
    region: Region
    is_below_root: bool
    is_real: bool


def fails(row: Diagnosis, run: Run) -> bool:
    """Whether a finding fails the run."""
    return run.limit is not None and row.suppressed is None and row.severity.rank <= run.limit.rank


def with_marks(report: Report, run: Run) -> Iterator[tuple[Diagnosis, Mark]]:
    """Every finding with its mark."""
    yield from zip(report.findings, run.marks or (Mark(),) * len(report.findings), strict=True)


def worst_first(report: Report, run: Run) -> list[tuple[Diagnosis, Mark]]:
    """The active findings with their marks, errors before warnings before the rest."""
    return sorted((pair for pair in with_marks(report, run) if not pair[0].suppressed), key=lambda pair: pair[0].severity.rank)


def reported_location(row: Diagnosis, mark: Mark, report: Report, run: Run) -> ReportedLocation:
    """Where to show a finding. What stands in no file gets a file's name all the same, because readers of reports drop what has none."""
    if row.location is None:
        return ReportedLocation(
            path=_cluster_path(row, report), region=Region(line=1, column=1, end_line=1, end_column=1), is_below_root=False, is_real=False
        )
    file, line, column = row.location.file, row.location.line, row.location.column
    region = mark.region or Region(line=line, column=column, end_line=line, end_column=column)
    path, is_below = relative(file, run)
    return ReportedLocation(path=path, region=region, is_below_root=is_below, is_real=True)


def relative(file: str, run: Run) -> tuple[str, bool]:
    """A file's name from the checkout's root, with forward slashes; absolute, and False, where it is outside."""
    return _relative(file, run.folder, run.root)


@lru_cache(maxsize=1024)
def _relative(file: str, folder: str, root: str) -> tuple[str, bool]:
    if file == STDIN:
        return "stdin", True
    parts: list[str] = []
    for part in (PurePosixPath(folder) / file.replace("\\", "/")).parts:
        if part == "..":
            parts = parts[:-1] or parts
        elif part != ".":
            parts.append(part)
    path = PurePosixPath(*parts)
    return (str(path.relative_to(root)), True) if path.is_relative_to(root) else (str(path), False)


def uri(path: str) -> str:
    """A path as a URI reference, or as a file URI where it is absolute."""
    return ("file://" if path.startswith("/") else "") + quote(path, safe="/-._~!$&'()*+,;=@", errors="surrogateescape")


def fingerprints(report: Report, run: Run) -> Sequence[str]:
    """A stable name for each finding of a cluster or of files. Equal ones are numbered in the report's order."""
    import hashlib  # noqa: PLC0415 -- it loads OpenSSL, for a few formats

    seen: Counter[tuple[str, Fingerprint]] = Counter()
    result = []
    for row in report.findings:
        cluster, known = row.cluster or _context(report), fingerprint(row, lambda file: relative(file, run)[0])
        seen[cluster, known] += 1
        ref = (known.group, known.kind, known.namespace, known.name)
        key = (cluster, known.code, *ref, known.path, str(seen[cluster, known]))
        result.append(hashlib.sha256("\0".join(key).encode("utf-8", "backslashreplace")).hexdigest())
    return result


def _context(report: Report) -> str:
    """The context of objects; that of manifests is none, in whatever cluster they were judged."""
    return (report.source.context or "") if report.source.kind == "cluster" else ""


def _cluster_path(row: Diagnosis, report: Report) -> str:
    ref = row.resource
    parts = ("cluster", row.cluster or _context(report), ref.namespace or "", ref.kind.lower(), f"{ref.name}.yaml")
    return "/".join(part.replace("/", "_").replace("\\", "_").strip(".") or "_" for part in parts if part)
