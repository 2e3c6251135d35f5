"""From flags to a snapshot and a report: which source, which rules, which scope."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from kubectl_meshfix import engine, scope
from kubectl_meshfix.cli import progress
from kubectl_meshfix.cli.console import warn
from kubectl_meshfix.cli.flags.connecting import connected
from kubectl_meshfix.cli.flags.measured_traffic import prometheus_address, with_measured_traffic
from kubectl_meshfix.cli.flags.options import ConnectionFlags, RuleFlags, Scope, SelectionFlags
from kubectl_meshfix.cli.flags.overrides import overrides, with_overrides
from kubectl_meshfix.cli.flags.settings import settings, with_defaults
from kubectl_meshfix.cli.work import governing
from kubectl_meshfix.documents.reading.manifests import Manifests
from kubectl_meshfix.engine import Snapshot
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.governance.annotations import annotated
from kubectl_meshfix.mesh.port_fix import PortFix
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.port_protocols import references
from kubectl_meshfix.report import Report
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

    ``fail_on`` is what the settings say, empty where they do not.
    """

    report: Report
    mesh: Mesh
    manifests: Manifests | None = None
    api: Api | None = None
    fail_on: str = ""


def chosen_rules(choice: RuleFlags) -> tuple[Rule, ...]:
    """The rules that --select and --ignore leave. Raises UsageError for a word that means none."""
    select, ignore = ([word for item in words or () for word in item.split(",") if word] for words in (choice.select, choice.ignore))
    for word in (*select, *ignore):
        if not any(is_named(rule, word) for rule in RULES):
            raise UsageError(f'No rule is called "{word}".', "See all of them with: kubectl meshfix rules")
    return tuple(chosen(RULES, select, ignore))


def diagnose(
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
    rules, preferred, where = chosen_rules(choice), overrides(choice, *kept), prometheus_address(choice)
    before = governing.read_baseline(choice.baseline)
    question = scope.FindingFilter(
        targets=scope.parse_targets(targets),
        labels=scope.parse_labels(selection.selector),
        revision=selection.revision,
        mesh_only=(selection.scope or (Scope.ALL if selection.filename else Scope.MESH)) is Scope.MESH,
    )
    manifests, api = None, None
    if selection.filename:
        snapshot, manifests = _files(selection)
    else:
        if selection.recursive:
            raise UsageError("-R needs -f: a cluster has no folders.", "Name a folder with -f, or leave -R out.")
        wanted = kinds_to_read(rules).union(also) - (frozenset() if preferred.port_fix is PortFix.RENAME else frozenset(references.BY_HAND))
        snapshot, api, namespace = _cluster(connection, selection, wanted)
        question = msgspec.structs.replace(question, namespace=namespace)
    mesh = with_overrides(snapshot.mesh, preferred)
    snapshot = msgspec.structs.replace(
        snapshot, mesh=with_measured_traffic(mesh, where, lambda: api or connected(connection, selection.namespace))
    )
    in_scope = scope.in_scope(snapshot.mesh, question)
    report = annotated(engine.diagnose(snapshot, rules, in_scope), snapshot.mesh)
    if config or before is not None or write_baseline:
        looked = governing.run_coverage(report, snapshot.mesh, rules, given, targets, question.namespace)
        report = governing.with_settings(report, config, rules, looked) if config else report
        if write_baseline:
            before = governing.write_baseline(report, write_baseline)
        if before is not None:
            report = governing.without_known(report, write_baseline or choice.baseline, before, looked)
    shown = tuple(row for row in report.findings if row.severity.rank <= choice.severity.rank)
    report = msgspec.structs.replace(report, findings=shown)
    return Diagnosed(report=report, mesh=snapshot.mesh, manifests=manifests, api=api, fail_on=config.settings.fail_on if config else "")


def _files(selection: SelectionFlags) -> tuple[Snapshot, Manifests]:
    from kubectl_meshfix.sources import files  # noqa: PLC0415 -- a cluster run never parses YAML

    return files.read_manifests(selection.filename or (), recursive=selection.recursive, namespace=selection.namespace)


def _cluster(connection: ConnectionFlags, selection: SelectionFlags, wanted: set[kinds.Kind]) -> "tuple[Snapshot, Cluster, str | None]":
    from kubectl_meshfix.sources import cluster  # noqa: PLC0415 -- a run on files never imports the client

    api = connected(connection, selection.namespace)
    namespace = None if selection.all_namespaces else api.namespace
    with progress.reading() as tell:
        snapshot = cluster.read_cluster(api, wanted, namespace=namespace, progress=tell)
    for text in api.warnings:
        warn(text)
    if namespace:
        scope.must_exist(snapshot.mesh, namespace)
    return snapshot, api, namespace


def kinds_to_read(rules: Sequence[Rule]) -> set[kinds.Kind]:
    """The kinds that the rules and the scope look at; nothing else is asked for."""
    return {kind for rule in rules for kind in (*rule.inputs, *rule.optional)} | set(scope.INPUTS)
