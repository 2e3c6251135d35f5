"""From flags to a report: which rules, which scope, which settings."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from kubectl_meshfix import scope
from kubectl_meshfix.cli.flags.connecting import connected
from kubectl_meshfix.cli.flags.fitting import names_cluster
from kubectl_meshfix.cli.flags.measured_traffic import prometheus_address, with_measured_traffic
from kubectl_meshfix.cli.flags.options import ConnectionFlags, RuleFlags, Scope, SelectionFlags
from kubectl_meshfix.cli.flags.overrides import overrides, with_overrides
from kubectl_meshfix.cli.flags.settings import settings, with_defaults
from kubectl_meshfix.cli.flags.unknown_rules import no_rule
from kubectl_meshfix.cli.work import governing
from kubectl_meshfix.cli.work.asking import asked, wanted_proxies, with_answers
from kubectl_meshfix.cli.work.judging import Question, judged, without_known
from kubectl_meshfix.cli.work.reading import Source, must_have_revision, of_cluster, of_files
from kubectl_meshfix.documents.reading.manifests import Manifests
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.port_fix import PortFix
from kubectl_meshfix.report import Looked, Report
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object, Struct
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.rules.choice import chosen, is_named
from kubectl_meshfix.rules.rule import Rule

if TYPE_CHECKING:
    from kubectl_meshfix.resources.api import Api
    from kubectl_meshfix.sources.api.connection import Connection
    from kubectl_meshfix.sources.kustomize.environments import Kustomized


class Diagnosed(Struct, frozen=True):
    """A report, what it was made from, and what its source left for a target: the manifests, or the way to the cluster.

    ``fail_on`` is what the settings say, empty where they do not. ``is_partly_unread`` says that something that was named, or that a rule
    needs, could not be looked at, and that nobody has suppressed this. ``only_in`` is the namespace of files that -n chose, None for all.
    ``question`` is what was asked, so that it can be asked of what changes leave; None where several clusters were read.
    """

    report: Report
    meshes: Meshes
    question: Question | None = None
    manifests: Manifests | None = None
    api: "Api | None" = None
    fail_on: str = ""
    is_partly_unread: bool = False
    only_in: str | None = None
    environments: "Kustomized | None" = None


def with_changes(found: Diagnosed, changed: Iterable[Object]) -> Diagnosed:
    """The diagnosis of a cluster as it would be with some of its objects changed: nothing is read for it."""
    if found.question is None:
        return found
    meshes = found.meshes.map(lambda mesh: mesh.with_changed(changed))
    report = without_known(found.question, judged(found.question, meshes), meshes)
    return msgspec.structs.replace(found, report=report, meshes=meshes)


def chosen_rules(choice: RuleFlags) -> tuple[Rule, ...]:
    """The rules that --select and --ignore leave. Raises UsageError for a word that means none."""
    select, ignore = ([word for item in words or () for word in item.split(",") if word] for words in (choice.select, choice.ignore))
    for word in (*select, *ignore):
        if not any(is_named(rule, word) for rule in RULES):
            raise no_rule(word)
    return tuple(chosen(RULES, select, ignore))


def run_diagnosis(
    targets: Sequence[str],
    connection: ConnectionFlags,
    selection: SelectionFlags,
    choice: RuleFlags,
    *,
    write_baseline: str = "",
    also: Iterable[kinds.Kind] = (),
) -> Diagnosed:
    """Read what the flags and the team's settings name and run the rules over it. Raises MeshfixError.

    ``write_baseline`` is a file to keep all that is found in; nothing of it is new then. ``also`` are kinds to read of a cluster
    that no rule asks for.
    """
    given, config = selection, settings(choice.config, selection.filename or ())
    selection, choice = with_defaults(config, selection, choice)
    kept = (config.settings.protocols, config.file) if config else ({}, "")
    rules, preferred, prometheus = chosen_rules(choice), overrides(choice, *kept), prometheus_address(choice)
    before = governing.read_baseline(choice.baseline)
    alone = bool(selection.filename) and not names_cluster(connection)
    proxies = wanted_proxies(choice.proxies, alone=alone)
    shown = _filter(targets, selection, alone=alone)
    _must_be_checked(shown.targets)
    if alone:
        source = of_files(selection)
    else:
        from kubectl_meshfix.port_protocols import references  # noqa: PLC0415 -- for a cluster alone

        by_hand = frozenset() if preferred.port_fix is PortFix.RENAME else frozenset(references.BY_HAND)
        left_out = by_hand | ({kinds.SECRET} if choice.no_secrets else set())
        wanted = kinds_to_read(rules).union(also, *(target.kinds for target in shown.targets)) - left_out
        if selection.filename:
            from kubectl_meshfix.cli.work.overlaying import of_files_in_cluster  # noqa: PLC0415 -- only with both

            source = of_files_in_cluster(connection, selection, wanted, shown)
        else:
            source = of_cluster(connection, selection, wanted, shown)
    if selection.revision and not alone:
        must_have_revision(source.snapshot.mesh, selection.revision)
    overridden = with_overrides(source.snapshot.meshes, preferred)

    def cluster() -> "Connection":
        return source.api or connected(connection, selection.namespace)

    named = source.files or overridden
    everyone = () if alone else scope.proxies(overridden, shown.targets, source.namespace, named)
    meshes = with_answers(with_measured_traffic(overridden, prometheus, cluster), proxies, cluster, everyone)
    named = source.files or meshes
    absent = scope.absent(named, shown.targets, source.namespace) if targets else ()
    if absent and (source.manifests or absent == ("ReplicaSet",)):
        raise _absent(absent, source)
    question = Question(source, rules, shown, selection, choice, config, given, tuple(targets), alone=alone)
    report = judged(question, meshes)
    if write_baseline:
        question = msgspec.structs.replace(question, before=governing.write_baseline(report, write_baseline), baseline=write_baseline)
    elif before is not None:
        question = msgspec.structs.replace(question, before=before, baseline=choice.baseline)
    report = without_known(question, report, meshes)
    answered = None if alone else asked(meshes, proxies, everyone)
    unread = _is_partly_unread(report, meshes) or bool(answered and answered.missing)
    findings = tuple(row for row in report.findings if row.severity.rank <= choice.severity.rank)
    looked = Looked(
        namespace=None if scope.is_about_namespaces(shown.targets) else source.namespace,
        is_everywhere=source.namespace is None,
        named=(*targets, *(("-l", selection.selector) if selection.selector else ())),
        absent=absent,
        least=choice.severity,
        is_empty=source.namespace is not None and not any(obj.ref.namespace == source.namespace for obj in meshes.objects),
    )
    return Diagnosed(
        report=msgspec.structs.replace(report, findings=findings, looked=looked, asked=answered),
        meshes=meshes,
        question=question,
        manifests=source.manifests,
        api=source.api,
        fail_on=config.settings.fail_on if config else "",
        is_partly_unread=unread,
        only_in=source.namespace if source.manifests else None,
        environments=source.environments,
    )


def _absent(missing: Sequence[str], source: Source) -> UsageError:
    """The error for kinds that were asked for and that nothing is of."""
    if not source.manifests:
        return UsageError(f"There is no {' or '.join(missing)} that stands alone.", scope.OF_DEPLOYMENTS)
    where = f"namespace {source.namespace} of these files" if source.namespace else "these files"
    return UsageError(f"There is no {' or '.join(missing)} in {where}.", "Check the path, or leave the kind out.")


def _is_partly_unread(report: Report, meshes: Meshes) -> bool:
    """Whether a kind, a rule or a document is missing in the report, but for documents that a suppression speaks of."""
    accepted = {(row.resource, row.location) for row in report.findings if row.suppressed}
    unread = (problem for problem in meshes.first.problems if problem.about == "document")
    return bool(report.gaps or report.skipped_rules) or any((item.resource, item.location) not in accepted for item in unread)


def _must_be_checked(targets: Sequence[scope.NamedTarget]) -> None:
    """Raise UsageError for a kind that no rule is about: nothing would be looked at."""
    checked = kinds_to_read(RULES) if targets else set()
    for target in targets:
        if not checked.intersection(target.kinds):
            raise UsageError(
                f"No rule looks at objects of kind {target.kinds[0]}.", "Name another kind; kubectl meshfix rules lists what is looked for."
            )


def _filter(targets: Sequence[str], selection: SelectionFlags, *, alone: bool) -> scope.FindingFilter:
    """Which findings the flags ask for; ``alone`` are manifests that no cluster says more about.

    Raises UsageError for words that mean nothing, before anything is read.
    """
    return scope.FindingFilter(
        targets=scope.parse_targets(targets),
        labels=scope.parse_labels(selection.selector),
        revision=selection.revision,
        mesh_only=(selection.scope or (None if alone else Scope.MESH)) is Scope.MESH,
    )


def kinds_to_read(rules: Sequence[Rule]) -> set[kinds.Kind]:
    """The kinds that the rules and the scope look at on a cluster, and those that tell whether new pods come up; no others."""
    from kubectl_meshfix.injection import new_pods  # noqa: PLC0415 -- manifests are read whole, whatever their kinds

    wanted = {kind for rule in rules for kind in (*rule.inputs, *rule.optional)}.union(scope.INPUTS, new_pods.INPUTS)
    return {kind for kind in wanted if not kind.only_in_files}
