"""Changes that can be taken back: recorded in the journal, made, and reported with the command that undoes them."""

import contextlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kubectl_meshfix.cli import console, progress
from kubectl_meshfix.documents.reading.manifests import Manifests
from kubectl_meshfix.errors import TargetError
from kubectl_meshfix.render.plan.terminal import kubectl_name
from kubectl_meshfix.render.text.terminal import count, safe_line
from kubectl_meshfix.resources.api import Api
from kubectl_meshfix.resources.meta import Ref

if TYPE_CHECKING:
    from kubectl_meshfix.targets.cluster import Preview
    from kubectl_meshfix.targets.files import FileEdits
    from kubectl_meshfix.targets.journal_entry import JournalEntry, Where


def change_cluster(previews: "Sequence[Preview]", api: Api, where: "Where", again: "Callable[[Preview], bool]") -> None:
    """Patch every object of a cluster. Raises TargetError, which tells what was changed and what was not."""
    from kubectl_meshfix.targets import journaled_apply  # noqa: PLC0415 -- only where something is changed

    entry = journaled_apply.start_run(previews, where)

    def fixed(ref: Ref) -> None:
        console.tell(f"{kubectl_name(ref)} fixed\n")
        tell(kubectl_name(ref))

    try:
        with progress.steps("Changing", len(previews)) as tell:
            journaled_apply.apply_changes(entry, previews, api, again=again, done=fixed)
    except TargetError:
        raise
    except BaseException as error:
        _say_interrupted(entry, error)
        raise
    _say_way_back(entry, count(len(previews), "object"))


def rewrite_files(edits: "FileEdits", manifests: Manifests) -> None:
    """Write every file anew. Raises TargetError, which tells what was written and what was not."""
    from kubectl_meshfix.targets import files, journal  # noqa: PLC0415 -- only where something is changed
    from kubectl_meshfix.targets.file_changes import file_change  # noqa: PLC0415
    from kubectl_meshfix.targets.journal_entry import Where  # noqa: PLC0415

    files.check(edits)
    findings = (proposal.code for edit in edits.edits for change in edit.changes for proposal in change.proposals)
    entry = journal.start_run(Where(kind="files"), findings, files=[file_change(edit, manifests) for edit in edits.edits])
    try:
        for index, edit in enumerate(edits.edits):
            files.write(edit, before=[done.file for done in edits.edits[:index]])
            entry = journal.save(journal.with_state(entry, index, "applied"))
            console.tell(f"{safe_line(edit.file)} {'made' if edit.is_new else 'fixed'}\n")
    except TargetError as error:
        raise TargetError(error.message, f"{error.hint}\nTo take back what was written: kubectl meshfix undo {entry.id}") from error
    except BaseException as error:
        _say_interrupted(entry, error)
        raise
    _say_way_back(entry, count(len(edits.edits), "file"))


def _say_way_back(entry: "JournalEntry", things: str) -> None:
    console.say(f"{things} changed. To take it back: kubectl meshfix undo {entry.id}")


def _say_interrupted(entry: "JournalEntry", error: BaseException) -> None:
    """Say how to take back what was changed, whatever ended the run."""
    end = "Interrupted" if isinstance(error, KeyboardInterrupt) else "Stopped in the middle"
    with contextlib.suppress(OSError):
        console.insist(f"\n{end}. To take back what was changed: kubectl meshfix undo {entry.id}")
