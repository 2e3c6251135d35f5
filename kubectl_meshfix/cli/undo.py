"""``undo``: one run of ``apply`` taken back."""

import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.apply import DryRun
from kubectl_meshfix.cli.console import Color
from kubectl_meshfix.cli.options import Connection
from kubectl_meshfix.cli.reading import connected
from kubectl_meshfix.errors import ExitCode, UsageError
from kubectl_meshfix.render import plan as shown
from kubectl_meshfix.render.text import count, safe_line

if TYPE_CHECKING:
    from kubectl_meshfix.sources.api.connection import Connection as Api
    from kubectl_meshfix.targets.journal import Entry, Unreadable

LIST = "kubectl meshfix undo --list"


class Output(StrEnum):
    """Formats of --list."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


def undo(
    connection: Connection,
    run_id: Annotated[str, typer.Argument(metavar="ID", help="The run to take back; without it the newest.", show_default=False)] = "",
    listing: Annotated[bool, typer.Option("--list", help="List the runs of apply, newest first.", show_default=False)] = False,
    filename: Annotated[
        list[str] | None,
        typer.Option("-f", "--filename", help="The newest run that changed these files, instead of the cluster.", metavar="PATH"),
    ] = None,
    dry_run: Annotated[
        DryRun,
        typer.Option(
            "--dry-run",
            metavar="[client|server]",
            help="Only show what would be taken back; with =server the API server tries it and stores nothing.",
        ),
    ] = DryRun.NONE,
    force_fields: Annotated[
        bool,
        typer.Option(
            "--force-fields",
            help="Also take back fields that somebody has changed since; what they wrote there is lost.",
            show_default=False,
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Do not ask.", show_default=False)] = False,
    output: Annotated[Output, typer.Option("-o", "--output", help="How to print --list.")] = Output.TABLE,
    color: Annotated[Color, typer.Option("--color", help="When to use colours.")] = Color.AUTO,
) -> None:
    """Take a run of apply back: show the changes as a diff, ask, then put back what was there before.

    Only the fields that apply has written are touched. Each must still hold what apply wrote; if one of them does not, the
    whole object (or file) stays as it is, and you are shown what it holds now and, as far as the API server knows, who set it.
    The other objects of the run are taken back all the same. Runs that were killed in the middle can be taken back too. Files
    that nobody has edited since get every byte back; in others the fields are put back into the text.
    """
    from kubectl_meshfix.targets import journal  # noqa: PLC0415

    if listing:
        _list(journal.entries(), output, color)
        return
    taking = _Taking(dry_run, force_fields, yes, color)
    if run_id:
        entry = _named(run_id)
        api = connected(connection) if entry.where.kind == "cluster" else None
        if api and api.server != entry.where.server:
            place = entry.where.context or entry.where.server
            raise UsageError(f"Run {entry.id} changed {place}, not {api.context or api.server}.", f"Say --context {place} to undo it.")
    elif filename:
        paths = [Path(name).resolve() for name in filename]
        entry, api = _newest(lambda run: any(_is_under(Path(row.file), paths) for row in run.files), "these files"), None
    else:
        api = connected(connection)
        place, server = api.context or api.server, api.server
        entry = _newest(lambda run: run.where.kind == "cluster" and run.where.server == server, place)
    raise typer.Exit(taking.on_cluster(entry, api) if api else taking.on_files(entry))


def _list(found: "Sequence[Entry | Unreadable]", output: Output, color: Color) -> None:
    from kubectl_meshfix.render import machine, runs  # noqa: PLC0415 -- tables are for --list alone

    if output is Output.TABLE and not found:
        console.say("apply has not changed anything yet.")
    elif output is Output.TABLE:
        console.answer(runs.table(found, console.screen(sys.stdout, color)))
    else:
        console.answer((machine.as_json if output is Output.JSON else machine.as_yaml)(runs.document(found)))


def _named(run_id: str) -> "Entry":
    from kubectl_meshfix.targets import journal  # noqa: PLC0415

    entry = journal.load(run_id)
    if isinstance(entry, journal.Unreadable):
        raise UsageError(f"Run {safe_line(run_id)} cannot be taken back: {entry.reason}.", f"See the others with: {LIST}")
    if entry.is_undone:
        raise UsageError(f"Run {entry.id} is undone already.", f"See the others with: {LIST}")
    return entry


def _newest(is_meant: "Callable[[Entry], bool]", place: str) -> "Entry":
    from kubectl_meshfix.targets import journal  # noqa: PLC0415

    for entry in reversed(journal.entries()):
        if isinstance(entry, journal.Entry) and not entry.is_undone and is_meant(entry):
            return entry
    raise UsageError(
        f"There is no run of apply to take back in {place}.", f"See all runs with: {LIST}; those on files need -f or their ID."
    )


def _is_under(path: Path, folders: list[Path]) -> bool:
    return any(path == folder or folder in path.parents for folder in folders)


class _Taking:
    """One run of ``undo`` after its entry is chosen."""

    def __init__(self, dry_run: DryRun, force: bool, yes: bool, color: Color) -> None:
        self.dry_run, self.force, self.yes = dry_run, force, yes
        self.out = console.screen(sys.stdout, color)

    def on_cluster(self, entry: "Entry", api: "Api") -> ExitCode:
        """Show and take back what a run has changed in a cluster."""
        from kubectl_meshfix.targets import undo as target  # noqa: PLC0415

        undoing = target.prepare(entry, api, on_server=self.dry_run is not DryRun.CLIENT, force=self.force)
        for step in undoing.steps:
            console.answer(shown.cluster_diff(step.preview.before, step.preview.after, step.preview.change, self.out))
        settled = [f"{row.resource}: {row.reason}" for row in undoing.settled]
        refused = [f"{row.resource}: {row.reason}" for row in undoing.refused]
        self._outlook(entry, count(len(undoing.steps), "object"), settled, refused)
        if self._goes_on(f"Take back {count(len(undoing.steps), 'object')} in {api.context or 'the cluster'}?", bool(undoing.steps)):
            target.take_back(entry, undoing, api, lambda ref: console.answer(f"{shown.kubectl_name(ref)} taken back\n"))
        return self._code(bool(undoing.steps), bool(undoing.refused))

    def on_files(self, entry: "Entry") -> ExitCode:
        """Show and take back what a run has changed in files."""
        from kubectl_meshfix.targets import undo_files as target  # noqa: PLC0415

        undoing = target.prepare(entry, force=self.force)
        for step in undoing.steps:
            console.answer(shown.file_diff(step.edit.file, step.edit.before, step.edit.after, (), self.out))
        settled = [f"{row.file}: {row.reason}" for row in undoing.settled]
        refused = [f"{row.file}: {row.reason}" for row in undoing.refused]
        self._outlook(entry, count(len(undoing.steps), "file"), settled, refused)
        if self._goes_on(f"Take back the changes of {count(len(undoing.steps), 'file')}?", bool(undoing.steps)):
            target.take_back(entry, undoing, lambda file: console.answer(f"{file} taken back\n"))
        return self._code(bool(undoing.steps), bool(undoing.refused))

    def _outlook(self, entry: "Entry", things: str, settled: list[str], refused: list[str]) -> None:
        would = "would be taken back; nothing was changed" if self.dry_run is not DryRun.NONE else "to take back"
        console.say(f"Run {entry.id} of {entry.made}: {things} {would}.")
        for text in settled:
            console.say(f"  left alone {safe_line(text.rstrip('.'))}.")
        for text in refused:
            console.say(f"  refused {safe_line(text.rstrip('.'))}.")
        if refused and not self.force:
            console.say("What is refused stays as it is. --force-fields takes back what others have changed, too.")

    def _goes_on(self, question: str, any_steps: bool) -> bool:
        if self.dry_run is not DryRun.NONE:
            return False
        if not any_steps or self.yes or console.confirm(question):
            return True
        console.say("Nothing was changed.")
        return False

    def _code(self, any_steps: bool, any_refused: bool) -> ExitCode:
        if any_refused:
            return ExitCode.ERROR
        return ExitCode.FINDINGS if any_steps and self.dry_run is not DryRun.NONE else ExitCode.OK
