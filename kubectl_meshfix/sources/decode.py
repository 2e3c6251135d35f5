"""From plain values to Structs, with words for what does not fit."""

import re
from typing import Any, TypeVar

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.resources.embedded import without_nulls
from kubectl_meshfix.resources.written import KEPT, packed

Some = TypeVar("Some", bound=msgspec.Struct)

_STEP = r"\.(?P<field>[\w-]+)|\[(?P<index>\d+)\]|\[(?P<key>\.\.\.)\]"
_TYPES = {
    "str": "a string",
    "int": "a number",
    "float": "a fraction",
    "bool": "a boolean",
    "array": "a list",
    "object": "a map",
    "null": "null",
    "str | null": "a string",
    "int | null": "a number",
    "bool | null": "a boolean",
    "int | str": "a number or a string",
    "str | array": "a string or a list",
}


class Misfit(msgspec.Struct, frozen=True):
    """A value of a wrong type: where it is, and what is wrong in words."""

    path: str
    reason: str


def decode(value: Any, struct: type[Some], *, may_have_nulls: bool = True) -> Some | Misfit:
    """A Struct from plain values; ``null`` means absent, as for the API server. Fields that no check reads may be anything."""
    known = without_nulls(value) if may_have_nulls else value
    try:
        return msgspec.convert({**known, "#written": packed(value)} if struct in KEPT and isinstance(known, dict) else known, struct)
    except msgspec.ValidationError as error:
        return _misfit(value, str(error))


def _misfit(value: Any, message: str) -> Misfit:
    what, _, where = message.partition(" - at `$")
    parts: list[str | int] = []
    for step in re.finditer(_STEP, where):
        parts.append(step["field"] or (int(step["index"]) if step["index"] else _blamed_key(value, parts)))
    if expected := re.fullmatch(r"Expected `([^`]+)`, got `([^`]+)`", what):
        needs, got = expected.groups()
        advice = ". Put it in quotes" if needs.startswith("str") and got in ("bool", "int", "float") else ""
        reason = f"{_spelt(parts)} is {_TYPES.get(got, got)} and must be {_TYPES.get(needs, needs)}{advice}"
    else:
        reason = f"{_spelt(parts)}: {what[:1].lower()}{what[1:]}"
    return Misfit(path=pointer.join(*parts), reason=reason)


def _blamed_key(value: Any, parts: list[str | int]) -> str:
    """The key of a map of strings whose value is none; msgspec does not name it."""
    for part in parts:
        value = value[part]
    return next((str(key) for key, item in value.items() if not isinstance(item, str)), "")


def _spelt(parts: list[str | int]) -> str:
    """``metadata.labels["a/b"]`` for people."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        elif re.fullmatch(r"\w+", part):
            text += f".{part}"
        else:
            text += f'["{part}"]'
    return text.removeprefix(".") or "the document"
