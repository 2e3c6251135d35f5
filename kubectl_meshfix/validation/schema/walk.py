"""An object against the schema of its kind."""

from collections.abc import Iterator
from typing import Any

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.validation.schema import gateway_api, istio, values
from kubectl_meshfix.validation.schema.gateway_api import REFUSED
from kubectl_meshfix.validation.schema.tables import Node, Table, table
from kubectl_meshfix.validation.schema.unknown import Step, spelt, unknown
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

Path = tuple[str | int, ...]

DIRECTIVE = "$"
"""How fields of patches begin that kustomize and kubectl read, such as ``$patch: delete``."""

_PARTS = ("apiVersion", "kind", "metadata", "spec", "status")
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "int-or-string": (int, str),
}
_EXACT = {name: types[0] for name, types in _TYPES.items()}
_WORDS = {
    "object": "a map", "array": "a list", "string": "a string", "boolean": "a boolean", "integer": "a number", "number": "a number",
    "int-or-string": "a number or a string",
}  # fmt: skip


class _Judging(msgspec.Struct, frozen=True):
    """The table of an object's kind, and what it does not allow, as it is found."""

    kind: Table
    found: list[Violation]


def violations(value: Fields) -> Violations:
    """What the schema of an object's kind does not allow, and nothing where the kind has no table. ``null`` is a field that is absent."""
    found = table(value)
    if found is None:
        return
    group, _, version = str(value["apiVersion"]).partition("/")
    is_of_gateway_api = group == "gateway.networking.k8s.io"
    if version not in found.versions:
        if not is_of_gateway_api:
            kind, known = value["kind"], " or ".join(found.versions)
            yield Violation(path="/apiVersion", says=f"{kind} has no version {version}, only {known}", effect=REFUSED)
        return
    root = Step((), Node(properties={"spec": found.versions[version]}), dict(value))
    for name in value:
        if name not in _PARTS and not name.startswith(DIRECTIVE):
            yield unknown(name, found, [root])
    spec = value.get("spec")
    if spec is not None:
        wrong: list[Violation] = []
        _value(_Judging(found, wrong), found.nodes[found.versions[version]], spec, ("spec",), (root,))
        rules = gateway_api.RULES if is_of_gateway_api else istio.RULES
        rule = None if wrong else rules.get(str(value["kind"]))
        yield from rule(spec) if rule else wrong
    elif found.requires:
        yield Violation(path="", says=f"the {value['kind']} has no spec", effect=REFUSED)


def _value(judging: _Judging, node: Node, value: Any, path: Path, way: tuple[Step, ...]) -> None:
    if node.type and type(value) is not _EXACT[node.type] and not _fits(node.type, value):
        says = f"{spelt(path)} is {_described(value)} and must be {_WORDS[node.type]}"
        judging.found.append(_refused(path, says, _quoted(node, value)))
    elif isinstance(value, dict):
        _map(judging, node, value, path, way)
    elif isinstance(value, list):
        _list(judging, node, value, path, way)
    else:
        judging.found.extend(_refused(path, f"{spelt(path)} {wrong}", meant) for wrong, meant in values.scalar(node, value))


def _list(judging: _Judging, node: Node, value: list[Any], path: Path, way: tuple[Step, ...]) -> None:
    if wrong := values.amount(len(value), node.min_items, node.max_items, "entries"):
        judging.found.append(_refused(path, f"{spelt(path)} {wrong}"))
    if node.keys:
        for index, called in values.alike(node, value):
            judging.found.append(_refused((*path, index), f"{spelt(path)} has two entries with {called}"))
    if node.items is not None:
        part = judging.kind.nodes[node.items]
        for index, item in enumerate(value):
            if item is not None and type(item) is not part.plain:
                _value(judging, part, item, (*path, index), way)


def _map(judging: _Judging, node: Node, value: dict[str, Any], path: Path, way: tuple[Step, ...]) -> None:
    here = (*way, Step(path, node, value))
    meant: set[str] = set()
    for name, item in value.items():
        number = node.properties.get(name, node.values)
        if number is None:
            if not node.free and (node.properties or not node.type) and not name.startswith(DIRECTIVE):
                judging.found.append(fault := unknown(name, judging.kind, here))
                meant.add(fault.correction)
        elif item is not None and type(item) is not (part := judging.kind.nodes[number]).plain:
            _value(judging, part, item, (*path, name), here)
    for name in node.required:
        if value.get(name) is None and name not in meant:
            judging.found.append(_refused(path, f"{spelt(path)} has no {name}"))
    if node.is_counted:
        held = [name for name, item in value.items() if item is not None]
        if wrong := values.amount(len(held), node.min_properties, node.max_properties, "fields"):
            judging.found.append(_refused(path, f"{spelt(path)} {wrong}"))
        judging.found.extend(_refused(path, f"{spelt(path)} {says}") for says in _chosen(node, held))


def _chosen(node: Node, held: list[str]) -> Iterator[str]:
    """What is wrong with fields that exclude each other."""
    for group in (*node.at_most_one, *node.exactly_one):
        both = [name for name in group if name in held]
        if len(both) > 1:
            yield f"has {' and '.join(both)}, and may have only one of them"
    for group in node.exactly_one:
        if not any(name in held for name in group):
            yield f"has none of {' and '.join(group)}, and must have one"


def _fits(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, _TYPES[name]) or (name == "integer" and isinstance(value, float) and value.is_integer())


def _quoted(node: Node, value: Any) -> Any:
    """The number or boolean that stands in quotes, or the text that does not; None where something else may be meant."""
    match node.type, value:
        case (("integer" | "number"), str()) if value.isascii() and value.isdigit():
            return int(value)
        case "boolean", ("true" | "false"):
            return value == "true"
        case "string", bool():
            return str(value).lower()
        case "string", int() if not node.format:
            return str(value)
    return None


def _described(value: Any) -> str:
    match value:
        case bool():
            return "a boolean"
        case int():
            return "a number"
        case float():
            return "a fraction"
        case str():
            return "a string"
    return "a map" if isinstance(value, dict) else "a list"


def _refused(path: tuple[str | int, ...], says: str, correction: Any = None) -> Violation:
    return Violation(path=pointer.join(*path), says=says, effect=REFUSED, correction=correction)
