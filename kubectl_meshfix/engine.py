"""From a snapshot and rules to a report."""

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

from kubectl_meshfix.fixes.fix import Fix, Safety
from kubectl_meshfix.fixes.managed_by import Manager, nobody, of_mesh, who_holds_back
from kubectl_meshfix.mesh.snapshot import Location, Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object, Ref, Struct
from kubectl_meshfix.resources.stable_paths import steady
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


class Suppressed(Struct, frozen=True):
    """Who silenced a finding, and why: an annotation's key, ``config`` or ``baseline``."""

    by: str
    reason: str


class Diagnosis(Struct, frozen=True):
    """A finding with all that its rule and its source know of it. ``steady_path`` names entries of lists instead of counting them.

    ``cluster`` is the context it was found in, where a report speaks of several. ``managed_by`` is for whose sake ``apply`` would
    hold the fix back.
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

    @property
    def subject(self) -> str:
        """The object, and its cluster where a report speaks of several."""
        return f"{self.cluster}: {self.resource}" if self.cluster else str(self.resource)

    @property
    def is_fixable(self) -> bool:
        """Whether ``apply`` has a patch for it."""
        return self.fix is not None and self.fix.safety is not Safety.MANUAL


class Unread(Struct, frozen=True, omit_defaults=True):
    """A kind, or a part of it, that could not be read."""

    kind: str
    reason: str
    cluster: str | None = None

    @property
    def subject(self) -> str:
        """The kind, and its cluster where a report speaks of several."""
        return f"{self.cluster}: {self.kind}" if self.cluster else self.kind


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
    """Where the objects came from: a cluster's context and server, several clusters, or files."""

    kind: Literal["cluster", "files"]
    context: str | None = None
    server: str | None = None
    files: tuple[str, ...] = ()
    clusters: tuple[ClusterSource, ...] = ()


BASELINE = "baseline"
"""Who holds a finding out that was there before."""


class Baseline(Struct, frozen=True):
    """A file of findings that were there before, and how many of those are gone."""

    file: str
    gone: int


class Report(Struct, frozen=True):
    """Everything a run found, sorted and free of duplicates; ``config`` is the file of settings it was made with."""

    source: ReportSource
    read: dict[str, int]
    unreadable: tuple[Unread, ...]
    skipped_rules: tuple[SkippedRule, ...]
    findings: tuple[Diagnosis, ...]
    config: str | None = None
    baseline: Baseline | None = None

    @property
    def active(self) -> tuple[Diagnosis, ...]:
        """Findings that nobody suppressed."""
        return tuple(finding for finding in self.findings if not finding.suppressed)

    @property
    def known(self) -> int:
        """How many findings the baseline holds out."""
        return sum(row.suppressed is not None and row.suppressed.by == BASELINE for row in self.findings)


Locate = Callable[[Ref, str], Location | None]
"""Where a JSON pointer of an object stands in a file."""

InScope = Callable[[Finding], bool]
"""Whether a finding concerns what the user asked about."""


class Snapshot(Struct, frozen=True):
    """What a source hands over: the mesh, where it came from, where things stand, and what could not be read."""

    mesh: Mesh
    source: ReportSource
    locate: Locate = lambda _ref, _path: None
    unreadable: tuple[Unread, ...] = ()


def diagnose(snapshot: Snapshot, rules: Iterable[Rule], in_scope: InScope = lambda _finding: True) -> Report:
    """Run every rule that can look and gather what it finds; the order of objects and rules leaves no trace in the result."""
    mesh = snapshot.mesh
    skipped: list[SkippedRule] = []
    rows: list[Diagnosis] = []
    for rule in rules:
        reason = _unreadable_input(mesh, rule)
        if reason:
            skipped.append(SkippedRule(code=rule.code, reason=reason))
            continue
        for finding in filter(in_scope, rule.check(mesh.restricted_to(*rule.inputs, *rule.optional))):
            place = finding.location or snapshot.locate(finding.resource, finding.path)
            rows.append(_diagnosis(mesh, rule, finding, place))
    return Report(
        source=snapshot.source,
        read=mesh.counts,
        unreadable=snapshot.unreadable,
        skipped_rules=tuple(sorted(skipped, key=lambda skip: skip.code)),
        findings=in_order(rows),
    )


def in_order(rows: Iterable[Diagnosis]) -> tuple[Diagnosis, ...]:
    """Findings as a report has them: sorted, each once."""
    found = {(_order(row), row.message): row for row in rows}
    return tuple(found[key] for key in sorted(found))


def _order(row: Diagnosis) -> tuple[str | int, ...]:
    place = row.location
    return (
        row.cluster or "",
        row.resource.namespace or "",
        row.resource.kind,
        row.resource.name,
        row.code,
        _natural(row.path),
        place.file if place else "",
        place.line if place else 0,
    )


def _natural(path: str) -> str:
    return re.sub(r"\d+", lambda digits: digits[0].zfill(6), path)


def _unreadable_input(mesh: Mesh, rule: Rule) -> str:
    """Why a rule cannot run. A kind read in some namespaces is enough, and so are some of the kinds that make pods."""
    reasons = {kind: reason for kind in rule.inputs if (reason := mesh.coverage(kind).reason)}
    makes_pods = [kind for kind in rule.inputs if kind in kinds.WORKLOADS]
    if any(kind not in reasons for kind in makes_pods):
        reasons = {kind: reason for kind, reason in reasons.items() if kind not in makes_pods}
    return "; ".join(f"{kind}: {reason}" for kind, reason in reasons.items())


def _diagnosis(mesh: Mesh, rule: Rule, finding: Finding, place: Location | None) -> Diagnosis:
    aliases = rule.aliases if finding.aliases is None else finding.aliases
    obj = mesh.find(finding.resource)
    return Diagnosis(
        code=rule.code,
        name=rule.name,
        aliases=aliases,
        severity=finding.severity or rule.severity,
        resource=finding.resource,
        path=finding.path,
        location=place,
        message=finding.message,
        evidence=finding.evidence,
        docs=f"kubectl meshfix rules {rule.code}",
        fix=finding.fix,
        suppressed=suppression(obj, (rule.code, rule.name, *aliases)),
        steady_path=steady(obj, finding.path),
        managed_by=who_holds_back(finding.fix, of_mesh(mesh) if mesh.live else nobody) if finding.fix else None,
    )


ISTIO_SUPPRESS = "galley.istio.io/analyze-suppress"
KIALI_SUPPRESS = "kiali.io/ignore-validations"
MESHFIX_SUPPRESS = "meshfix.io/ignore"


def suppression(obj: Object | None, is_named: Sequence[str]) -> Suppressed | None:
    """Whether an annotation on the reported object silences a finding known by any of ``names``.

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


def chosen(rules: Iterable[Rule], select: Sequence[str], ignore: Sequence[str]) -> Iterator[Rule]:
    """The rules a user asks for, by code, name, alias, or a prefix of a code; everything where ``select`` is empty."""
    for rule in rules:
        if (not select or any(is_named(rule, word) for word in select)) and not any(is_named(rule, word) for word in ignore):
            yield rule


def is_named(rule: Rule | Diagnosis, word: str) -> bool:
    """Whether a user's word means this rule, or a finding of it."""
    return word.lower() == rule.name or word.upper() in rule.aliases or (bool(word) and rule.code.startswith(word.upper()))
