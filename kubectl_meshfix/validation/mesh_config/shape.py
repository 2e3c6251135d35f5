"""Whether a configuration has the fields, types and values of enums that Istio's messages have, as istiod decodes them (`jsonpb`)."""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.validation.violation import Fields, Value, Violation, Violations

_DURATION = re.compile(r"[-+]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)")

Table = Mapping[str, Mapping[str, str] | list[str]]


@cache
def _table() -> Table:
    """Messages by name, each a type for every field (``*`` is a list, ``%`` a map, ``!`` is deprecated), and enums with their values."""
    found: Table = json.loads(Path(__file__).with_name("fields.json").read_bytes())
    return found


def of(message: str, fields: Fields, path: str = "") -> Violations:
    """What does not fit a message; fields that it does not have are ignored by istiod, everything else is refused."""
    known = _table()[message]
    if not isinstance(known, Mapping):
        return
    by_snake = {_snake(name): name for name in known}
    for written, value in fields.items():
        name, place = by_snake.get(written, written), path + join(written)
        if name not in known:
            yield _unknown(written, place, known)
        elif value is not None:
            yield from _typed(known[name].lstrip("!"), value, place, written)


def _unknown(name: str, place: str, known: Mapping[str, str]) -> Violation:
    better = nearest(name, known)
    return Violation(
        path=place,
        says=f"there is no field {name}" + (f"; {better} is meant" if better else ""),
        effect="istiod ignores it",
        is_warning=True,
        correction=better,
    )


def _typed(kind: str, value: Value, place: str, name: str) -> Violations:
    kind = kind.replace("!", "")
    match kind[0], value:
        case "*", list():
            for index, item in enumerate(value):
                yield from _typed(kind[1:], item, place + join(index), f"{name}[{index}]")
        case "%", dict():
            for key, item in value.items():
                yield from _typed(kind[1:], item, place + join(str(key)), str(key))
        case "*" | "%", _:
            yield _wrong(place, name, value, "a list" if kind[0] == "*" else "a map")
        case _:
            yield from _plain(kind, value, place, name)


def _plain(kind: str, value: Value, place: str, name: str) -> Violations:
    """What does not fit a message, an enum or a scalar; what comes from other files of the API is not looked at."""
    found = _table().get(kind)
    if isinstance(found, list):
        if not (isinstance(value, str) and value in found) and not (isinstance(value, int) and not isinstance(value, bool)):
            better = (
                nearest(value, found) if isinstance(value, str) else "OFF" if value is False and "OFF" in found else None
            )  # OFF is false
            yield Violation(path=place, says=f"{name} is {_shown(value)}, not one of {', '.join(found)}", correction=better)
    elif found is not None:
        if isinstance(value, dict):
            yield from of(kind, value, place)
        else:
            yield _wrong(place, name, value, "a map")
    elif kind in _SCALARS:
        fits, wanted = _SCALARS[kind]
        if not fits(value):
            yield _wrong(place, name, value, wanted, _quoted(value) if kind == "string" else None)


def _quoted(value: Value) -> str | None:
    """The text that was meant by a value without quotes."""
    return str(value).lower() if isinstance(value, bool | int) else None


def _wrong(place: str, name: str, value: Value, wanted: str, correction: str | None = None) -> Violation:
    return Violation(path=place, says=f"{name} is {_shown(value)}, not {wanted}", correction=correction)


def _shown(value: Value) -> str:
    match value:
        case dict():
            return "a map"
        case list():
            return "a list"
        case None:
            return "null"
        case str():
            return f'"{value}"' if len(value) <= 30 else "a text"
        case _:
            return str(value).lower() if isinstance(value, bool) else str(value)


def _is_whole(value: Value, *, signed: bool) -> bool:
    if isinstance(value, str):
        return bool(re.fullmatch(r"-?\d+" if signed else r"\d+", value))
    return isinstance(value, int | float) and not isinstance(value, bool) and value == int(value) and (signed or value >= 0)


def _is_number(value: Value) -> bool:
    return (isinstance(value, int | float) and not isinstance(value, bool)) or (
        isinstance(value, str) and bool(re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?|NaN|-?Infinity", value))
    )


_SCALARS: Mapping[str, tuple[Callable[[Value], bool], str]] = {
    "string": (lambda value: isinstance(value, str), "a text: quote it"),
    "bool": (lambda value: isinstance(value, bool), "true or false"),
    "int": (lambda value: _is_whole(value, signed=True), "a whole number"),
    "uint": (lambda value: _is_whole(value, signed=False), "a whole number of 0 or more"),
    "number": (_is_number, "a number"),
    "duration": (lambda value: isinstance(value, str) and bool(_DURATION.fullmatch(value)), "a duration such as 5s"),
}


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
