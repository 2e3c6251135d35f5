"""From a snapshot and rules to a report."""

from collections.abc import Callable, Iterable

from kubectl_meshfix.agreement import findings
from kubectl_meshfix.fixes.fix import Fix
from kubectl_meshfix.fixes.held import ManagedBy, why_held
from kubectl_meshfix.fixes.managed_by import Manager, Managers, nobody, of_mesh
from kubectl_meshfix.mesh.answers import NONE_ASKED
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.problems import Location
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.report import Diagnosis, Report, ReportSource, SkippedRule, Unread, in_order
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Ref, Struct
from kubectl_meshfix.resources.stable_paths import steady
from kubectl_meshfix.rules.rule import Finding, Rule

Locate = Callable[[Ref, str], Location | None]
"""Where a JSON pointer of an object stands in a file."""

InScope = Callable[[Finding], bool]
"""Whether a finding concerns what the user asked about."""


class Snapshot(Struct, frozen=True):
    """What a source hands over: the meshes, where they came from, where things stand, and what could not be read.

    Files make several meshes where they hold an object more than once. ``not_served`` are the kinds that were asked for and that the
    cluster does not know. ``has_istio`` is False where a cluster is known to have neither an injector's webhook nor any of Istio's kinds.
    ``may_say`` tells whether a word may stand in the files; nobody looks for it in a cluster.
    """

    meshes: Meshes
    source: ReportSource
    locate: Locate = lambda _ref, _path: None
    unreadable: tuple[Unread, ...] = ()
    not_served: frozenset[Kind] = frozenset()
    has_istio: bool = True
    may_say: Callable[[str], bool] = lambda _word: True

    @property
    def mesh(self) -> Mesh:
        """The only mesh, or the first of several."""
        return self.meshes.first


def diagnose(snapshot: Snapshot, rules: Iterable[Rule], in_scope: InScope = lambda _finding: True) -> Report:
    """Run every rule that can look and gather what it finds; the order of objects and rules leaves no trace in the result."""
    skipped: list[SkippedRule] = []
    rows: list[Diagnosis] = []
    for rule in rules:
        reason = _unreadable_input(snapshot.mesh, rule)
        if reason:
            skipped.append(SkippedRule(code=rule.code, reason=reason))
            continue
        if (rule.subjects and not snapshot.meshes.hold_any(rule.subjects)) or not _is_possible(snapshot, rule):
            continue
        for finding in filter(in_scope, findings(rule, snapshot.meshes)):
            place = finding.location or snapshot.locate(finding.resource, finding.path)
            rows.append(_diagnosis(snapshot.meshes.mesh_of(finding.resource), rule, finding, place))
    return Report(
        source=snapshot.source,
        read=snapshot.meshes.counts,
        unreadable=snapshot.unreadable,
        skipped_rules=tuple(sorted(skipped, key=lambda skip: skip.code)),
        findings=in_order(rows),
    )


def _is_possible(snapshot: Snapshot, rule: Rule) -> bool:
    """Whether there are the objects without which the rule finds nothing, in files any of its words, and an answer where it is about
    answers.
    """
    are_there = all(snapshot.meshes.hold_any((kind,)) for kind in rule.needs) and all(map(snapshot.meshes.hold_two, rule.compares))
    if not are_there or (rule.of_answers and snapshot.mesh.answers == NONE_ASKED):
        return False
    return not rule.words or snapshot.mesh.live or any(map(snapshot.may_say, rule.words))


def _unreadable_input(mesh: Mesh, rule: Rule) -> str:
    """Why a rule cannot run. A kind read in some namespaces is enough, and so are some of the kinds that make pods."""
    reasons = {kind: reason for kind in rule.inputs if (reason := mesh.coverage(kind).reason)}
    makes_pods = [kind for kind in rule.inputs if kind in kinds.WORKLOADS]
    if any(kind not in reasons for kind in makes_pods):
        reasons = {kind: reason for kind, reason in reasons.items() if kind not in makes_pods}
    return "; ".join(f"{kind}: {reason}" for kind, reason in reasons.items())


def _diagnosis(mesh: Mesh, rule: Rule, finding: Finding, place: Location | None) -> Diagnosis:
    aliases = rule.aliases if finding.aliases is None else finding.aliases
    obj, fix = mesh.find(finding.resource), _offered(mesh, finding.fix) if finding.fix else None
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
        fix=fix,
        steady_path=steady(obj, finding.path),
        managed_by=_managed_by(fix, of_mesh(mesh) if mesh.is_live(finding.resource) else nobody) if fix else None,
        on_request=finding.on_request,
    )


def _offered(mesh: Mesh, fix: Fix) -> Fix:
    """The fix, by hand where its new pods may not come up; files say nothing of that, and need none of what would look."""
    if not mesh.live:
        return fix
    from kubectl_meshfix.injection.new_pods import offered  # noqa: PLC0415 -- half of the start-up of a run on a file

    return offered(mesh, fix)


def _managed_by(fix: Fix, managers: Managers) -> Manager | None:
    match why_held(fix, managers):
        case ManagedBy(manager=manager):
            return manager
        case _:
            return None
