"""Manifests: edits by splicing, writes that replace a file whole or not at all."""

import contextlib
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from kubectl_meshfix.documents.editing.splice import DocumentPatch, splice_each
from kubectl_meshfix.documents.reading.list_kind import within
from kubectl_meshfix.documents.reading.manifests import Manifests, Origin
from kubectl_meshfix.errors import TargetError
from kubectl_meshfix.fixes.plan import Change, Plan, Refusal, incomplete_fixes
from kubectl_meshfix.resources.meta import Struct

STDIN = "-"


class FileEdit(Struct, frozen=True):
    """A file as it is and as it shall be. One that ``is_new`` does not exist yet, one that ``is_removed`` shall not exist any more.

    In one that ``is_built_from``, what changes has other names than the objects of the ``changes``, which are what kustomize builds.
    """

    file: str
    before: str
    after: str
    changes: tuple[Change, ...]
    is_new: bool = False
    is_removed: bool = False
    is_built_from: bool = False


class FileEdits(Struct, frozen=True):
    """All files that change, and what could not be edited."""

    edits: tuple[FileEdit, ...]
    refusals: tuple[Refusal, ...]


def prepare(plan: Plan, manifests: Manifests) -> FileEdits:
    """The new texts; nothing is written. A change that cannot be spliced in leaves its object as it is, and all others of its fixes."""
    left, edits = plan.changes, _spliced(plan.changes, manifests)
    refusals = edits.refusals
    while found := incomplete_fixes(left, {refusal.resource for refusal in refusals}):
        out = {refusal.resource for refusal in (*refusals, *found)}
        left = tuple(change for change in left if change.resource not in out)
        edits = _spliced(left, manifests)
        refusals = (*refusals, *found, *edits.refusals)
    return FileEdits(edits=edits.edits, refusals=refusals)


def _spliced(changes: Sequence[Change], manifests: Manifests) -> FileEdits:
    by_file: dict[str, list[tuple[Change, Origin]]] = defaultdict(list)
    refusals: list[Refusal] = []
    for change in changes:
        origin = manifests.origins.get(change.resource.key)
        if origin and Path(origin.file).name == "Chart.yaml":
            reason = "it is rendered from a chart; change the template or the value that is filled in"
            refusals.append(Refusal(resource=change.resource, reason=reason))
        elif origin:
            by_file[origin.file].append((change, origin))
        else:
            refusals.append(Refusal(resource=change.resource, reason="it is not in these files"))
    edits: list[FileEdit] = []
    for file, rows in sorted(by_file.items()):
        before = manifests.texts[file]
        spliced = splice_each(before, [DocumentPatch(origin.document, within(change.operations, origin.prefix)) for change, origin in rows])
        results = list(zip((change for change, _ in rows), spliced.errors, strict=True))
        refusals += [Refusal(resource=change.resource, reason=error.message) for change, error in results if error]
        if spliced.text != before:
            edits.append(
                FileEdit(file=file, before=before, after=spliced.text, changes=tuple(change for change, error in results if not error))
            )
    return FileEdits(edits=tuple(edits), refusals=tuple(refusals))


def check(edits: FileEdits) -> None:
    """Make sure that each file is what was read and may be written. Raises TargetError; nothing is written in any case."""
    for edit in edits.edits:
        _must_be_writable(edit)


def other_names(edit: FileEdit) -> int:
    """How many other names (hard links) a file has. They keep the old text, as with every editor that replaces a file whole."""
    return 0 if edit.is_new else Path(edit.file).stat().st_nlink - 1


def write(edit: FileEdit, before: Sequence[str] = ()) -> None:
    """Replace one file, if it still is what was read. Raises TargetError, which says what was written ``before``."""
    done = f"Written before: {', '.join(before)}." if before else "Nothing was written."
    _must_be_writable(edit, done)
    try:
        if edit.is_removed:
            Path(edit.file).unlink()
        else:
            replace(Path(edit.file).resolve(), edit.after.encode())
    except OSError as error:
        raise TargetError(
            f"{edit.file} cannot be written: {error.strerror}. {done}", "Correct that, then run the same command again."
        ) from error


def _must_be_writable(edit: FileEdit, done: str = "Nothing was written.") -> None:
    path = Path(edit.file)
    if edit.is_new:
        if path.exists() or path.is_symlink():
            raise TargetError(f"{edit.file} exists by now, and would be overwritten. {done}", "Run the command again.")
        if not os.access(path.parent, os.W_OK):
            raise TargetError(f"{path.parent} is read-only. {done}", "Make it writable, or leave it out of -f.")
        return
    if path.exists() and (not path.is_file() or path.absolute().is_relative_to("/dev")):  # to read it again might wait for ever
        raise TargetError(
            f"{edit.file} is a pipe or a device, and cannot be rewritten. {done}",
            "Use -f - instead: it reads standard input and writes the fixed manifests to standard output.",
        )
    try:
        same = path.read_bytes() == edit.before.encode()
    except OSError as error:
        raise TargetError(f"{edit.file} cannot be read again: {error.strerror}. {done}", "Run the command again.") from error
    if not same:
        raise TargetError(f"{edit.file} changed since it was read. {done}", "Run the command again.")
    if not os.access(path, os.W_OK) or not path.stat().st_mode & 0o222:  # root may write all the same, but was not asked to
        raise TargetError(f"{edit.file} is read-only. {done}", "Make it writable, or leave it out of -f.")


def replace(path: Path, content: bytes) -> None:
    """Write beside the file, sync, keep its mode and owner if it is there, then rename over it."""
    status = path.stat() if path.exists() else None
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(status.st_mode & 0o7777 if status else 0o644)
        if status and sys.platform != "win32":
            with contextlib.suppress(PermissionError):
                os.chown(name, status.st_uid, status.st_gid)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def patched_texts(edits: FileEdits, manifests: Manifests) -> Mapping[str, str]:
    """Every text after the edits, for standard output."""
    after = {edit.file: edit.after for edit in edits.edits}
    return {file: after.get(file, text) for file, text in manifests.texts.items()}
