"""Random changes of one place of an object: a field misspelt or moved, another type, another value, one more field or one less."""

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

from kubectl_meshfix.validation.schema.tables import Node, Table, table

Spot = tuple[dict[str, Any], str, Node | None]
"""A map, one of its fields, and the field's schema; None where it has none."""

TEXTS = (
    "",
    "a",
    "*",
    "A_b",
    "x.y",
    "*.x.y",
    "5s",
    "0s",
    "5",
    "/a",
    "http",
    "HTTP",
    "10.0.0.1",
    "10.0.0.0/33",
    "a/b",
    "./*",
    "a b",
    "x" * 300,
    "~",
)
NUMBERS = (-1, 0, 1, 80, 99, 100, 101, 600, 65535, 65536, 70000, 2**31, 0.5)


def spots(kind: Table, node: Node, value: Any) -> Iterator[Spot]:
    """Every field of a value, with those of what stands in it."""
    if isinstance(value, dict):
        for name, item in value.items():
            number = node.properties.get(name, node.values)
            part = None if number is None else kind.nodes[number]
            yield value, name, part
            if part:
                yield from spots(kind, part, item)
    elif isinstance(value, list) and node.items is not None:
        for item in value:
            yield from spots(kind, kind.nodes[node.items], item)


def made(chance: random.Random, kind: Table, node: Node, depth: int = 0) -> Any:
    """A random value that a schema allows, mostly."""
    match node.type:
        case "object":
            names = [name for name in node.properties if name in node.required or chance.random() < 0.3 / (depth + 1)]
            if node.values is not None:
                return {chance.choice(("a", "80", "x")): made(chance, kind, kind.nodes[node.values], depth + 1)}
            return {name: made(chance, kind, kind.nodes[node.properties[name]], depth + 1) for name in names if depth < 6}
        case "array":
            count = chance.choice((0, 1, 1, 2)) if node.min_items is None else node.min_items
            return [made(chance, kind, kind.nodes[node.items or 0], depth + 1) for _ in range(count)]
        case "boolean":
            return chance.random() < 0.5
        case "integer":
            return chance.choice((0, 1, 80, 100, 600))
        case "number":
            return chance.choice((0, 1, 0.5, 50, 100))
    if node.enum:
        return chance.choice(node.enum)
    return "5s" if node.format == "duration" else chance.choice(TEXTS)


def _misspelt(chance: random.Random, word: str) -> str:
    at = chance.randrange(len(word) or 1)
    return chance.choice((word[:at] + word[at + 1 :], word[:at] + "x" + word[at:], word.lower(), word.upper(), word + "s"))


def _renamed(chance: random.Random, kind: Table, spot: Spot) -> None:
    where, name, _ = spot
    where[_misspelt(chance, name)] = where.pop(name)


def _removed(_chance: random.Random, _kind: Table, spot: Spot) -> None:
    spot[0].pop(spot[1])


def _of_another_type(chance: random.Random, _kind: Table, spot: Spot) -> None:
    spot[0][spot[1]] = chance.choice(("80", 80, True, [], {}, None, ["a"], {"a": "b"}, "true", 1.5))


def _of_another_value(chance: random.Random, _kind: Table, spot: Spot) -> None:
    where, name, _ = spot
    match where[name]:
        case bool() as value:
            where[name] = not value
        case int() | float():
            where[name] = chance.choice(NUMBERS)
        case str() as value:
            where[name] = chance.choice((*TEXTS, _misspelt(chance, value)))
        case list() as value if value:
            where[name] = chance.choice(([], value + value[:1], value[1:], [*value, *TEXTS[:1]]))
        case _:
            where[name] = {}


def _made_again(chance: random.Random, kind: Table, spot: Spot) -> None:
    where, name, node = spot
    if node:
        where[name] = made(chance, kind, node)


def _with_another_field(chance: random.Random, kind: Table, spot: Spot) -> None:
    where, name, node = spot
    entry = where[name][0] if isinstance(where[name], list) and where[name] else where[name]
    inner = kind.nodes[node.items] if node and node.items is not None else node
    if inner and inner.properties and isinstance(entry, dict):
        field = chance.choice(sorted(inner.properties))
        entry[field] = made(chance, kind, kind.nodes[inner.properties[field]])


CHANGES: tuple[Callable[[random.Random, Table, Spot], None], ...] = (
    _renamed, _removed, _of_another_type, _of_another_value, _of_another_value, _made_again, _with_another_field, _with_another_field,
)  # fmt: skip


def mutated(chance: random.Random, value: dict[str, Any]) -> dict[str, Any]:
    """A copy of an object with one place of its spec changed; sometimes with none."""
    changed = copy.deepcopy(value)
    kind = table(changed)
    version = changed["apiVersion"].rpartition("/")[2]
    if kind is None or version not in kind.versions or chance.random() < 0.05:
        return changed
    whole = Node(properties={"spec": kind.versions[version]})
    found = list(spots(kind, whole, {"spec": changed["spec"]}))
    where, name, node = chance.choice(found)
    chance.choice(CHANGES)(chance, kind, (where if name != "spec" or node is None else changed, name, node))
    return changed
