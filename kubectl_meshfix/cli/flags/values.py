"""What words become: text, a list of it, one of a few, or a number, which are all that the verbs' flags and arguments take.

Typer converts by pydantic (0.29 and newer), which takes longer to load than all else on the way to a verb. So it is not asked where
a word is what is wanted as it stands; what needs another conversion, or a complaint, is left to it.
"""

import types
from enum import StrEnum
from functools import partial
from typing import Any, Union, get_args, get_origin

from kubectl_meshfix.errors import UsageError


def value_type(annotation: Any) -> Any:
    """``str`` of ``str | None``, ``list[str]`` of ``list[str] | None``; a type that is alone as it is."""
    parts = get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)
    return next((part for part in parts if part is not types.NoneType), str)


def with_false_default(option: Any) -> Any:
    """A help option, with a bool for a default: None would be shown to pydantic."""
    if option:
        option.default = False
    return option


SYNONYMS = {"warn": "warning", "warnings": "warning", "err": "error", "errors": "error", "none": "never", "md": "markdown"}
"""Words for values of choices that have the second and not the first."""

_PICKERS = ("jsonpath", "jsonpath-file", "custom-columns", "custom-columns-file", "go-template", "go-template-file", "template")


def skip_conversion(parameters: Any, annotations: dict[str, Any]) -> None:
    """Let Typer's parameters take what needs no conversion. ``annotations``: of the verb, ``Annotated[TYPE, …]`` by name."""
    for parameter in parameters:
        if parameter.callback is None:
            kind = value_type(get_args(annotations[parameter.name])[0])
            parameter.process_value = partial(_processed, kind, parameter, parameter.process_value)


def _processed(kind: Any, parameter: Any, convert: Any, ctx: Any, value: Any) -> Any:
    """A value of the kind; ``convert`` is Typer's own way. Raises what it raises, and UsageError."""
    is_required = parameter.required
    if value is None and not is_required:
        return None
    if kind == list[str] and isinstance(value, tuple | list) and (value or not is_required):
        return list(value)
    if isinstance(kind, type) and isinstance(value, kind):
        return value
    if isinstance(kind, type) and issubclass(kind, StrEnum) and isinstance(value, str):
        is_option = parameter.param_type_name == "option"
        return _choice(kind, f"{parameter.opts[-1]} takes" if is_option else f"The {parameter.name} is", value)
    if kind is int and isinstance(value, str):
        if not value.isdecimal():
            raise UsageError(f'{parameter.opts[-1]} takes a number, not "{value}".')
        return int(value)
    return convert(ctx, value)


def _choice(kind: type[StrEnum], beginning: str, word: str) -> StrEnum:
    """The value that a word means, in any case. Raises UsageError, whose sentence begins as given."""
    values = [str(value) for value in kind]
    lowered = word.lower()
    meant = lowered if lowered in values else SYNONYMS.get(lowered, "")
    if meant in values:
        return kind(meant)
    if lowered.partition("=")[0] in _PICKERS:
        raise UsageError(f'{beginning} no "{word}".', "Pipe -o json into jq.")
    import difflib  # noqa: PLC0415 -- only for a mistake

    near = difflib.get_close_matches(lowered, values, n=2)
    listed = " or ".join(filter(None, [", ".join(values[:-1]), values[-1]]))
    raise UsageError(f'{beginning} {listed}, not "{word}".', f"Did you mean {' or '.join(near)}?" if near else "")
