"""Taking a run back on a cluster: only what it changed, only where nobody has changed it since."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.patch import PatchConflictError, patched
from kubectl_meshfix.errors import ApiError, ForbiddenError, MeshfixError, TargetError, unforeseen
from kubectl_meshfix.fixes.plan import Change, Refusal
from kubectl_meshfix.resources.api import NOT_JSON, Api
from kubectl_meshfix.resources.meta import Ref, Struct
from kubectl_meshfix.targets import journal
from kubectl_meshfix.targets.cluster import FIELD_MANAGER, TRIES, GoneError, MovedError, Preview, read_object, try_on_server
from kubectl_meshfix.targets.field_reversal import ABSENT, Conflict, reversal
from kubectl_meshfix.targets.journal_entry import JournalEntry, ObjectChange
from kubectl_meshfix.targets.journaled_apply import send_with_retries


class Step(Struct, frozen=True):
    """One object as it is and as it would be again; ``index`` is its place in the entry."""

    index: int
    preview: Preview


class UndoPlan(Struct, frozen=True):
    """What a run's undo would do: the objects to change, those it must not touch, and those with nothing left to take back."""

    steps: tuple[Step, ...]
    refused: tuple[Refusal, ...]
    settled: tuple[Refusal, ...]
    done: tuple[int, ...]
    """Places in the entry of objects that need no undo any more."""
    has_conflicts: bool = False
    """Whether fields that others have changed since are why an object is refused."""


def prepare(entry: JournalEntry, api: Api, *, on_server: bool, force: bool, tried: Callable[[Ref], object] = lambda _ref: None) -> UndoPlan:
    """Look at every object of the run, last one first. An object goes back as a whole or not at all; nothing is changed here.

    ``force`` takes back fields that others have changed since, too. ``tried`` hears of each object that was looked at.
    """
    steps: list[Step] = []
    refused: list[Refusal] = []
    settled: list[Refusal] = []
    done: list[int] = []
    has_conflicts = False
    for index, row in reversed(list(enumerate(entry.objects))):
        if row.state in ("undone", "refused"):
            continue
        try:
            answer = _looked(row, api, on_server=on_server, force=force)
        except (ApiError, ForbiddenError, TargetError) as error:
            refused.append(Refusal(resource=row.resource, reason=error.message))
            has_conflicts |= isinstance(error, PatchConflictError) and not isinstance(error, MovedError)
        else:
            if isinstance(answer, str):
                settled.append(Refusal(resource=row.resource, reason=answer))
                done.append(index)
            else:
                steps.append(Step(index=index, preview=answer))
        tried(row.resource)
    return UndoPlan(steps=tuple(steps), refused=tuple(refused), settled=tuple(settled), done=tuple(done), has_conflicts=has_conflicts)


def take_back(entry: JournalEntry, undoing: UndoPlan, api: Api, done: Callable[[Ref], None]) -> JournalEntry:
    """Make every step. Returns the entry as it is on the disk.

    Raises TargetError at the first that fails, which says what was taken back before it; undo can be run again.
    """
    for index in undoing.done:
        entry = journal.with_state(entry, index, "undone")
    for number, step in enumerate(undoing.steps):
        ref = step.preview.change.resource
        try:
            _taken_back(entry.objects[step.index], step.preview, api)
        except Exception as error:
            rest = [str(item.preview.change.resource) for item in undoing.steps[number + 1 :]]
            raise TargetError(
                f"{ref} was not taken back: {error.message if isinstance(error, MeshfixError) else unforeseen(error)}",
                (f"Not tried: {', '.join(rest)}.\n" if rest else "")
                + f"Run kubectl meshfix undo {entry.id} again; it reads the objects again.",
            ) from error
        entry = journal.save(journal.with_state(entry, step.index, "undone"))
        done(ref)
    return journal.save(entry) if undoing.done else entry


def _looked(row: ObjectChange, api: Api, *, on_server: bool, force: bool) -> Preview | str:
    """The way back, looked for again where the object moved meanwhile: its controller writes its status just after a change."""
    for _ in range(1, TRIES):
        try:
            return _step(row, api, on_server=on_server, force=force)
        except MovedError:
            continue
    return _step(row, api, on_server=on_server, force=force)


def _taken_back(row: ObjectChange, item: Preview, api: Api) -> None:
    """One step made; where the object moved since it was shown, anew, as long as the very same is to be done to it."""
    shown = item.change.operations
    for attempt in range(1, TRIES + 1):
        try:
            send_with_retries(item, api)
        except MovedError:
            if attempt == TRIES:
                raise
            anew = _step(row, api, on_server=True, force=False)
            if isinstance(anew, str):
                return
            if anew.change.operations != shown:
                raise
            item = anew
        else:
            return


def _step(row: ObjectChange, api: Api, *, on_server: bool, force: bool) -> Preview | str:
    """The way back of one object, or why it needs none. Raises TargetError where it must not be touched."""
    try:
        now = read_object(row.resource, api)
    except GoneError:
        return "it was deleted since, so there is nothing to take back"
    metadata = now["metadata"]
    if metadata["uid"] != row.uid:
        return "it was deleted and created again since, so this is not the object that was changed"
    if row.state == "planned" and metadata["resourceVersion"] == row.resource_version:
        return "the change was never made"
    operations, conflicts = reversal(now, row.fields, force=force)
    if conflicts and not force:
        raise PatchConflictError("; ".join(conflict_messages(now, conflicts)))
    if not operations:
        return "the changed fields are gone" if conflicts else "it is as it was before"
    change = Change(resource=row.resource, operations=operations, proposals=())
    after = try_on_server(change, now, api) if on_server else patched(now, operations)
    return Preview(change=change, before=now, after=after, by_server=on_server)


def conflict_messages(document: dict[str, Any], conflicts: Sequence[Conflict]) -> Iterator[str]:
    """Each conflict in words: the field, what it holds, who set it as far as the server knows, and what apply wrote."""
    for conflict in conflicts:
        who = field_manager(document, conflict.path)
        by = " by a later apply" if who == FIELD_MANAGER else f" by {who}" if who else ""
        if conflict.item_gone:
            yield f"{conflict.path} belongs to a list item that does not exist any more; apply wrote {_shown(conflict.field.after)}"
        elif conflict.now is ABSENT:
            yield f"{conflict.path} was removed since{by}; apply wrote {_shown(conflict.field.after)}"
        elif conflict.field.after is ABSENT:
            yield f"{conflict.path} was set to {_shown(conflict.now)} since{by}; apply removed it"
        else:
            yield f"{conflict.path} was changed to {_shown(conflict.now)} since{by}; apply wrote {_shown(conflict.field.after)}"


def field_manager(document: dict[str, Any], path: str) -> str:
    """Who owns a field (`structured-merge-diff fieldpath/serialize.go`); the latest where several do, empty where nobody knows."""
    found = document.get("metadata", {}).get("managedFields")
    rows = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    rows.sort(key=lambda row: str(row.get("time", "")), reverse=True)
    return next((str(row.get("manager", "")) for row in rows if _owns(row.get("fieldsV1"), document, pointer.split(path))), "")


def _owns(fields: Any, value: Any, parts: Sequence[str]) -> bool:
    if not parts:
        return True
    if not isinstance(fields, dict):
        return False
    name, *rest = parts
    if isinstance(value, dict):
        below, inner = fields.get(f"f:{name}"), value.get(name)
    elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
        inner = value[int(name)]
        below = next((owned for key, owned in fields.items() if key.startswith("k:") and _is_item(key[2:], inner)), None)
    else:
        return False
    return below is not None and (_owns(below, inner, rest) or below == {})


def _is_item(key: str, item: Any) -> bool:
    try:
        identity = msgspec.json.decode(key, type=dict[str, Any])
    except NOT_JSON:
        return False
    return isinstance(item, dict) and all(item.get(name) == value for name, value in identity.items())


def _shown(value: Any) -> str:
    if value is ABSENT:
        return "nothing"
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 80 else f"{text[:79]}…"
