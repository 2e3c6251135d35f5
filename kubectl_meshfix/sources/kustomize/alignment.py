"""One place in two versions of an object, whose lists may have other items or another order."""

from typing import Any

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.editing.changes import same

IDENTITY = ("name", "port", "containerPort", "mountPath", "number", "key", "host", "ip", "topologyKey")
"""Keys that tell the items of a list apart, in the order in which they are tried."""


class Aligned(msgspec.Struct, frozen=True):
    """A pointer in the other version as far as it leads there, what is left of it, and the value it leads to."""

    path: str
    rest: tuple[str, ...]
    value: Any

    @property
    def is_whole(self) -> bool:
        """Whether the other version has the place."""
        return not self.rest


def align(one: Any, other: Any, path: str) -> Aligned:
    """Where ``path`` of ``one`` is in ``other``. Items of lists are found by what names them, else as equals, else by their place."""
    parts = pointer.split(path)
    found: list[str | int] = []
    for depth, part in enumerate(parts):
        step = _step(one, other, part)
        if step is None:
            return Aligned(pointer.join(*found), parts[depth:], other)
        found.append(step)
        one = _child(one, part)
        other = other[step]
    return Aligned(pointer.join(*found), (), other)


def item_index(item: Any, index: int, own: list[Any], others: list[Any]) -> int | None:
    """Which of ``others`` is ``item``, the one at ``index`` of its ``own`` list; None where none can be told to be."""
    if isinstance(item, dict):
        for key in IDENTITY:
            if key in item:
                named = [number for number, other in enumerate(others) if isinstance(other, dict) and _equal(other.get(key), item[key])]
                if len(named) == 1:
                    return named[0]
    equal = [number for number, other in enumerate(others) if same(other, item)]
    if len(equal) == 1 or index in equal:
        return index if index in equal else equal[0]
    if len(own) == len(others) and index < len(others) and _alike(item, others[index]):
        return index
    return None


def existing(value: Any, path: str) -> str:
    """As much of a JSON pointer as a value has."""
    return align(value, value, path).path


def found_at(value: Any, path: str) -> Any:
    """The value at a JSON pointer, None where there is none."""
    for part in pointer.split(path):
        value = _child(value, part)
    return value


def _step(one: Any, other: Any, part: str) -> str | int | None:
    if isinstance(other, dict):
        return part if part in other else None
    index = _position(one, part)
    return item_index(one[index], index, one, other) if index is not None and isinstance(other, list) else None


def _child(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    index = _position(value, part)
    return None if index is None else value[index]


def _position(value: Any, part: str) -> int | None:
    """The position that a part of a pointer names in a list that has it; a part may be any text, as somebody's patch has it."""
    return int(part) if isinstance(value, list) and part in map(str, range(len(value))) else None


def _alike(one: Any, other: Any) -> bool:
    """Whether two items at one place may be the same: they share what is not changed between them, or are no maps."""
    if isinstance(one, dict) and isinstance(other, dict):
        return any(key in other and same(one[key], other[key]) for key in one)
    return type(one) is type(other)


def _equal(one: Any, other: Any) -> bool:
    return one is not None and same(one, other)
