"""What the flags and the settings make of the rules' findings: the same question may be asked of several meshes, one after the other."""

from typing import TYPE_CHECKING

import msgspec

from kubectl_meshfix import default_scope, engine, scope
from kubectl_meshfix.cli.flags.options import RuleFlags, Scope, SelectionFlags
from kubectl_meshfix.cli.work import governing
from kubectl_meshfix.cli.work.reading import Source
from kubectl_meshfix.engine import Snapshot
from kubectl_meshfix.governance.annotations import annotated
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.report import Report, in_order
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.rules.choice import is_named
from kubectl_meshfix.rules.input import unreadable_document
from kubectl_meshfix.rules.rule import Rule, Severity

if TYPE_CHECKING:
    from kubectl_meshfix.governance.baseline import Known
    from kubectl_meshfix.governance.config import Config
    from kubectl_meshfix.governance.run_coverage import RunCoverage


class Question(Struct, frozen=True):
    """What is asked of what was read: the rules, which findings are shown, and what a team has decided.

    ``alone`` are manifests that no cluster says more about. ``given`` are the flags as they were given, ``selection`` and ``choice`` those
    that the settings complete. ``before`` are the findings of the file ``baseline``, None where there is none.
    """

    source: Source
    rules: tuple[Rule, ...]
    shown: scope.FindingFilter
    selection: SelectionFlags
    choice: RuleFlags
    config: "Config | None"
    given: SelectionFlags
    targets: tuple[str, ...]
    alone: bool
    before: "Known | None" = None
    baseline: str = ""


def judged(question: Question, meshes: Meshes) -> Report:
    """The report of the rules over some meshes, in the scope that is asked for and with the settings, but for the baseline."""
    source, rules, choice, config = question.source, question.rules, question.choice, question.config
    shown = msgspec.structs.replace(question.shown, namespace=source.namespace)
    in_scope = scope.in_scope(meshes, shown, source.files or meshes)
    certain = source.without_doubtful(_diagnosed(msgspec.structs.replace(source.snapshot, meshes=meshes), rules, in_scope, choice))
    caused = _caused(certain, source, meshes, rules) if source.files else certain
    report = annotated(_as_asked(caused, meshes, question.selection, choice, alone=question.alone), meshes)
    return governing.with_settings(report, config, rules, _looked(question, report, meshes)) if config else report


def without_known(question: Question, report: Report, meshes: Meshes) -> Report:
    """A report without the findings of the baseline, if there is one."""
    if question.before is None:
        return report
    return governing.without_known(report, question.baseline, question.before, _looked(question, report, meshes))


def _looked(question: Question, report: Report, meshes: Meshes) -> "RunCoverage":
    named = question.source.files or meshes
    return governing.run_coverage(report, named, question.rules, question.given, question.targets, question.source.namespace)


def _caused(report: Report, source: Source, meshes: Meshes, rules: tuple[Rule, ...]) -> Report:
    """The report of manifests in a cluster, with what they have to do with."""
    live = source.live
    if source.files is None or live is None:
        return report
    from kubectl_meshfix.attribution import Laid, attributed  # noqa: PLC0415 -- for files in a cluster alone

    def before(codes: frozenset[str]) -> Report:
        mesh = live.mesh.with_overrides(meshes.first.overrides).with_measured(meshes.first.measured)
        mesh = mesh.with_answers(meshes.first.answers)
        as_it_is = msgspec.structs.replace(live, meshes=Meshes([mesh]))
        return engine.diagnose(as_it_is, [rule for rule in rules if rule.code in codes])

    cluster = live.source.context or live.source.server or ""
    return attributed(report, Laid(source.files, meshes, cluster, source.snapshot.locate), before)


def _as_asked(report: Report, meshes: Meshes, selection: SelectionFlags, choice: RuleFlags, *, alone: bool) -> Report:
    """The report in the width that --scope asks for. Files say themselves what of them is in a mesh, unless the flag does."""
    if selection.scope is Scope.ALL:
        return report
    if alone and not selection.scope:
        return default_scope.of_files(report, tuple(meshes), choice.severity)
    return default_scope.needed(report, choice.severity)


def _diagnosed(snapshot: Snapshot, rules: tuple[Rule, ...], in_scope: engine.InScope, choice: RuleFlags) -> Report:
    """The report of the rules. What stops files from being read counts whatever --select asks for: nobody can say what else is in them."""
    report = engine.diagnose(snapshot, rules, in_scope)
    unread = unreadable_document.RULE
    is_ignored = any(is_named(unread, word) for item in choice.ignore or () for word in item.split(","))
    if snapshot.source.kind == "cluster" or any(rule.code == unread.code for rule in rules) or is_ignored:
        return report
    rows = engine.diagnose(snapshot, (unread,), in_scope).findings
    return msgspec.structs.replace(report, findings=in_order((*report.findings, *(row for row in rows if row.severity is Severity.ERROR))))
