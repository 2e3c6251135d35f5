"""Fields that a schema does not have: what may be meant by them, and where they belong."""

from collections.abc import Sequence
from typing import Any

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.validation.schema.tables import Node, Table
from kubectl_meshfix.validation.violation import Violation

EFFECT = "kubectl refuses the object, and requests of other clients lose the field"
"""What happens to an unknown field (`kubectl apply --validate`, `k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning`)."""

ELSEWHERE = "kubectl refuses the object, unless the cluster has another version"
"""The same for a field that is no slip: Istio had fields that it has no more, and will have others (`appendHeaders`, `filters`)."""


class Step(msgspec.Struct, frozen=True):
    """A map on the way to a value: its path, its schema, and what it holds."""

    path: tuple[str | int, ...]
    node: Node
    value: dict[str, Any]


def unknown(name: str, table: Table, way: Sequence[Step]) -> Violation:
    """A field that the last map of a way does not have."""
    here = way[-1]
    meant = meant_by(name, [field for field in here.node.properties if here.value.get(field) is None])
    near = meant or meant_by(name, list(here.node.properties))
    hint = f" (did you mean {near}?)" if near else _elsewhere(name, table, way)
    says = f'{spelt(here.path) or "the object"} has no field "{name}"{hint or f" in {table.release}"}'
    effect = EFFECT if hint else ELSEWHERE
    return Violation(
        path=pointer.join(*here.path, name), says=says, effect=effect, is_unknown=True, is_by_version=not hint, correction=meant
    )


def meant_by(name: str, fields: Sequence[str]) -> str | None:
    """The field that is spelt like another: in another case or with other dashes, or by a slip of the keyboard."""
    alike = [field for field in fields if _bare(field) == _bare(name)]
    return alike[0] if len(alike) == 1 else nearest(name, fields)


def _bare(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _elsewhere(name: str, table: Table, way: Sequence[Step]) -> str:
    """The map that has a field of this name: one that the map stands in, or one that stands in it."""
    for step in reversed(way[:-1]):
        if name in step.node.properties:
            return f", which is a field of {spelt(step.path) or 'the object'}"
    here = way[-1]
    inside = [field for field, number in here.node.properties.items() if name in _entry(table, table.nodes[number]).properties]
    return f", which is a field of {inside[0]}" if len(inside) == 1 else ""


def _entry(table: Table, node: Node) -> Node:
    return table.nodes[node.items] if node.items is not None else node


def spelt(path: Sequence[str | int]) -> str:
    """``http[0].match`` for people: a path without the ``spec`` that it begins with."""
    parts = path[1:] if len(path) > 1 else path
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" if "." not in part else f'["{part}"]' for part in parts)
    return text.removeprefix(".")
