"""YAML and JSON kept as text inside of an object, such as Istio's configuration in ConfigMaps."""

from typing import Any

from kubectl_meshfix.documents.reading.read import read


def mapping(text: str) -> tuple[dict[Any, Any], str]:
    """The mapping a text holds, and what is wrong with it; an empty text holds none. Of several documents the first counts."""
    reading = read(text)
    if reading.problems:
        problem = reading.problems[0]
        return {}, f"line {problem.line}: {problem.reason}"
    value = reading.documents[0].value if reading.documents else None
    if value is None or isinstance(value, dict):
        return value or {}, ""
    return {}, f"It holds a {type(value).__name__} where a mapping belongs."


def without_nulls(value: Any) -> Any:
    """A value whose mappings say nothing where they said null; the value itself where nothing does."""
    return _cleared(value) if isinstance(value, (dict, list)) and _has_null(value) else value


def _has_null(value: Any) -> bool:
    for item in value.values() if value.__class__ is dict else value:
        kind = item.__class__
        if item is None or ((kind is dict or kind is list) and _has_null(item)):
            return True
    return False


def _cleared(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _cleared(item) if isinstance(item, (dict, list)) else item for key, item in value.items() if item is not None}
    return [_cleared(item) if isinstance(item, (dict, list)) else item for item in value]
