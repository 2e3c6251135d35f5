"""Which fields a change has touched, and how to take them back where they still hold what it wrote."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.editing.changes import same
from kubectl_meshfix.documents.patch import Operation, patched

ABSENT = msgspec.UNSET

SERVER_OWNED = frozenset(
    {"/status", *(f"/metadata/{name}" for name in ("managedFields", "resourceVersion", "generation", "uid", "creationTimestamp"))}
)
"""Fields that the API server writes by itself at every change."""

IDENTITY = ("name", "port", "containerPort", "number", "key", "host", "protocol")
"""Keys that tell the items of a list apart."""


class Field(msgspec.Struct, frozen=True, omit_defaults=True):
    """One field's values before and after, ABSENT where there was none.

    ``among`` has the pointer of each list's item on the way to it, and the keys that tell it from the others and did not change;
    none where its place alone names it. ``made`` is a map that came with its fields: it goes with the last of them.
    """

    path: str
    before: Any = ABSENT
    after: Any = ABSENT
    among: Mapping[str, Mapping[str, Any]] = {}
    made: bool = False


class Conflict(msgspec.Struct, frozen=True):
    """A field that somebody else changed since; ``item_gone``: the list's item that it belongs to is not there any more."""

    field: Field
    path: str
    now: Any
    item_gone: bool = False


class Reversal(NamedTuple):
    """What takes fields back, and what speaks against it."""

    operations: tuple[Operation, ...]
    conflicts: tuple[Conflict, ...]


class _Found(msgspec.Struct, frozen=True):
    path: str
    value: Any
    missing: tuple[str, ...]
    """Maps above it that are not there."""


def changed_fields(before: Any, after: Any, path: str = "", among: Mapping[str, Mapping[str, Any]] | None = None) -> Iterator[Field]:
    """The fields in which two states of an object differ: maps key by key, lists item by item where their items have names."""
    among = among or {}
    if path in SERVER_OWNED or _equal(before, after):
        return
    match before, after:
        case (dict(), dict()) | (dict(), msgspec.UnsetType()) | (msgspec.UnsetType(), dict()) if before or after:
            one, other = (value if isinstance(value, dict) else {} for value in (before, after))
            for key in {**one, **other}:
                yield from changed_fields(one.get(key, ABSENT), other.get(key, ABSENT), path + pointer.join(key), among)
            if before is ABSENT:
                yield Field(path, made=True, among=among)
        case list(), list() if len(before) == len(after) and all(isinstance(item, dict) for item in (*before, *after)):
            yield from _touched_items(before, after, path, among)
        case _:
            yield Field(path, before, after, among)


def _touched_items(before: list[Any], after: list[Any], path: str, among: Mapping[str, Mapping[str, Any]]) -> Iterator[Field]:
    for index, (old, new) in enumerate(zip(before, after, strict=True)):
        here = path + pointer.join(index)
        identity = {key: new[key] for key in IDENTITY if key in new and key in old and same(old[key], new[key])}
        if identity and len(_matching(after, identity)) == 1:
            yield from changed_fields(old, new, here, {**among, here: identity})
        elif not same(old, new):
            yield Field(here, old, new, {**among, here: {}})


def reversal(document: Any, fields: Iterable[Field], *, force: bool = False) -> Reversal:
    """Operations that take ``fields`` of ``document`` back. A field that is back already needs none.

    Every field has to hold what was written; ``force`` takes back those too that hold something else, but not those whose
    list item is gone. The conflicts are told in both cases.
    """
    operations: list[Operation] = []
    conflicts: list[Conflict] = []
    for field in fields:
        found = _find(document, field)
        if found is None:
            if not field.made:
                conflicts.append(Conflict(field, field.path, ABSENT, item_gone=True))
            continue
        step = _made_step(found) if field.made else _step(found, field)
        if not field.made and not _equal(found.value, field.before) and not _equal(found.value, field.after):
            conflicts.append(Conflict(field, found.path, found.value))
            if not force:
                continue
        if step:
            document = patched(document, step)
            operations += step
    return Reversal(tuple(operations), tuple(conflicts))


def still_holds(document: Any, fields: Iterable[Field]) -> bool:
    """Does every field hold what was written?"""
    found = [(field, _find(document, field)) for field in fields if not field.made]
    return all(place is not None and _equal(place.value, field.after) for field, place in found)


def _step(found: _Found, field: Field) -> list[Operation]:
    if _equal(found.value, field.before):
        return []
    if field.before is ABSENT:
        return [Operation("remove", found.path)]
    if found.value is ABSENT:
        return [*(Operation("add", path, {}) for path in found.missing), Operation("add", found.path, field.before)]
    return [Operation("replace", found.path, field.before)]


def _made_step(found: _Found) -> list[Operation]:
    return [Operation("remove", found.path)] if found.value == {} else []


def _find(document: Any, field: Field) -> _Found | None:
    """Where a field is by now; None where the list's item that it belongs to is gone."""
    here, path, recorded = document, "", ""
    missing: list[str] = []
    for part in pointer.split(field.path):
        recorded += pointer.join(part)
        identity = field.among.get(recorded)
        if here is ABSENT:
            missing.append(path)
        if isinstance(here, list) or identity is not None:
            index = _index(here, int(part), identity) if isinstance(here, list) and identity is not None else None
            if index is None:
                return None
            here, path = here[index], path + pointer.join(index)
        elif isinstance(here, dict) or here is ABSENT:
            here, path = here.get(part, ABSENT) if isinstance(here, dict) else ABSENT, path + pointer.join(part)
        else:
            return None
    return _Found(path, here, tuple(missing))


def _index(items: list[Any], index: int, identity: Mapping[str, Any]) -> int | None:
    if not identity:
        return index if index < len(items) else None
    matching = _matching(items, identity)
    return matching[0] if len(matching) == 1 else None


def _matching(items: list[Any], identity: Mapping[str, Any]) -> list[int]:
    return [
        index
        for index, item in enumerate(items)
        if isinstance(item, dict) and all(key in item and same(item[key], value) for key, value in identity.items())
    ]


def _equal(one: Any, other: Any) -> bool:
    return one is other if one is ABSENT or other is ABSENT else same(one, other)
