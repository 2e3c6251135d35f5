"""Anchors, aliases and merges: an edit changes one place, or is refused."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.documents.reading.nodes import Node, behind, is_index, is_merge, merged, pairs
from kubectl_meshfix.documents.reading.scalars import key_name
from kubectl_meshfix.errors import TargetError


class SpliceError(TargetError):
    """An edit cannot be made in the text without doing more than was asked. The text is as it was."""


class EditTarget(msgspec.Struct, frozen=True):
    """Where a JSON pointer leads: the collections on the way from the root, the entry taken in each, and the last part of the pointer.

    The last entry is None if there is none of that name, or if a merge or a later merge decides its value.
    """

    path: list[Node]
    indices: list[int | None]
    part: str


def edit_target(root: Node, parts: tuple[str, ...]) -> EditTarget:
    """Where ``parts`` of a JSON pointer lead. Raises SpliceError where the way goes through an alias or a merge."""
    path = [root]
    indices: list[int | None] = []
    for part in parts[:-1]:
        index = entry_index(path[-1], part)
        node = _value(path[-1], index) if index is not None else None
        if node is None or node.kind == "alias":
            raise _borrowed(node if node is not None else _merge_of(path[-1], part) or path[-1])
        indices.append(index)
        path.append(node)
    return EditTarget(path, [*indices, entry_index(path[-1], parts[-1])], parts[-1])


def entry_index(node: Node, part: str) -> int | None:
    """Which entry of ``node`` a part of a JSON pointer names, the last of equal ones; None if it is a merge's or there is none."""
    if node.kind == "sequence":
        return int(part) if is_index(part) and int(part) < len(node.children) else None
    found = None
    for index, (key, value) in enumerate(pairs(node)):
        if is_merge(key):
            found = None if any(part in source.value for source in merged(value)) else found
        elif key_name(key.value) == part:
            found = index
    return found


def must_be_its_own(root: Node, path: list[Node], start: int, end: int) -> None:
    """Raise SpliceError if an edit of ``[start, end)``, which lies in the collections ``path``, shows in a second place."""
    for alias in _aliases(root):
        target = behind(alias)
        inside = start <= alias.start and alias.end <= end
        if not inside and (any(target is node for node in path) or (start <= target.start and target.end <= end)):
            raise SpliceError(
                f"Line {alias.line} uses the anchor &{alias.anchor} of line {target.line}, so a change of one changes both.",
                f"Write the value out on line {alias.line} instead of *{alias.anchor}, then run the command again.",
            )


def must_not_come_back(mapping: Node, part: str) -> None:
    """Raise SpliceError if ``part`` of ``mapping`` comes from a merge, so that removing a key would not remove it."""
    merge = _merge_of(mapping, part)
    if merge is not None:
        raise _borrowed(merge)


def _borrowed(node: Node) -> SpliceError:
    target = behind(node)
    if node.kind != "alias":
        return SpliceError(
            f"This value comes from the merge key (<<) on line {node.line}.", "Write the value out there, then run the command again."
        )
    return SpliceError(
        f"Line {node.line} takes this value from the anchor &{node.anchor} of line {target.line}, so a change of one changes both.",
        f"Write the value out on line {node.line} instead of *{node.anchor}, then run the command again.",
    )


def _merge_of(mapping: Node, part: str) -> Node | None:
    """The alias or the mapping that brings ``part`` into ``mapping`` by a merge."""
    for key, value in pairs(mapping) if mapping.kind == "mapping" else ():
        if is_merge(key):
            for source in merged(value):
                if part in source.value:
                    return source
    return None


def _value(node: Node, index: int) -> Node:
    return node.children[index] if node.kind == "sequence" else node.children[2 * index + 1]


def _aliases(root: Node) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        if node.kind == "alias":
            yield node
        stack += node.children
