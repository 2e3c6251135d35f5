"""RFC 6902 operations as changes of single values, as small as they can be."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.editing.edits import ValueChange
from kubectl_meshfix.documents.patch import Operation, patched


def same(one: Any, other: Any) -> bool:
    """Are two values equal, types included? ``1``, ``1.0`` and ``true`` are three."""
    try:
        return msgspec.json.encode(one, order="sorted") == msgspec.json.encode(other, order="sorted")
    except UnicodeEncodeError:  # half a character, which no text holds
        return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def changes(document: Any, operation: Operation) -> list[ValueChange]:
    """What ``operation``, which fits, does to the value ``document``, one step after the other."""
    match operation.op:
        case "test":
            return []
        case "remove":
            return [ValueChange("remove", operation.path)]
        case "move" if operation.from_ == operation.path:
            return []
        case "move":
            source = str(operation.from_)
            left = patched(document, [Operation("remove", source)])
            return [ValueChange("remove", source), _put(left, operation.path, pointer.at(document, source))]
        case "copy":
            return [_put(document, operation.path, pointer.at(document, str(operation.from_)))]
        case "add":
            return [_put(document, operation.path, operation.value)]
        case _:
            return [ValueChange("set", operation.path, operation.value)]


def narrowed(old: Any, new: Any, path: str) -> Iterator[ValueChange]:
    """The least that makes ``new`` of ``old``, the value at ``path``: keys and items that are in both stay as they are written."""
    match old, new:
        case (dict(), dict()) if old.keys() & new.keys():
            yield from (ValueChange("remove", path + pointer.join(name)) for name in old if name not in new)
            for name, value in new.items():
                below = path + pointer.join(name)
                yield from narrowed(old[name], value, below) if name in old else [ValueChange("set", below, value)]
        case (list(), list()) if old and new:
            yield from _narrowed_items(old, new, path)
        case _ if not same(old, new):
            yield ValueChange("set", path, new)


def renamed(document: Any, operations: Sequence[Operation]) -> ValueChange | None:
    """The new key of an entry of a map, where two operations add the entry's value under it and remove the old one; else None."""
    match operations:
        case [Operation(op="add", path=new, value=value), Operation(op="remove", path=old)]:
            *above, name = pointer.split(new)
            *parents, last = pointer.split(old)
            around = document
            for part in above if above == parents else ():
                around = around.get(part) if isinstance(around, dict) else around[int(part)] if isinstance(around, list) else None
            is_free = above == parents and isinstance(around, dict) and name not in around and last in around
            return ValueChange("rename", old, name) if is_free and same(value, around[last]) else None
    return None


def _put(document: Any, path: str, value: Any) -> ValueChange:
    parent = path.rpartition("/")[0]
    return ValueChange("insert" if path and isinstance(pointer.at(document, parent), list) else "set", path, value)


def _narrowed_items(old: list[Any], new: list[Any], path: str) -> Iterator[ValueChange]:
    limit = min(len(old), len(new))
    head = next((index for index in range(limit) if not same(old[index], new[index])), limit)
    foot = next((index for index in range(limit - head) if not same(old[-1 - index], new[-1 - index])), limit - head)
    gone, come = len(old) - head - foot, len(new) - head - foot
    both = min(gone, come)
    if gone != come and head == foot == 0 and not all(isinstance(item, dict) for item in old + new):
        yield ValueChange("set", path, new)
        return
    for index in range(head, head + both):
        yield from narrowed(old[index], new[index], path + pointer.join(index))
    yield from (ValueChange("remove", path + pointer.join(head + both)) for _ in range(gone - both))
    yield from (ValueChange("insert", path + pointer.join(index), new[index]) for index in range(head + both, head + come))
