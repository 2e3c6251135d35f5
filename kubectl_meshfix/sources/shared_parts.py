"""Equal parts of many objects, kept once: pods of one owner differ in little but their names."""

from collections.abc import Callable, Iterable

import msgspec

from kubectl_meshfix.resources.meta import Object

Share = Callable[[Iterable[Object]], None]
"""Takes over the parts of another object that are equal. For objects that were just decoded, and that nobody else has yet."""


def sharing() -> Share:
    """A function that shares equal parts of all objects that it is ever called with, which are of one kind: each with the one before it
    that has the same owner, or none either.

    Lists are shared as a whole, never one of their items with another's, so that what stands in one object stays apart from its like there.
    An API server sorts maps by their keys, so that equal ones are written alike.
    """
    latest: dict[str, Object] = {}

    def share(objects: Iterable[Object]) -> None:
        for obj in objects:
            controller = obj.metadata.controller
            owner = controller.uid if controller else ""
            if sibling := latest.get(owner):
                _take(obj, sibling)
            latest[owner] = obj

    return share


def _take(part: msgspec.Struct, sibling: msgspec.Struct) -> None:
    for field in part.__struct_fields__:
        own, like = getattr(part, field), getattr(sibling, field)
        if own is like:
            continue
        if isinstance(own, msgspec.Struct) and isinstance(like, msgspec.Struct):
            _take(own, like)
        if own == like:
            msgspec.structs.force_setattr(part, field, like)
