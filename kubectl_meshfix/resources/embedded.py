"""YAML and JSON kept as text inside of an object, such as Istio's configuration in ConfigMaps."""

from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def mapping(text: str) -> tuple[dict[Any, Any], str]:
    """The mapping a text holds, and what is wrong with it; an empty text holds none. JSON is YAML here, as it is for istiod."""
    try:
        value = yaml.load(text, Loader=_LOADER)  # noqa: S506 - it is the safe loader, in C where there is one
    except yaml.YAMLError as error:
        return {}, " ".join(str(error).split())
    if value is None or isinstance(value, dict):
        return value or {}, ""
    return {}, f"it holds {type(value).__name__} where a mapping belongs"


def without_nulls(value: Any) -> Any:
    """A value whose mappings say nothing where they said null."""
    match value:
        case dict():
            return {key: without_nulls(item) for key, item in value.items() if item is not None}
        case list():
            return [without_nulls(item) for item in value]
        case _:
            return value
