"""The fields of a map by their names. Absent, null and the default of a type are the same, as in protobuf; messages are there or not."""

from collections.abc import Iterator
from math import isfinite

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.validation.violation import Fields, Value


def text(fields: Fields | None, name: str) -> str:
    """A text; empty where there is none."""
    value = (fields or {}).get(name)
    return value if isinstance(value, str) else ""


def number(fields: Fields | None, name: str) -> float:
    """A number; 0 where there is none."""
    return _number((fields or {}).get(name)) or 0


def optional(fields: Fields | None, name: str) -> float | None:
    """A number that is told from an absent one, as protobuf's wrappers are."""
    return _number((fields or {}).get(name))


def is_true(fields: Fields | None, name: str) -> bool:
    """A flag; False where there is none."""
    return (fields or {}).get(name) is True


def has(fields: Fields | None, *names: str) -> bool:
    """Whether any of these is there and no null: of messages and of fields of which only one may be set."""
    if fields:
        for name in names:
            if fields.get(name) is not None:
                return True
    return False


def part(fields: Fields | None, name: str) -> Fields | None:
    """A map inside of a map; None where there is none."""
    value = fields.get(name) if fields else None
    return value if isinstance(value, dict) else None


def items(fields: Fields | None, name: str) -> list[Value]:
    """A list's values; none where there is none."""
    value = (fields or {}).get(name)
    return value if isinstance(value, list) else []


def parts(fields: Fields | None, name: str, path: str) -> Iterator[tuple[str, Fields]]:
    """The maps of a list, each with its path. ``path`` is that of ``fields``; in ``name``, a field of Istio's, nothing is to be escaped."""
    for index, value in enumerate(items(fields, name)):
        if isinstance(value, dict):
            yield f"{path}/{name}/{index}", value


def texts(fields: Fields | None, name: str, path: str) -> Iterator[tuple[str, str]]:
    """The texts of a list, each with its path."""
    for index, value in enumerate(items(fields, name)):
        if isinstance(value, str):
            yield f"{path}/{name}/{index}", value


def entries(fields: Fields | None, name: str, path: str) -> Iterator[tuple[str, str, Value]]:
    """The entries of a map inside of a map: path, key and value."""
    for key, value in (part(fields, name) or {}).items():
        yield path + join(name, key), key, value


def numbers(fields: Fields | None, name: str, path: str) -> Iterator[tuple[str, str, float]]:
    """The numbers of a map inside of a map: path, key and value."""
    for place, key, value in entries(fields, name, path):
        if (found := _number(value)) is not None:
            yield place, key, found


def _number(value: Value) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) else None
