"""The journal: what each run of ``apply`` is about to change and has changed, kept so that ``undo`` can take it back.

One file a run, readable by its owner alone. It is on the disk before the first change is made, and every later state replaces
it whole; whoever reads it after a crash looks at the objects to learn which of the planned changes have arrived.
"""

import contextlib
import os
import secrets
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from kubectl_meshfix import __version__
from kubectl_meshfix.errors import TargetError
from kubectl_meshfix.targets.journal_entry import FileChange, JournalEntry, ObjectChange, State, Where

SCHEMA_VERSION = 1
STAMP = "%Y%m%d-%H%M%S"

KEPT = 100
"""So many runs with nothing left to take back are kept, for the list; older ones are forgotten when a new one begins."""


class Unreadable(msgspec.Struct, frozen=True):
    """A file of the journal that is no entry, or one of a newer version."""

    id: str
    reason: str


def folder(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Where the entries are: in $XDG_STATE_HOME, or where the system keeps such things."""
    state = environ.get("XDG_STATE_HOME", "")
    if Path(state).is_absolute():
        base = Path(state)
    elif platform == "win32":
        base = Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path.home() / ".local" / "state"
    return base / "kubectl-meshfix" / "journal"


def start_run(
    where: Where, findings: Iterable[str], objects: Iterable[ObjectChange] = (), files: Iterable[FileChange] = ()
) -> JournalEntry:
    """A new entry, on the disk when this returns. Raises TargetError; then nothing may be changed."""
    now = datetime.now(UTC)
    try:
        folder().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder().mkdir(mode=0o700, exist_ok=True)
        entry = JournalEntry(
            schema_version=SCHEMA_VERSION,
            id=_new_id(now),
            made=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            version=__version__,
            where=where,
            findings=tuple(sorted(set(findings))),
            objects=tuple(objects),
            files=tuple(files),
        )
        _write(entry)
        _forget()
    except OSError as error:
        raise TargetError(
            f"The journal that undo needs cannot be written ({folder()}: {error.strerror}), so nothing was changed.",
            "Free space there, or set XDG_STATE_HOME to another folder.",
        ) from error
    return entry


def save(entry: JournalEntry) -> JournalEntry:
    """Replace an entry on the disk by its new state. Raises TargetError."""
    try:
        _write(entry)
    except OSError as error:
        raise TargetError(
            f"The journal cannot be written any more ({folder()}: {error.strerror}). It holds all planned changes, "
            f"so kubectl meshfix undo {entry.id} can still take everything back.",
            "Free space there, then run the same command again.",
        ) from error
    return entry


def with_state(entry: JournalEntry, index: int, state: State, **changes: Any) -> JournalEntry:
    """The entry with the state, and other fields, of one of its changes replaced."""
    rows = list(entry.changes)
    rows[index] = msgspec.structs.replace(rows[index], state=state, **changes)
    objects = tuple(row for row in rows if isinstance(row, ObjectChange))
    return msgspec.structs.replace(entry, objects=objects, files=tuple(row for row in rows if isinstance(row, FileChange)))


def runs() -> list[JournalEntry | Unreadable]:
    """Every run, oldest first."""
    try:
        names = sorted(
            path.stem for path in folder().iterdir() if path.suffix == ".json" and not path.name.startswith(".") and path.is_file()
        )
    except OSError:
        return []
    return [find_run(name) for name in names]


def find_run(name: str) -> JournalEntry | Unreadable:
    """One run. Raises TargetError where there is none of that id."""
    path = folder() / f"{name}.json"
    if Path(name).name != name or not path.is_file():
        raise TargetError(f"There is no run called {name} in the journal.", "List all runs with: kubectl meshfix undo --list")
    try:
        content = path.read_bytes()
        if msgspec.json.decode(content, type=_Versioned).schema_version > SCHEMA_VERSION:
            return Unreadable(name, "it was written by a newer kubectl-meshfix")
        return msgspec.json.decode(content, type=JournalEntry)
    except OSError as error:
        return Unreadable(name, error.strerror or "it cannot be read")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Unreadable(name, "it is damaged")


def _forget() -> None:
    """Delete the oldest runs that have nothing left to take back; any other, also one that cannot be read, stays for ever."""
    ended = [entry for entry in runs() if isinstance(entry, JournalEntry) and entry.is_undone]
    for entry in ended[:-KEPT]:
        with contextlib.suppress(OSError):
            (folder() / f"{entry.id}.json").unlink()


class _Versioned(msgspec.Struct, rename="camel"):
    schema_version: int


def _new_id(now: datetime) -> str:
    """Time and chance. Later than every other id even where the clock was set back, so that "the newest" stays true."""
    stamps = [path.name[:15] for path in folder().glob("*.json")]
    stamp = now.strftime(STAMP)
    for newest in sorted(stamps, reverse=True):
        with contextlib.suppress(ValueError):
            following = datetime.strptime(newest, STAMP).replace(tzinfo=UTC) + timedelta(seconds=1)
            stamp = max(stamp, following.strftime(STAMP))
            break
    return f"{stamp}-{secrets.token_hex(3)}"


def _write(entry: JournalEntry) -> None:
    """Write beside, sync, rename, sync the folder."""
    path = folder() / f"{entry.id}.json"
    beside = path.with_name(f".{path.name}.new")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(msgspec.json.format(msgspec.json.encode(entry), indent=1))
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    if os.name == "posix":
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
