"""YAML as Go programs decode it into typed fields (`sigs.k8s.io/yaml`, `encoding/json`).

Names of fields match in any case, null is a field's zero value, and where a string belongs a number or a boolean becomes one.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from kubectl_meshfix.resources.meta import LabelSelector, Requirement

Made = TypeVar("Made")


class MismatchError(ValueError):
    """A value has another type than the field it is for; Go then decodes nothing at all."""


def fields(value: Any) -> Mapping[str, Any]:
    """A struct's fields by their names in lower case."""
    return {key.lower(): item for key, item in mapping(value, lambda item: item).items()}


def string(value: Any) -> str:
    """A string field."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            short = f"{value:g}"
            return short if float(short) == value else repr(value)
        case str() | int():
            return str(value)
        case _:
            raise MismatchError(f"a {type(value).__name__} stands where a string belongs")


def sequence(value: Any, item: Callable[[Any], Made]) -> tuple[Made, ...]:
    """A list field."""
    if value is None or isinstance(value, list):
        return tuple(item(element) for element in value or ())
    raise MismatchError(f"a {type(value).__name__} stands where a list belongs")


def mapping(value: Any, item: Callable[[Any], Made]) -> dict[str, Made]:
    """A map field."""
    if value is None or isinstance(value, dict):
        return {string(key): item(element) for key, element in (value or {}).items()}
    raise MismatchError(f"a {type(value).__name__} stands where a mapping belongs")


def strings(value: Any) -> tuple[str, ...]:
    """A list of strings."""
    return sequence(value, string)


def label_selector(value: Any) -> LabelSelector:
    """A `metav1.LabelSelector`; null is an empty one."""
    found = fields(value)
    return LabelSelector(
        match_labels=mapping(found.get("matchlabels"), string), match_expressions=sequence(found.get("matchexpressions"), requirement)
    )


def requirement(value: Any) -> Requirement:
    """A `metav1.LabelSelectorRequirement`."""
    found = fields(value)
    return Requirement(key=string(found.get("key")), operator=string(found.get("operator")), values=strings(found.get("values")))
