"""``undo``: one run of ``apply`` taken back."""

from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.flags.connecting import connected
from kubectl_meshfix.cli.flags.consent import Consent
from kubectl_meshfix.cli.flags.fitting import must_name_no_cluster
from kubectl_meshfix.cli.flags.formats.runs import RunsFormat
from kubectl_meshfix.cli.flags.manner import ColorFlags
from kubectl_meshfix.cli.flags.options import ConnectionFlags
from kubectl_meshfix.cli.flags.waiting import WaitFlags
from kubectl_meshfix.errors import SourceError, UsageError
from kubectl_meshfix.render.text.terminal import Screen, safe_line

if TYPE_CHECKING:
    from kubectl_meshfix.sources.api.connection import Connection as Api
    from kubectl_meshfix.targets.journal import Unreadable
    from kubectl_meshfix.targets.journal_entry import JournalEntry

LIST = "kubectl meshfix undo --list"


def undo(
    connection: ConnectionFlags,
    consent: Consent,
    patience: WaitFlags,
    colors: ColorFlags,
    run_id: Annotated[
        str,
        typer.Argument(metavar="ID|FILE", help="The run to take back, or a file that it changed. Default: the newest.", show_default=False),
    ] = "",
    listing: Annotated[bool, typer.Option("--list", help="List the runs of apply, newest first.", show_default=False)] = False,
    filename: Annotated[
        list[str] | None,
        typer.Option("-f", "--filename", help="Take back the newest run that changed these files, instead of the cluster.", metavar="PATH"),
    ] = None,
    force_fields: Annotated[
        bool,
        typer.Option(
            "--force-fields",
            help="Also take back fields that somebody has changed since; their values are lost.",
            show_default=False,
        ),
    ] = False,
    output: Annotated[RunsFormat, typer.Option("-o", "--output", help="Output format of --list.")] = RunsFormat.TABLE,
) -> None:
    """Take back a run of apply: show the changes as a diff, ask, then restore the values that were there before.

    Only the fields that apply has written are changed. Each must still hold the value that apply wrote; if one does not, the
    whole object (or file) stays as it is, and you are shown the value it has now and, if the API server knows, the field manager
    that set it. The other objects of the run are still taken back; the exit code is then 2. A run that was killed halfway can be
    taken back too, and an undo that was stopped can be run again. Objects that were deleted since, or deleted and created again,
    are not changed. Files that nobody has edited since get every byte back; in edited files, the fields are restored in the text.

    Taking back a change of a pod template replaces the pods again; --wait watches them. An undo cannot be undone: run apply to
    make the fixes again. Runs are recorded on this machine only. More in docs/safety.md.
    """
    from kubectl_meshfix.cli.work.naming import is_path, paths  # noqa: PLC0415
    from kubectl_meshfix.cli.work.undoing import UndoRun  # noqa: PLC0415 -- asking for help loads no plan
    from kubectl_meshfix.targets import journal  # noqa: PLC0415

    if listing:
        must_name_no_cluster(connection, "--list reads only this machine's journal")
        _list(journal.runs(), output, colors.screen())
        return
    files = paths("undo", [*(filename or ()), *([run_id] if is_path(run_id) else [])])
    if files:
        must_name_no_cluster(connection, "-f takes back changes of files")
        consent.must_suit_files(in_cluster=False, prints=False)
    patience.must_make_sense(files)
    taking = UndoRun(consent, patience, force_fields, colors.screen())
    entry, api = _chosen("" if files else run_id, files, connection)
    raise typer.Exit(taking.on_cluster(entry, api) if api else taking.on_files(entry))


def _chosen(run_id: str, files: Sequence[str], connection: ConnectionFlags) -> "tuple[JournalEntry, Api | None]":
    """The run to take back, and the cluster that it changed; None where it changed files. Raises UsageError and SourceError."""
    if run_id:
        entry = _named(run_id)
        if entry.where.kind == "files":
            must_name_no_cluster(connection, f"run {entry.id} changed files")
            return entry, None
        api = connected(connection)
        if not _is_of(entry, api, partial(_uid, api)):
            raise _elsewhere(entry, api)
        return entry, api
    if files:
        paths = [Path(name).resolve() for name in files]
        return _newest(lambda run: any(_is_under(Path(row.file), paths) for row in run.files), "these files"), None
    api = _reached(connection)
    uid = cache(partial(_uid, api))
    return _newest(lambda run: run.where.kind == "cluster" and _is_of(run, api, uid), api.context or api.server), api


def _uid(api: "Api") -> str:
    from kubectl_meshfix.targets.cluster import cluster_uid  # noqa: PLC0415 -- only for a cluster

    return cluster_uid(api)


def _is_of(run: "JournalEntry", api: "Api", uid: Callable[[], str]) -> bool:
    """Whether a run changed this cluster: at this address, or at another that it had then. ``uid`` is asked for only where needed."""
    return run.where.server == api.server or (run.where.cluster != "" and run.where.cluster == uid())


def _elsewhere(run: "JournalEntry", api: "Api") -> UsageError:
    """The error for a run on another cluster than the one that is reached; both are told by their servers."""
    places = ((run.where.context, run.where.server), (api.context, api.server))
    then, now = (f"{server} (context {context})" if context else server for context, server in places)
    hint = f"Add --context {run.where.context} to undo it." if run.where.context not in ("", api.context) else ""
    same = "If it is the same cluster at another address, its namespace kube-system must be readable" if run.where.cluster else ""
    return UsageError(f"Run {run.id} changed {then}, not {now}.", hint or (f"{same}." if same else "Name that server with --server."))


def _list(found: "Sequence[JournalEntry | Unreadable]", output: RunsFormat, screen: Screen) -> None:
    from kubectl_meshfix.render import journal  # noqa: PLC0415 -- tables are for --list alone
    from kubectl_meshfix.render.text import machine  # noqa: PLC0415 -- tables are for --list alone

    if output is RunsFormat.TABLE and not found:
        console.say("apply has not changed anything yet.")
    elif output is RunsFormat.TABLE:
        console.answer(journal.table(found, screen))
    else:
        console.answer((machine.as_json if output is RunsFormat.JSON else machine.as_yaml)(journal.document(found)))


def _named(run_id: str) -> "JournalEntry":
    from kubectl_meshfix.targets import journal  # noqa: PLC0415

    entry = journal.find_run(run_id)
    if isinstance(entry, journal.Unreadable):
        raise UsageError(f"Run {safe_line(run_id)} cannot be taken back: {entry.reason}.", f"List the others with: {LIST}")
    if entry.is_undone:
        raise UsageError(f"Run {entry.id} is already undone.", f"List the others with: {LIST}")
    return entry


def _reached(connection: ConnectionFlags) -> "Api":
    """The way to the cluster. Where there is none, but the newest run was on files, the error names that run."""
    try:
        return connected(connection)
    except SourceError as error:
        newest = _latest(lambda _run: True)
        if newest is None or newest.where.kind == "cluster":
            raise
        raise SourceError(error.message, f"The newest run of apply was on files: kubectl meshfix undo {newest.id}") from error


def _newest(is_meant: "Callable[[JournalEntry], bool]", place: str) -> "JournalEntry":
    entry = _latest(is_meant)
    if entry is None:
        hint = f"List all runs with: {LIST}. To take back a run on files, name it by its ID or with -f."
        if damaged := _unreadable():
            hint = f"{damaged}\n{hint}"
        raise UsageError(f"There is no run of apply to take back in {place}.", hint)
    return entry


def _unreadable() -> str:
    """What there is to say of entries that cannot be read: one of them may be the run that is meant."""
    from kubectl_meshfix.targets import journal  # noqa: PLC0415

    lost = [f"run {run.id}: {run.reason}" for run in journal.runs() if isinstance(run, journal.Unreadable)]
    return safe_line(f"Of the journal this cannot be read: {'; '.join(lost)}.") if lost else ""


def _latest(is_meant: "Callable[[JournalEntry], bool]") -> "JournalEntry | None":
    """The newest run that is meant and can be taken back."""
    from kubectl_meshfix.targets import journal  # noqa: PLC0415

    runs = (run for run in reversed(journal.runs()) if not isinstance(run, journal.Unreadable))
    return next((run for run in runs if not run.is_undone and is_meant(run)), None)


def _is_under(path: Path, folders: list[Path]) -> bool:
    return any(path == folder or folder in path.parents for folder in folders)
