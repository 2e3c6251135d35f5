"""From flags to a snapshot and a report: which source, which rules, which scope."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from kubectl_meshfix import default_scope, engine, scope
from kubectl_meshfix.cli import progress
from kubectl_meshfix.cli.console import warn
from kubectl_meshfix.cli.flags.connecting import connected
from kubectl_meshfix.cli.flags.measured_traffic import prometheus_address, with_measured_traffic
from kubectl_meshfix.cli.flags.options import ConnectionFlags, RuleFlags, Scope, SelectionFlags
from kubectl_meshfix.cli.flags.overrides import overrides, with_overrides
from kubectl_meshfix.cli.flags.settings import settings, with_defaults
from kubectl_meshfix.cli.flags.unknown_rules import no_rule
from kubectl_meshfix.cli.work import governing
from kubectl_meshfix.documents.reading.manifests import Manifests
from kubectl_meshfix.engine import Snapshot
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.governance.annotations import annotated
from kubectl_meshfix.mesh.port_fix import PortFix
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.port_protocols import references
from kubectl_meshfix.report import Looked, Report
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.api import Api
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.rules.choice import chosen, is_named
from kubectl_meshfix.rules.rule import Rule

if TYPE_CHECKING:
    from kubectl_meshfix.sources.api.connection import Connection as Cluster


class Diagnosed(Struct, frozen=True):
    """A report, what it was made from, and what its source left for a target: the manifests, or the way to the cluster.

    ``fail_on`` is what the settings say, empty where they do not. ``is_partly_unread`` says that something that was named, or that a rule
    needs, could not be looked at, and that nobody has suppressed this.
    """

    report: Report
    mesh: Mesh
    manifests: Manifests | None = None
    api: Api | None = None
    fail_on: str = ""
    is_partly_unread: bool = False


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
    shown = _filter(targets, selection)
    _must_be_checked(shown.targets)
    if selection.filename:
        source = _files(selection)
    else:
        by_hand = frozenset() if preferred.port_fix is PortFix.RENAME else frozenset(references.BY_HAND)
        wanted = kinds_to_read(rules).union(also, *(target.kinds for target in shown.targets)) - by_hand
        source = _cluster(connection, selection, wanted, shown)
    overridden = with_overrides(source.snapshot.mesh, preferred)
    mesh = with_measured_traffic(overridden, prometheus, lambda: source.api or connected(connection, selection.namespace))
    in_scope = scope.in_scope(mesh, msgspec.structs.replace(shown, namespace=source.namespace))
    absent = scope.absent(mesh, shown.targets, source.namespace) if targets else ()
    if absent and (source.manifests or absent == ("ReplicaSet",)):
        hint = "Check the path, or leave the kind out." if source.manifests else scope.OF_DEPLOYMENTS
        raise UsageError(f"There is no {' or '.join(absent)} {'in these files' if source.manifests else 'that stands alone'}.", hint)
    report = _as_asked(engine.diagnose(msgspec.structs.replace(source.snapshot, mesh=mesh), rules, in_scope), mesh, selection, choice)
    report = annotated(report, mesh)
    if config or before is not None or write_baseline:
        looked = governing.run_coverage(report, mesh, rules, given, targets, source.namespace)
        report = governing.with_settings(report, config, rules, looked) if config else report
        if write_baseline:
            before = governing.write_baseline(report, write_baseline)
        if before is not None:
            report = governing.without_known(report, write_baseline or choice.baseline, before, looked)
    unread = _is_partly_unread(report, mesh)
    findings = tuple(row for row in report.findings if row.severity.rank <= choice.severity.rank)
    asked = Looked(
        namespace=None if scope.is_about_namespaces(shown.targets) else source.namespace,
        is_everywhere=source.namespace is None,
        named=(*targets, *(("-l", selection.selector) if selection.selector else ())),
        absent=absent,
        least=choice.severity,
    )
    return Diagnosed(
        report=msgspec.structs.replace(report, findings=findings, looked=asked),
        mesh=mesh,
        manifests=source.manifests,
        api=source.api,
        fail_on=config.settings.fail_on if config else "",
        is_partly_unread=unread,
    )


def _as_asked(report: Report, mesh: Mesh, selection: SelectionFlags, choice: RuleFlags) -> Report:
    """The report in the width that --scope asks for. Files say themselves what of them is in a mesh, unless the flag does."""
    if selection.scope is Scope.ALL:
        return report
    if selection.filename and not selection.scope:
        return default_scope.of_files(report, (mesh,), choice.severity)
    return default_scope.needed(report, choice.severity)


def _is_partly_unread(report: Report, mesh: Mesh) -> bool:
    """Whether a kind, a rule or a document is missing in the report, but for documents that a suppression speaks of."""
    accepted = {(row.resource, row.location) for row in report.findings if row.suppressed}
    unread = (problem for problem in mesh.problems if problem.about == "document")
    return bool(report.unreadable or report.skipped_rules) or any((item.resource, item.location) not in accepted for item in unread)


def _must_be_checked(targets: Sequence[scope.NamedTarget]) -> None:
    """Raise UsageError for a kind that no rule is about: nothing would be looked at."""
    checked = kinds_to_read(RULES)
    for target in targets:
        if not checked.intersection(target.kinds):
            raise UsageError(
                f"No rule looks at objects of kind {target.kinds[0]}.", "Name another kind; kubectl meshfix rules lists what is looked for."
            )


def _filter(targets: Sequence[str], selection: SelectionFlags) -> scope.FindingFilter:
    """Which findings the flags ask for. Raises UsageError for words that mean nothing, before anything is read."""
    return scope.FindingFilter(
        targets=scope.parse_targets(targets),
        labels=scope.parse_labels(selection.selector),
        revision=selection.revision,
        mesh_only=(selection.scope or (None if selection.filename else Scope.MESH)) is Scope.MESH,
    )


class _Source(Struct, frozen=True):
    """What was read, and what is left of its source for a target. ``namespace`` is the one that a run on a cluster is about."""

    snapshot: Snapshot
    manifests: Manifests | None = None
    api: "Cluster | None" = None
    namespace: str | None = None


def _files(selection: SelectionFlags) -> _Source:
    from kubectl_meshfix.sources import files  # noqa: PLC0415 -- a cluster run never parses YAML

    snapshot, manifests = files.read_manifests(selection.filename or (), recursive=selection.recursive, namespace=selection.namespace)
    return _Source(snapshot=snapshot, manifests=manifests)


def _cluster(connection: ConnectionFlags, selection: SelectionFlags, wanted: set[kinds.Kind], shown: scope.FindingFilter) -> _Source:
    from kubectl_meshfix.sources import cluster  # noqa: PLC0415 -- a run on files never imports the client

    if selection.recursive:
        raise UsageError("-R needs -f: a cluster has no folders.", "Name a folder with -f, or leave -R out.")
    api = connected(connection, selection.namespace)
    namespace = None if selection.all_namespaces else api.namespace
    read_in = namespace if not namespace or all(kind.namespaced for kind in _kinds(shown.targets)) else _only_namespace(shown.targets)
    with progress.reading() as tell:
        snapshot = cluster.read_cluster(api, wanted, namespace=read_in, progress=tell)
    for text in api.warnings:
        warn(text)
    place = f"context {api.context}" if api.context else api.server
    if shown.mesh_only and not snapshot.has_istio:
        raise UsageError(
            f"There is no Istio in {place} (no injector webhook, no istio.io kinds): nothing is in a mesh.",
            "Wrong context? Choose one with --context. To check every object anyway: --scope all.",
        )
    if missing := next((target for target in shown.targets if snapshot.not_served.issuperset(target.kinds)), None):
        raise UsageError(f"{missing.kinds[0].resource} is not installed in {place}.", "Check the kind and the context.")
    if read_in:
        scope.must_exist(snapshot.mesh, read_in)
    return _Source(snapshot=snapshot, api=api, namespace=namespace)


def _kinds(targets: Sequence[scope.NamedTarget]) -> set[kinds.Kind]:
    return {kind for target in targets for kind in target.kinds}


def _only_namespace(targets: Sequence[scope.NamedTarget]) -> str | None:
    """The Namespace that was named and nothing else; None where everything has to be read."""
    names = {target.name if target.kinds == (kinds.NAMESPACE,) else None for target in targets}
    return names.pop() if len(names) == 1 else None


def kinds_to_read(rules: Sequence[Rule]) -> set[kinds.Kind]:
    """The kinds that the rules and the scope look at on a cluster; nothing else is asked for."""
    wanted = {kind for rule in rules for kind in (*rule.inputs, *rule.optional)}.union(scope.INPUTS)
    return {kind for kind in wanted if not kind.only_in_files}
