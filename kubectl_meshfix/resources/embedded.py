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
    match value:
        case dict():
            return {key: without_nulls(item) for key, item in value.items() if item is not None}
        case list():
            return [without_nulls(item) for item in value]
        case _:
            return value
