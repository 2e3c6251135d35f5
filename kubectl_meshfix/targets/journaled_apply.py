"""A plan carried out on a cluster, each step written down before and after it is made."""

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from kubectl_meshfix.documents.patch import PatchConflictError
from kubectl_meshfix.errors import MeshfixError, SourceError, TargetError, unforeseen
from kubectl_meshfix.resources.api import Api
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.targets import journal
from kubectl_meshfix.targets.cluster import PAUSE, TRIES, MovedError, Preview, is_server_error, preview_change, read_object, send
from kubectl_meshfix.targets.field_reversal import Field, changed_fields, still_holds
from kubectl_meshfix.targets.journal_entry import JournalEntry, ObjectChange, Where


def start_run(previews: Sequence[Preview], where: Where) -> JournalEntry:
    """Write down what is about to be changed. Raises TargetError, and then nothing may be."""
    findings = (proposal.code for item in previews for proposal in item.change.proposals)
    return journal.start_run(where, findings, [_planned(item) for item in previews])


def apply_changes(
    entry: JournalEntry, previews: Sequence[Preview], api: Api, *, again: Callable[[Preview], bool], done: Callable[[Ref], None]
) -> JournalEntry:
    """Patch each object, exactly the version that was previewed. Returns the entry as it is on the disk.

    Where an object moved meanwhile its change is made anew, on what is there now and with its own tests, and ``again`` is
    shown the result and decides. Raises TargetError at the first object that cannot be changed, which tells all that was
    done before; the others are not tried.
    """
    for index, item in enumerate(previews):
        try:
            entry, answer, before = _made(entry, index, item, api, again)
        except Exception as error:
            fault = (
                error if isinstance(error, MeshfixError) else UnknownError(f"it is not known whether it was changed. {unforeseen(error)}")
            )
            is_unknown = isinstance(fault, UnknownError)
            _keep_refused(entry, range(index + is_unknown, len(previews)))
            raise TargetError(
                f"{item.change.resource}: {fault.message}" if is_unknown else f"{item.change.resource} was not changed: {fault.message}",
                _summary(entry, previews[:index], previews[index + 1 :], fault),
            ) from error
        entry = journal.save(journal.with_state(entry, index, "applied", fields=tuple(changed_fields(before, answer))))
        done(item.change.resource)
    return entry


class UnknownError(TargetError):
    """The connection broke in the middle of a change, and nobody can be asked whether it was made."""


def send_with_retries(item: Preview, api: Api) -> dict[str, Any]:
    """One patch, tried again where the server faltered: its tests make sure that it is made once at most.

    Returns the object as it is then. Raises PatchConflictError where somebody else was faster, UnknownError where the server
    went away in the middle, and what the server says against it.
    """
    fields = tuple(changed_fields(item.before, item.after))
    for attempt in range(1, TRIES + 1):
        try:
            return send(item.change, item.before, api, dry_run=False)
        except PatchConflictError:
            now = read_object(item.change.resource, api)
            if attempt == 1 or not _is_ours(now, item.before, fields):
                raise
            return now
        except SourceError as error:
            if not is_server_error(error):
                raise
            arrived = _arrived(item, fields, api, error)
            if arrived is not None:
                return arrived
            if attempt == TRIES:
                raise
        time.sleep(PAUSE * 2 ** (attempt - 1))
    raise AssertionError("the last try returns or raises")


def _arrived(item: Preview, fields: Iterable[Field], api: Api, fault: SourceError) -> dict[str, Any] | None:
    """The object, if the patch that got no answer was made all the same; None if it was not."""
    try:
        now = read_object(item.change.resource, api)
    except SourceError as error:
        raise UnknownError(
            f"it is not known whether it was changed, because the server gave no answer that can be used. {fault.message}", error.hint
        ) from error
    if now["metadata"]["resourceVersion"] == item.before["metadata"]["resourceVersion"]:
        return None
    if _is_ours(now, item.before, fields):
        return now
    raise MovedError(f"{item.change.resource} was changed by somebody else since it was read")


def _is_ours(now: dict[str, Any], before: dict[str, Any], fields: Iterable[Field]) -> bool:
    return now["metadata"]["uid"] == before["metadata"]["uid"] and still_holds(now, fields)


def _made(
    entry: JournalEntry, index: int, item: Preview, api: Api, again: Callable[[Preview], bool]
) -> tuple[JournalEntry, dict[str, Any], dict[str, Any]]:
    """One change, made anew as long as the object moves under it: the entry, the object after it, and before it."""
    for attempt in range(1, TRIES + 1):
        try:
            return entry, send_with_retries(item, api), item.before
        except PatchConflictError:
            if attempt == TRIES:
                raise
            moved = preview_change(item.change, api, on_server=True)
            if moved.before["metadata"]["uid"] != item.before["metadata"]["uid"]:
                raise TargetError("it was deleted and created again after the change was shown.") from None
            if not again(moved):
                raise TargetError("it changed after the diff was shown, and the new diff was not accepted.") from None
            item = moved
            entry = journal.save(_replaced(entry, index, _planned(item)))
    raise AssertionError("the last try returns or raises")


def _planned(item: Preview) -> ObjectChange:
    metadata = item.before["metadata"]
    return ObjectChange(
        resource=item.change.resource,
        uid=metadata["uid"],
        resource_version=metadata["resourceVersion"],
        fields=tuple(changed_fields(item.before, item.after)),
    )


def _replaced(entry: JournalEntry, index: int, row: ObjectChange) -> JournalEntry:
    return journal.with_state(entry, index, "planned", uid=row.uid, resource_version=row.resource_version, fields=row.fields)


def _keep_refused(entry: JournalEntry, indices: Iterable[int]) -> None:
    """Note what was not made. Where even that cannot be written, undo finds it out at the objects."""
    for index in indices:
        entry = journal.with_state(entry, index, "refused")
    with contextlib.suppress(TargetError):
        journal.save(entry)


def _summary(entry: JournalEntry, changed: Sequence[Preview], rest: Sequence[Preview], error: MeshfixError) -> str:
    """What was done and what was not, and the two ways from here."""
    sure = not isinstance(error, UnknownError)
    parts = [f"Changed before it: {_listed(changed)}." if changed else "Nothing was changed." if sure else ""]
    parts.append(f"Not tried: {_listed(rest)}." if rest else "")
    parts.append("Run the same command again to make the rest; it reads the objects again.")
    parts.append(f"To take back what was changed: kubectl meshfix undo {entry.id}" if changed or not sure else "")
    return "\n".join(part for part in parts if part)


def _listed(previews: Iterable[Preview]) -> str:
    return ", ".join(str(item.change.resource) for item in previews)
