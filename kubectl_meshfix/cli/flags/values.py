"""What words become: text, a list of it, one of a few, or a number, which are all that the verbs' flags and arguments take.

Typer converts by pydantic (0.29 and newer), which takes longer to load than all else on the way to a verb. So it is not asked where
a word is what is wanted as it stands; what needs another conversion, or a complaint, is left to it.
"""

import types
from enum import StrEnum
from functools import partial
from typing import Any, Union, get_args, get_origin


def value_type(annotation: Any) -> Any:
    """``str`` of ``str | None``, ``list[str]`` of ``list[str] | None``; a type that is alone as it is."""
    parts = get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)
    return next((part for part in parts if part is not types.NoneType), str)


def with_false_default(option: Any) -> Any:
    """A help option, with a bool for a default: None would be shown to pydantic."""
    if option:
        option.default = False
    return option


def skip_conversion(parameters: Any, annotations: dict[str, Any]) -> None:
    """Let Typer's parameters take what needs no conversion. ``annotations``: of the verb, ``Annotated[TYPE, …]`` by name."""
    for parameter in parameters:
        if parameter.callback is None:
            kind = value_type(get_args(annotations[parameter.name])[0])
            parameter.process_value = partial(_processed, kind, parameter.required, parameter.process_value)


def _processed(kind: Any, is_required: bool, convert: Any, ctx: Any, value: Any) -> Any:
    """A value of the kind; ``convert`` is Typer's own way. Raises what it raises."""
    if value is None and not is_required:
        return None
    if kind == list[str] and isinstance(value, tuple | list) and (value or not is_required):
        return list(value)
    if isinstance(kind, type) and isinstance(value, kind):
        return value
    if isinstance(kind, type) and issubclass(kind, StrEnum) and value in list(kind):
        return kind(value)
    if kind is int and isinstance(value, str) and value.isdecimal():
        return int(value)
    return convert(ctx, value)
