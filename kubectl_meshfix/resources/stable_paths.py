"""Places in objects that stay the same when others come and go around them."""

from functools import cache
from typing import Any

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.reading import nodes
from kubectl_meshfix.resources.meta import Object

NAMES = ("containerPort", "port", "number", "name", "key", "ip")
"""What tells the entries of a list apart, the most telling first: mostly what strategic merge goes by (`k8s.io/api patchMergeKey`)."""


def steady(obj: Object | None, path: str) -> str:
    """A JSON pointer whose positions in lists are replaced by what stands there: ``/spec/ports/80/name`` for the first port."""
    if obj is None or not any(nodes.is_index(part) for part in path.split("/")):
        return path
    value: Any = obj
    parts: list[str] = []
    for part in pointer.split(path):
        if isinstance(value, list | tuple) and nodes.is_index(part) and int(part) < len(value):
            value = value[int(part)]
            parts.append(_called(value))
        else:
            value = _field(value, part)
            parts.append(part)
    return pointer.join(*parts)


def _field(value: Any, part: str) -> Any:
    if isinstance(value, msgspec.Struct):
        return getattr(value, _fields(type(value)).get(part, ""), None)
    return value.get(part) if isinstance(value, dict) else None


@cache
def _fields(struct: type[msgspec.Struct]) -> dict[str, str]:
    """A Struct's fields by the names that they have in JSON."""
    return {field.encode_name: field.name for field in msgspec.structs.fields(struct)}


def _called(entry: Any) -> str:
    """What an entry of a list is called; ``*`` where nothing names it, so that its place does not count."""
    if not isinstance(entry, dict | msgspec.Struct):
        return str(entry)
    found = next((value for name in NAMES if (value := msgspec.to_builtins(_field(entry, name)))), "*")
    return _called(found) if isinstance(found, dict) else str(found)
