"""``diagnose``: what is wrong, and which of it can be fixed."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.flags.asking import ALL
from kubectl_meshfix.cli.flags.fitting import measures_in_cluster, must_suit_source
from kubectl_meshfix.cli.flags.formats.reports import FOR_PEOPLE, ReportFormat
from kubectl_meshfix.cli.flags.manner import MannerFlags
from kubectl_meshfix.cli.flags.options import ConnectionFlags, RuleFlags, SelectionFlags
from kubectl_meshfix.cli.flags.repeating import of_connection, of_source
from kubectl_meshfix.errors import ExitCode, UsageError
from kubectl_meshfix.mesh.port_fix import PortFix
from kubectl_meshfix.render.report.order import Order
from kubectl_meshfix.render.text.terminal import safe_line
from kubectl_meshfix.severity import Severity

if TYPE_CHECKING:
    from kubectl_meshfix.cli.work.diagnosing import Diagnosed
    from kubectl_meshfix.report import Report


class FailOn(StrEnum):
    """The least severity that makes the exit code 1."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    NEVER = "never"


def diagnose(
    connection: ConnectionFlags,
    selection: SelectionFlags,
    choice: RuleFlags,
    manner: MannerFlags,
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="TYPE[/NAME]|FILE", help="What to check: deploy, deploy/cart, svc,vs …, or manifests, as with -f."),
    ] = None,
    output: Annotated[
        ReportFormat, typer.Option("-o", "--output", help="Output format. short is a line a finding, for grep and editors.")
    ] = ReportFormat.TABLE,
    sort: Annotated[
        Order, typer.Option("--sort", help="What comes first in table, wide and short: errors, or one object after the other.")
    ] = Order.SEVERITY,
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Show only how many findings each rule has.", show_default=False)
    ] = False,
    fail_on: Annotated[
        FailOn | None, typer.Option("--fail-on", help="The least severity that makes the exit code 1. Default: warning.")
    ] = None,
    fail_on_unread: Annotated[
        bool,
        typer.Option(
            "--fail-on-unread",
            help="Make the exit code 1 if a kind, a rule's input or a file could not be looked at.",
            show_default=False,
        ),
    ] = False,
    watch: Annotated[
        bool,
        typer.Option("-w", "--watch", help="Read again every few seconds, and print what appears and what goes.", show_default=False),
    ] = False,
    write_baseline: Annotated[
        str, typer.Option("--write-baseline", help="Write all findings to this file, for --baseline in later runs.", metavar="FILE")
    ] = "",
    bundle: Annotated[
        str,
        typer.Option(
            "--bundle",
            help="Instead of a report, show the objects behind it with their words replaced, to attach to an issue, and ask before "
            "writing them to this file; - only shows them.",
            metavar="FILE",
        ),
    ] = "",
    show_suppressed: Annotated[
        bool, typer.Option("--show-suppressed", help="Also show suppressed findings, and why they are suppressed.", show_default=False)
    ] = False,
) -> None:
    """Find what is wrong with workloads in the mesh, what it does to traffic and pods, and what can be fixed.

    Reads the cluster of the current context, or manifests with -f; with -f and --context, manifests as if they were applied to that
    cluster. Changes nothing. With --contexts, one report covers several clusters. A cluster that cannot be reached is named in the
    report and makes the exit code 2; the others are still checked.

    The exit code is 0 if nothing at or above --fail-on was found in what could be looked at, 1 if something was, 2 for errors. What
    could not be looked at is named at the end; --fail-on-unread makes it count.
    """
    from kubectl_meshfix.cli.work.diagnosing import run_diagnosis  # noqa: PLC0415
    from kubectl_meshfix.cli.work.formats import Listing, for_people, for_programs  # noqa: PLC0415
    from kubectl_meshfix.cli.work.governing import report_settings  # noqa: PLC0415 -- asking for help loads no rule
    from kubectl_meshfix.cli.work.naming import named  # noqa: PLC0415
    from kubectl_meshfix.report import told_once  # noqa: PLC0415

    manner.begin()
    words, selection = named("diagnose", targets or (), selection)
    output = ReportFormat.WIDE if manner.verbose and output is ReportFormat.TABLE else output
    must_suit_source(connection, selection, reaches_cluster=measures_in_cluster(choice))
    _must_make_sense(selection, choice, output, write_baseline, watch, statistics)
    if bundle:
        _must_suit_bundle(
            bundle, connection, watch or bool(write_baseline) or statistics or output not in (ReportFormat.TABLE, ReportFormat.WIDE)
        )
    if connection.contexts:
        _must_suit_many(output, write_baseline)

    def look() -> "Diagnosed":
        if connection.contexts:
            from kubectl_meshfix.cli.work.contexts import diagnose_each  # noqa: PLC0415

            return diagnose_each(words, connection, selection, choice)
        once = run_diagnosis(words, connection, selection, choice, write_baseline=write_baseline)
        return msgspec.structs.replace(once, report=told_once(once.report))

    found = look()
    report, screen = found.report, manner.screen()
    fail_on = fail_on or FailOn(found.fail_on or FailOn.WARNING)
    if bundle:
        from kubectl_meshfix.cli.work.bundling import hand_over  # noqa: PLC0415 -- few runs end so

        hand_over(found, bundle)
    elif output in FOR_PEOPLE:
        from kubectl_meshfix.render.report.summary import summary  # noqa: PLC0415

        listing = Listing(output, sort, is_counted=statistics, has_suppressed=show_suppressed)
        text = for_people(report, screen, listing)
        console.answer(text)
        report_settings(report)
        next_step = "" if listing.is_by_line else _next_step(words, connection, selection, choice)
        console.summarise(summary(report, screen, next_step), after=bool(text) and not listing.is_by_line)
    else:
        console.answer(for_programs(found, output, None if fail_on is FailOn.NEVER else Severity(fail_on)))
        report_settings(report)
        if output is ReportFormat.NAME:
            from kubectl_meshfix.render.report.summary import unread  # noqa: PLC0415

            if gaps := unread(report, screen):
                console.say(gaps)
    if watch:
        from kubectl_meshfix.cli.work import watching  # noqa: PLC0415 -- few runs go on

        watching.watch(lambda: look().report, report, screen)
    code = exit_code(report, fail_on)
    raise typer.Exit(ExitCode.FINDINGS if code is ExitCode.OK and fail_on_unread and found.is_partly_unread else code)


def _must_make_sense(
    selection: SelectionFlags, choice: RuleFlags, output: ReportFormat, write_baseline: str, watch: bool, statistics: bool
) -> None:
    """Raise UsageError for flags that do not fit together, before anything is read."""
    if statistics and output not in FOR_PEOPLE:
        raise UsageError(f"--statistics counts for people, and -o {output} is for programs.", "Leave -o out, or pipe -o json into jq.")
    if choice.baseline and write_baseline:
        raise UsageError(
            "--baseline and --write-baseline cannot be used together.",
            "Use --write-baseline alone: this run already leaves out what it writes.",
        )
    if not watch:
        return
    if output not in FOR_PEOPLE or write_baseline:
        raise UsageError("--watch prints for people: changes as lines.", "Leave -o and --write-baseline out.")
    if "-" in (selection.filename or ()):
        raise UsageError("Standard input can be read only once.", "Name files with -f, or leave --watch out.")


def _must_suit_bundle(file: str, connection: ConnectionFlags, has_other_output: bool) -> None:
    from kubectl_meshfix.cli.work.bundling import must_be_seen  # noqa: PLC0415

    if connection.contexts:
        raise UsageError("--contexts and --bundle cannot be used together.", "Make a bundle of each cluster, with --context.")
    if has_other_output:
        raise UsageError("--bundle replaces the report.", "Leave -o, --statistics, --watch and --write-baseline out.")
    must_be_seen(file)


def _must_suit_many(output: ReportFormat, write_baseline: str) -> None:
    if write_baseline:
        raise UsageError("--contexts and --write-baseline cannot be used together.", "Write a baseline for each cluster, with --context.")
    if output in (ReportFormat.NAME, ReportFormat.OPENREPORTS, ReportFormat.WGPOLICY):
        raise UsageError(f"-o {output} works for one cluster, and --contexts names several.", "Run it once for each --context.")


def exit_code(report: "Report", fail_on: FailOn) -> ExitCode:
    """The same for every format. A cluster that could not be looked at is an error, whatever the others are like."""
    if any(cluster.error for cluster in report.source.clusters):
        return ExitCode.ERROR
    if fail_on is FailOn.NEVER:
        return ExitCode.OK
    limit = Severity(fail_on).rank
    return ExitCode.FINDINGS if any(row.severity.rank <= limit for row in report.active) else ExitCode.OK


def _next_step(targets: Sequence[str], connection: ConnectionFlags, selection: SelectionFlags, choice: RuleFlags) -> str:
    """The command that shows the fixes of this very report: of the same cluster, objects and rules."""
    if connection.contexts:
        one = _next_step(targets, msgspec.structs.replace(connection, contexts="", context="NAME"), selection, choice)
        return f"{one}, for one cluster at a time"
    words = ["kubectl", "meshfix", "apply", *targets, *of_source(selection)]
    words += ["-l", selection.selector] if selection.selector else []
    words += ["--scope", selection.scope] if selection.scope else []
    words += ["--revision", selection.revision] if selection.revision else []
    words += ["--severity", choice.severity] if choice.severity is not Severity.INFO else []
    words += of_connection(connection)
    words += [word for said in choice.protocol or () for word in ("--protocol", said)]
    words += ["--proxies" if choice.proxies == ALL else f"--proxies={choice.proxies}"] if choice.proxies else []
    words += ["--port-fix", choice.port_fix] if choice.port_fix is not PortFix.AUTO else []
    words += ["--prometheus", choice.prometheus] if choice.prometheus and "@" not in choice.prometheus else []
    for flag, codes in (("--select", choice.select), ("--ignore", choice.ignore)):
        words += [flag, ",".join(codes)] if codes else []
    for flag, file in (("--config", choice.config), ("--baseline", choice.baseline)):
        words += [flag, file] if file else []
    import shlex  # noqa: PLC0415 -- for people alone

    return safe_line(shlex.join([*words, "--dry-run"]))
