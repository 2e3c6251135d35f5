"""``apply``: the fixes, shown as a diff first."""

import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.console import Color
from kubectl_meshfix.cli.exporting import EXPORTS, Output, exported
from kubectl_meshfix.cli.options import Connection, RuleChoice, Selection
from kubectl_meshfix.cli.reading import Diagnosed, diagnose
from kubectl_meshfix.cli.recorded import change_cluster, rewrite_files, wait_for
from kubectl_meshfix.documents.manifests import Manifests
from kubectl_meshfix.engine import ReportSource
from kubectl_meshfix.errors import ExitCode, TargetError, UsageError
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.managers import nobody, of_mesh
from kubectl_meshfix.fixes.plan import EVEN_IF_MANAGED, FLAGS, Change, Plan, Proposal, make_plan
from kubectl_meshfix.render import plan as shown
from kubectl_meshfix.render.text import count
from kubectl_meshfix.resources.api import Api
from kubectl_meshfix.sources.api.cluster_options import timeout_seconds

if TYPE_CHECKING:
    from kubectl_meshfix.targets.cluster import Preview


class DryRun(StrEnum):
    """Who says what would happen."""

    NONE = "none"
    CLIENT = "client"
    SERVER = "server"


FORMATS = (
    "How to print the plan. kustomize (a component of patches), manifest (whole objects) and helm-values (for the owner of Istio's own "
    "ConfigMaps) are for a repository: with them nothing is changed."
)


def apply(
    connection: Connection,
    selection: Selection,
    choice: RuleChoice,
    targets: Annotated[list[str] | None, typer.Argument(metavar="TYPE[/NAME]", help="What to fix: deploy, deploy/cart, svc,vs ….")] = None,
    dry_run: Annotated[
        DryRun,
        typer.Option(
            "--dry-run",
            metavar="[client|server]",
            help="Only show the fixes, all of them; with =server the API server tries each through all of admission and stores nothing.",
        ),
    ] = DryRun.NONE,
    restart: Annotated[bool, typer.Option("--restart", help="Also make fixes that replace running pods.", show_default=False)] = False,
    unsafe: Annotated[
        bool,
        typer.Option("--unsafe", help="Also make fixes that rest on an inference or change how traffic is treated.", show_default=False),
    ] = False,
    even_if_managed: Annotated[
        bool,
        typer.Option(
            "--even-if-managed",
            help="Also change objects on a cluster that Helm, Argo CD, Flux or OLM manage, and will put back.",
            show_default=False,
        ),
    ] = False,
    wait: Annotated[
        bool,
        typer.Option(
            "--wait", help="Afterwards wait until the workloads are rolled out, and see whether the findings are gone.", show_default=False
        ),
    ] = False,
    timeout: Annotated[str, typer.Option("--timeout", help="How long --wait waits (90s, 10m); 0 waits on.", metavar="TIME")] = "5m",
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Do not ask.", show_default=False)] = False,
    output: Annotated[Output, typer.Option("-o", "--output", help=FORMATS)] = Output.DIFF,
    color: Annotated[Color, typer.Option("--color", help="When to use colours.")] = Color.AUTO,
) -> None:
    """Repair what diagnose finds: show the changes as a diff, ask, then patch the cluster or rewrite the files of -f.

    Without flags only safe fixes are made: nothing that works today behaves differently, nothing restarts. Every change of a
    cluster passes a server-side dry run first; if the server refuses one, none is made. With -f the same fixes are spliced into
    the manifests, and every byte that is not part of a fix stays; "-f -" writes the fixed manifests to standard output.

    Before the first change all of them are written down in a journal in your state folder, so that "kubectl meshfix undo" can take
    them back, even after a crash. Objects are changed one after the other: if one cannot be, apply stops there and says what is
    changed and what is not. An object that somebody changes after the diff was shown is looked at and shown again.
    docs/safety.md tells everything that can happen.
    """
    patience = timeout_seconds(timeout, "--timeout")
    found = diagnose(targets or (), connection, selection, choice)
    flags = {"--restart": restart, "--unsafe": unsafe, EVEN_IF_MANAGED: even_if_managed}
    given = frozenset(flag for flag, is_given in flags.items() if is_given)
    everything = dry_run is not DryRun.NONE
    allowed = frozenset(safety for safety in Safety if everything or safety is Safety.SAFE or FLAGS.get(safety) in given)
    managers = nobody if found.manifests or output in EXPORTS else of_mesh(found.mesh)
    plan = make_plan(proposals(found), allowed, managers, even_if_managed=everything or even_if_managed)
    if output in EXPORTS:
        text, refusals = exported(found, plan, output)
        console.answer(text)
        console.say(shown.outlook(plan, refusals, console.screen(sys.stderr, color), given, dry_run=True))
        raise typer.Exit(ExitCode.ERROR if refusals else ExitCode.OK)
    run = _Run(plan, given, dry_run, yes, output, color)
    code = run.on_files(found.manifests) if found.manifests else run.on_cluster(_api(found), found.report.source)
    if wait and run.changed:
        rolled_out = wait_for([change.resource for change in run.changed], _api(found), patience)
        gone = _told_outcome(run.changed, diagnose(targets or (), connection, selection, choice))
        code = ExitCode.OK if rolled_out and gone else ExitCode.FINDINGS
    raise typer.Exit(code)


def _told_outcome(changes: Sequence[Change], now: Diagnosed) -> bool:
    """Say of each object which of its findings are gone and which are still there; whether all are gone."""
    left = {(row.code, row.resource) for row in now.report.active}
    for change in changes:
        codes = {proposal.code: (proposal.code, proposal.resource) in left for proposal in change.proposals}
        words = [f"{code} {'is still there' if stays else 'is gone'}" for code, stays in sorted(codes.items())]
        console.say(f"{shown.kubectl_name(change.resource)}: {', '.join(words)}")
    return not any((proposal.code, proposal.resource) in left for change in changes for proposal in change.proposals)


def proposals(found: Diagnosed) -> Iterable[Proposal]:
    """The fixes of a report's active findings."""
    return [Proposal(code=row.code, resource=row.resource, fix=row.fix) for row in found.report.active if row.fix]


def _api(found: Diagnosed) -> Api:
    if found.api is None:
        raise UsageError("There is no cluster to change.")
    return found.api


class _Run:
    """One run of ``apply`` after the plan is made."""

    def __init__(self, plan: Plan, given: frozenset[str], dry_run: DryRun, yes: bool, output: Output, color: Color) -> None:
        self.plan, self.given, self.dry_run, self.yes, self.output = plan, given, dry_run, yes, output
        self.out, self.err = console.screen(sys.stdout, color), console.screen(sys.stderr, color)
        self.changed: Sequence[Change] = ()

    def on_files(self, manifests: Manifests) -> ExitCode:
        """Show and make the changes of manifests."""
        from kubectl_meshfix.targets import files as file_target  # noqa: PLC0415 -- only for files

        edits = file_target.prepare(self.plan, manifests)
        to_stdout = file_target.STDIN in manifests.texts and self.dry_run is DryRun.NONE
        if to_stdout and len(manifests.texts) > 1:
            raise UsageError("Standard input cannot be mixed with files when fixes are made.", "Run apply twice, once for each.")
        self._show(
            [
                shown.file_diff(edit.file, edit.before, edit.after, edit.changes, self.err if to_stdout else self.out)
                for edit in edits.edits
            ],
            to_stderr=to_stdout,
        )
        console.say(shown.outlook(self.plan, edits.refusals, self.err, self.given, dry_run=self.dry_run is not DryRun.NONE))
        if to_stdout:
            console.answer("".join(file_target.patched_texts(edits, manifests).values()))
            return ExitCode.OK
        if self.dry_run is not DryRun.NONE or not edits.edits:
            return ExitCode.FINDINGS if edits.edits and self.dry_run is not DryRun.NONE else ExitCode.OK
        if not self._agreed(f"Rewrite {', '.join(edit.file for edit in edits.edits)}?"):
            return ExitCode.OK
        rewrite_files(edits, manifests)
        return ExitCode.OK

    def on_cluster(self, api: Api, source: ReportSource) -> ExitCode:
        """Show and make the changes of a cluster."""
        from kubectl_meshfix.targets import cluster as cluster_target  # noqa: PLC0415

        on_server = self.dry_run is not DryRun.CLIENT
        previews = cluster_target.preview(self.plan, api, on_server=on_server)
        self._show([shown.cluster_diff(item.before, item.after, item.change, self.out) for item in previews.accepted])
        console.say(shown.outlook(self.plan, previews.refused, self.err, self.given, dry_run=self.dry_run is not DryRun.NONE))
        if self.dry_run is not DryRun.NONE:
            return ExitCode.ERROR if previews.refused else ExitCode.FINDINGS if previews.accepted else ExitCode.OK
        if previews.refused:
            raise TargetError(
                "The server refused a change, so none was made.", "Leave it out with --ignore CODE, or name the objects to fix."
            )
        if not previews.accepted:
            return ExitCode.OK
        objects = count(len(previews.accepted), "object")
        if not self._agreed(f"Change {objects} in {source.context or 'the cluster'}?"):
            return ExitCode.OK
        change_cluster(previews.accepted, api, source, self._shown_again)
        self.changed = [item.change for item in previews.accepted]
        return ExitCode.OK

    def _shown_again(self, item: "Preview") -> bool:
        """An object moved between the diff and its patch: its change as it is now, and whether to make it."""
        console.say(f"{shown.kubectl_name(item.change.resource)} changed meanwhile; this is what would be done to it now:")
        console.say(shown.cluster_diff(item.before, item.after, item.change, self.err))
        return self.yes or console.confirm("Go on?")

    def _show(self, diffs: Sequence[str], *, to_stderr: bool = False) -> None:
        if self.output is Output.JSON_PATCH and not to_stderr:
            from kubectl_meshfix.render import machine  # noqa: PLC0415

            console.answer(machine.as_json(machine.plan_document(self.plan)))
        else:
            (console.say if to_stderr else console.answer)("".join(diffs))

    def _agreed(self, question: str) -> bool:
        if self.yes or console.confirm(question):
            return True
        console.say("Nothing was changed.")
        return False
