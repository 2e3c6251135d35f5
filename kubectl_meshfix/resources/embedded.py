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
    """A value whose mappings say nothing where they said null."""
    if isinstance(value, dict):
        return {key: without_nulls(item) if isinstance(item, (dict, list)) else item for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) if isinstance(item, (dict, list)) else item for item in value]
    return value
