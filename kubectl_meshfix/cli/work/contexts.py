"""``--contexts``: several clusters in one report. One that cannot be read does not stop the others."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec
from msgspec.structs import replace

from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.flags.options import ConnectionFlags, RuleFlags, SelectionFlags
from kubectl_meshfix.cli.work.diagnosing import Diagnosed, chosen_rules, run_diagnosis
from kubectl_meshfix.errors import MeshfixError, UsageError
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.report import Asked, ClusterSource, Diagnosis, Looked, Report, ReportSource, Unread, in_order

AT_ONCE = 2
"""Clusters that are read at the same time. Each is forgotten but for its findings before the next one begins."""


def diagnose_each(targets: Sequence[str], connection: ConnectionFlags, selection: SelectionFlags, choice: RuleFlags) -> Diagnosed:
    """One report of all the contexts, by cluster. Raises UsageError where several clusters make no sense."""
    _must_be_of_clusters(connection, selection, choice)
    chosen_rules(choice)

    def one(context: str) -> Diagnosed | MeshfixError:
        try:
            return run_diagnosis(targets, msgspec.structs.replace(connection, contexts="", context=context), selection, choice)
        except MeshfixError as error:
            return error

    contexts = _contexts(connection)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(zip(contexts, pool.map(one, contexts), strict=True))
    for context, outcome in found.items():
        if isinstance(outcome, MeshfixError):
            console.print_error(f"{context}: {outcome.message}", outcome.hint)
    reports = {context: outcome.report if isinstance(outcome, Diagnosed) else outcome for context, outcome in found.items()}
    unread = any(isinstance(outcome, Diagnosed) and outcome.is_partly_unread for outcome in found.values())
    return Diagnosed(report=_merged(reports), meshes=Meshes(()), is_partly_unread=unread)


def _contexts(connection: ConnectionFlags) -> list[str]:
    from kubectl_meshfix.sources.api.kubeconfig_files import read_kubeconfigs  # noqa: PLC0415 -- parses YAML

    if connection.contexts != "all":
        named = list(dict.fromkeys(word for word in connection.contexts.split(",") if word))
        if not named:
            raise UsageError(f"--contexts {connection.contexts} names no context.", "Write --contexts a,b or --contexts all.")
        return named
    known = sorted(read_kubeconfigs(connection.kubeconfig, os.environ).contexts)
    if not known:
        raise UsageError("The kubeconfig has no contexts.", "Name another one with --kubeconfig or $KUBECONFIG.")
    return known


def _must_be_of_clusters(connection: ConnectionFlags, selection: SelectionFlags, choice: RuleFlags) -> None:
    given = {"-f": selection.filename, "--baseline": choice.baseline}
    given |= {f"--{flag}": getattr(connection, flag) for flag in ("context", "cluster", "server")}
    for flag, value in given.items():
        if value:
            raise UsageError(f"--contexts and {flag} cannot be used together.", "Leave one of them out.")


def _gaps(context: str, outcome: Report | MeshfixError) -> tuple[Unread, ...]:
    if isinstance(outcome, MeshfixError):
        return (Unread(kind="everything", reason=outcome.message.rstrip("."), cluster=context),)
    return tuple(replace(gap, cluster=context) for gap in outcome.unreadable)


def _rows(reports: dict[str, Report]) -> Iterator[Diagnosis]:
    """Findings with their clusters. What is said of a file of settings counts where all say it: one has what another lacks."""
    of_files: Counter[Diagnosis] = Counter()
    for context, report in reports.items():
        for row in report.findings:
            if row.resource.kind == "File":
                of_files[row] += 1
            else:
                yield replace(row, cluster=context)
    yield from (row for row, times in of_files.items() if times == len(reports))


def _merged(found: dict[str, Report | MeshfixError]) -> Report:
    reports = {context: outcome for context, outcome in found.items() if isinstance(outcome, Report)}
    clusters = tuple(
        ClusterSource(context=context, error=outcome.message)
        if isinstance(outcome, MeshfixError)
        else ClusterSource(context=context, server=outcome.source.server)
        for context, outcome in found.items()
    )
    return Report(
        source=ReportSource(kind="cluster", clusters=clusters),
        read=dict(sum((Counter(report.read) for report in reports.values()), Counter[str]())),
        unreadable=tuple(gap for context, outcome in found.items() for gap in _gaps(context, outcome)),
        skipped_rules=tuple(replace(skip, cluster=context) for context, report in reports.items() for skip in report.skipped_rules),
        findings=in_order(_rows(reports)),
        config=next((report.config for report in reports.values()), None),
        looked=_looked([report.looked for report in reports.values()]),
        asked=_asked({context: report.asked for context, report in reports.items() if report.asked}),
    )


def _asked(each: dict[str, Asked]) -> Asked | None:
    """What was asked in all clusters together."""
    if not each:
        return None
    rows = each.values()
    return Asked(
        is_wanted=any(row.is_wanted for row in rows),
        istiods=sum(row.istiods for row in rows),
        proxies=sum(row.proxies for row in rows),
        of=sum(row.of for row in rows),
        sample=sum(row.of if row.sample is None else row.sample for row in rows) if any(row.sample is not None for row in rows) else None,
        missing=tuple(replace(gap, subject=f"{context}: {gap.subject}") for context, row in each.items() for gap in row.missing),
    )


def _looked(each: Sequence[Looked]) -> Looked:
    """What was asked of every cluster; the namespace where it is the same in all."""
    if not each:
        return Looked()
    namespaces = {looked.namespace for looked in each}
    absent = each[0].absent if all(looked.absent for looked in each) else ()
    is_empty = all(looked.is_empty for looked in each)
    return replace(each[0], namespace=each[0].namespace if len(namespaces) == 1 else None, absent=absent, is_empty=is_empty)
