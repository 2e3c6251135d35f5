"""Values that are of the right type, and not what the schema allows (`k8s.io/kube-openapi/pkg/validation/validate`)."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from kubectl_meshfix.validation.schema.formats import misfit
from kubectl_meshfix.validation.schema.tables import Node
from kubectl_meshfix.validation.schema.unknown import meant_by

LONG = 60
"""Characters of a pattern, or of a list of values, that a sentence can take."""

_INT32 = 2**31


def scalar(node: Node, value: Any) -> Iterator[tuple[str, Any]]:
    """What is wrong with a text or a number, as the end of a sentence that begins with it, and what can only be meant."""
    if node.enum and value not in node.enum:
        meant = next((item for item in node.enum if str(item).lower() == str(value).lower()), None) or (
            meant_by(value, [str(item) for item in node.enum]) if isinstance(value, str) else None
        )
        yield f"is {shown(value)}" + (f" (did you mean {meant}?)" if meant else _one_of(node.enum)), meant
    elif isinstance(value, str):
        if found := _text(node, value):
            yield found, None
    elif isinstance(value, int | float):
        low = node.minimum if node.minimum is not None else -_INT32 if node.format == "int32" else None
        high = node.maximum if node.maximum is not None else _INT32 - 1 if node.format == "int32" else None
        if (low is not None and value < low) or (high is not None and value > high):
            yield f"is {value} and must be {_between(low, high)}", None


def _text(node: Node, value: str) -> str:
    if found := misfit(value, node.format):
        return f"is {shown(value)}, which {found}"
    if node.min_length is not None and len(value) < node.min_length:
        return "is empty" if not value else f"is {shown(value)} and must have {node.min_length} characters or more"
    if node.max_length is not None and len(value) > node.max_length:
        return f"has {len(value)} characters and may have {node.max_length}"
    if node.pattern and not _compiled(node.pattern).search(value):
        return f"is {shown(value)}, which " + (
            f"does not match {node.pattern}" if len(node.pattern) <= LONG and node.pattern.isprintable() else "is not a valid value"
        )
    return ""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern that ends at the end of the text; Python's ``$`` also ends before a last line break."""
    return re.compile(f"{pattern[:-1]}\\Z" if pattern.endswith("$") and not pattern.endswith("\\$") else pattern)


def amount(count: int, low: int | None, high: int | None, what: str) -> str:
    """What is wrong with a number of entries, as the end of a sentence; empty where nothing is."""
    if low is not None and count < low:
        return f"has no {what}" if not count else f"has {count} {what} and must have {_between(low, high)}"
    return f"has {count} {what} and may have {high}" if high is not None and count > high else ""


def alike(node: Node, entries: Sequence[Any]) -> Iterator[tuple[int, str]]:
    """The entries of a list that have the name of an earlier one, and what they are called."""
    seen = set()
    for index, entry in enumerate(entries):
        name = tuple(str(entry.get(key)) for key in node.keys) if isinstance(entry, dict) else ()
        if name and name in seen:
            yield index, ", ".join(f"{key} {part}" for key, part in zip(node.keys, name, strict=True))
        seen.add(name)


def shown(value: Any) -> str:
    """A value as a sentence takes it."""
    if isinstance(value, str):
        line = " ".join(value.split()) if not value.isprintable() else value
        return f'"{line[:LONG]}…"' if len(line) > LONG else f'"{line}"'
    return str(value).lower() if isinstance(value, bool) else str(value)


def _one_of(enum: Sequence[Any]) -> str:
    names = ", ".join(str(item) for item in enum if item != "")
    return f" and must be one of {names}" if len(names) <= 2 * LONG else ", which is not one of its values"


def _between(low: float | None, high: float | None) -> str:
    numbers = [f"{bound:.15g}" for bound in (low, high) if bound is not None]
    return " to ".join(numbers) if len(numbers) == 2 else f"at least {numbers[0]}" if low is not None else f"at most {numbers[0]}"
