"""Taking a run back on files: byte for byte where a file is as it was left, else field by field."""

from collections.abc import Callable, Sequence
from pathlib import Path

from kubectl_meshfix.documents.editing.splice import DocumentPatch, splice_each
from kubectl_meshfix.documents.reading.limited import read_file
from kubectl_meshfix.documents.reading.list_kind import objects, within
from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.errors import TargetError
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Ref, Struct
from kubectl_meshfix.targets import journal
from kubectl_meshfix.targets.field_reversal import reversal
from kubectl_meshfix.targets.file_changes import hashed, restored
from kubectl_meshfix.targets.files import FileEdit, write
from kubectl_meshfix.targets.journal_entry import FileChange, Inside, JournalEntry
from kubectl_meshfix.targets.undo import conflict_messages


class FileStep(Struct, frozen=True):
    """One file as it is and as it would be again."""

    index: int
    edit: FileEdit


class UnchangedFile(Struct, frozen=True):
    """A file that is left alone, and why."""

    file: str
    reason: str


class FileUndoPlan(Struct, frozen=True):
    """What a run's undo would do: the files to write, those it must not touch, and those with nothing left to take back."""

    steps: tuple[FileStep, ...]
    refused: tuple[UnchangedFile, ...]
    settled: tuple[UnchangedFile, ...]
    done: tuple[int, ...]


def prepare(entry: JournalEntry, *, force: bool) -> FileUndoPlan:
    """Look at every file of the run, last one first. A file goes back as a whole or not at all; nothing is written here."""
    steps: list[FileStep] = []
    refused: list[UnchangedFile] = []
    settled: list[UnchangedFile] = []
    done: list[int] = []
    for index, row in reversed(list(enumerate(entry.files))):
        if row.state in ("undone", "refused"):
            continue
        try:
            answer = _removal(row, refused) if row.created else _step(row, force=force)
        except TargetError as error:
            refused.append(UnchangedFile(file=row.file, reason=error.message))
            continue
        if isinstance(answer, str):
            settled.append(UnchangedFile(file=row.file, reason=answer))
            done.append(index)
        else:
            steps.append(FileStep(index=index, edit=answer))
    return FileUndoPlan(steps=tuple(steps), refused=tuple(refused), settled=tuple(settled), done=tuple(done))


def take_back(entry: JournalEntry, undoing: FileUndoPlan, done: Callable[[str], None]) -> JournalEntry:
    """Write every file. Returns the entry as it is on the disk. Raises TargetError at the first that cannot be written."""
    for index in undoing.done:
        entry = journal.with_state(entry, index, "undone")
    written: list[str] = []
    for step in undoing.steps:
        write(step.edit, before=written)
        entry = journal.save(journal.with_state(entry, step.index, "undone"))
        written.append(step.edit.file)
        done(step.edit.file)
    return journal.save(entry) if undoing.done else entry


def _removal(row: FileChange, refused: Sequence[UnchangedFile]) -> FileEdit | str:
    """The way back of a file that the run made; it stays where the kustomization beside it still needs it. Raises TargetError then."""
    path = Path(row.file)
    if any(Path(other.file).parent == path.parent for other in refused):
        raise TargetError("what names it in its folder cannot be taken back, so it is still needed")
    try:
        text = read_file(path, only_regular=True).decode()
    except FileNotFoundError:
        return "it was deleted since, so there is nothing to take back"
    except (OSError, UnicodeDecodeError) as error:
        raise TargetError(f"it cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if hashed(text) != row.after_hash:
        raise TargetError("apply made it, and it was edited since; delete it by hand if nobody needs it")
    return FileEdit(file=row.file, before=text, after="", changes=(), is_removed=True)


def _step(row: FileChange, *, force: bool) -> FileEdit | str:
    """The way back of one file, or why it needs none. Raises TargetError where it must not be touched."""
    try:
        text = read_file(row.file, only_regular=True).decode()
    except FileNotFoundError:
        return "it was deleted since, so there is nothing to take back"
    except (OSError, UnicodeDecodeError) as error:
        raise TargetError(f"it cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if hashed(text) == row.before_hash:
        return "it is as it was before"
    before = restored(text, row.hunks) if hashed(text) == row.after_hash else None
    if before is None or hashed(before) != row.before_hash:
        before = _by_fields(text, row, force=force)
    return "it is as it was before" if before == text else FileEdit(file=row.file, before=text, after=before, changes=())


def _by_fields(text: str, row: FileChange, *, force: bool) -> str:
    """The text with each object's fields taken back, where somebody has edited the file since."""
    if not row.objects:
        raise TargetError("it was edited since, and holds no object whose fields could be taken back")
    patches = [_patch(text, inside, force=force) for inside in row.objects]
    spliced = splice_each(text, patches)
    for error in spliced.errors:
        if error:
            raise TargetError(f"it was edited since, and the fields cannot be restored in it: {error.message}")
    return spliced.text


def _patch(text: str, inside: Inside, *, force: bool) -> DocumentPatch:
    found = [
        (document.index, prefix, value)
        for document in read(text).documents
        for prefix, value in objects(document.value)
        if _is(value, inside.resource)
    ]
    if len(found) != 1:
        held = f"holds {inside.resource} {len(found)} times" if found else f"no longer holds {inside.resource}"
        raise TargetError(f"it was edited since, and {held}")
    ((index, prefix, value),) = found
    operations, conflicts = reversal(value, inside.fields, force=force)
    if conflicts and not force:
        raise TargetError(f"it was edited since: {'; '.join(conflict_messages({}, conflicts))}")
    return DocumentPatch(index, within(operations, prefix))


def _is(value: object, ref: Ref) -> bool:
    """Whether a document is the object; one without a namespace may be that of any, because apply was told which."""
    if not isinstance(value, dict) or not isinstance(value.get("metadata"), dict):
        return False
    kind = kinds.of(str(value.get("apiVersion", "")), str(value.get("kind", "")))
    metadata = value["metadata"]
    return (
        kind is not None
        and (kind.group, kind.kind) == (ref.group, ref.kind)
        and metadata.get("name") == ref.name
        and metadata.get("namespace") in (None, ref.namespace)
    )
