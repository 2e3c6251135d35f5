"""The tree of a document's text: where each value is written, how, and what it means."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import msgspec

from kubectl_meshfix.documents import pointer as json_pointer
from kubectl_meshfix.documents.reading.scalars import MERGE, key_name


class Position(NamedTuple):
    """Where something is in a text: line and column, in characters, both from 1."""

    line: int
    column: int


class Node(msgspec.Struct, frozen=True, gc=False, eq=False):
    """One value as it is written.

    ``start`` and ``end`` are character offsets in the whole text. An anchor and a tag belong to the node, a trailing comment does not.
    A value that is not written (``key:``) begins where it ends; a block collection ends with its last value, and a block scalar where
    the next line begins that is not blank. ``style`` is ``""`` (plain), ``'``, ``"``, ``|`` or ``>`` for a scalar, ``block`` or ``flow``
    for a collection. ``children`` are a sequence's items, or a mapping's keys and values in turn. An alias has the ``target`` it
    stands for and shares its ``value``. ``tag`` is the long form.
    """

    kind: Literal["scalar", "mapping", "sequence", "alias"]
    start: int
    end: int
    line: int
    column: int
    value: Any
    style: str = ""
    anchor: str | None = None
    tag: str | None = None
    children: tuple["Node", ...] = ()
    target: "Node | None" = None

    @property
    def position(self) -> Position:
        """Where the node starts."""
        return Position(self.line, self.column)


def pairs(mapping: Node) -> Iterator[tuple[Node, Node]]:
    """The keys of ``mapping`` with their values, as written: merge keys and duplicates too."""
    return zip(mapping.children[::2], mapping.children[1::2], strict=True)


def is_merge(key: Node) -> bool:
    """Is ``key`` the ``<<`` that merges another mapping (``go.yaml.in/yaml/v2 decode.go isMerge``)?"""
    return key.kind == "scalar" and key.value == "<<" and ((key.style == "" and key.tag is None) or key.tag == MERGE)


def behind(node: Node) -> Node:
    """``node``, or what it stands for if it is an alias."""
    return node.target if node.target is not None else node


def merged(value: Node) -> tuple[Node, ...]:
    """The nodes a merge key's ``value`` brings in, the one that wins last."""
    return tuple(reversed(value.children)) if value.kind == "sequence" else (value,)


def child(node: Node, part: str) -> tuple[Node | None, Node] | None:
    """The key and the value ``part`` of a JSON pointer names in ``node``; an item has no key. Aliases and merges are followed."""
    node = behind(node)
    if node.kind == "sequence":
        return (None, node.children[int(part)]) if is_index(part) and int(part) < len(node.children) else None
    found: tuple[Node | None, Node] | None = None
    for key, value in pairs(node) if node.kind == "mapping" else ():
        if is_merge(key):
            for source in merged(value):
                found = child(source, part) or found
        elif key_name(key.value) == part:
            found = (key, value)
    return found


def find(root: Node, pointer: str) -> Node | None:
    """The node at a JSON ``pointer``, or None. What an alias or a merge brings in is found where it is written."""
    node = root
    for part in json_pointer.split(pointer):
        step = child(node, part)
        if step is None:
            return None
        node = step[1]
    return node


def nearest(root: Node, pointer: str) -> Position:
    """Where to point for ``pointer``: its value, or if there is none the key of the nearest ancestor there is, or where that begins."""
    node, key = root, None
    for part in json_pointer.split(pointer):
        step = child(node, part)
        if step is None:
            return (key or node).position
        key, node = step
    return node.position


def is_index(part: str) -> bool:
    """Is ``part`` an array index of RFC 6901: digits without a leading zero?"""
    return part == "0" or (part.isascii() and part.isdigit() and part[0] != "0" and len(part) < 10)
