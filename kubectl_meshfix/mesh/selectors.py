"""Label selectors, as Kubernetes evaluates them (`k8s.io/apimachinery/pkg/labels/selector.go`)."""

import re
from collections.abc import Mapping

from kubectl_meshfix.resources.meta import LabelSelector, Requirement


def holds(requirement: Requirement, labels: Mapping[str, str]) -> bool:
    """Whether one expression holds; an unknown operator never does. ``NotIn`` holds for an absent key (`Requirement.Matches`)."""
    present = requirement.key in labels
    match requirement.operator:
        case "In":
            return present and labels[requirement.key] in requirement.values
        case "NotIn":
            return not present or labels[requirement.key] not in requirement.values
        case "Exists":
            return present
        case "DoesNotExist":
            return not present
        case _:
            return False


def requirements(selector: LabelSelector) -> tuple[Requirement, ...]:
    """The whole selector as expressions, ``match_labels`` first, sorted by key (`LabelSelectorAsSelector`)."""
    pairs = sorted(selector.match_labels.items())
    return (*(Requirement(key=key, operator="In", values=(value,)) for key, value in pairs), *selector.match_expressions)


def matches(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    """Whether all of a selector holds; an empty one matches everything."""
    return all(holds(requirement, labels) for requirement in requirements(selector))


def is_subset(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether labels carry all pairs of a map selector. Whether an empty one matches is up to the caller's field."""
    return all(labels.get(key) == value for key, value in selector.items())


def is_valid(selector: LabelSelector) -> bool:
    """Whether every expression has an operator and values that go together (`metav1/validation.ValidateLabelSelectorRequirement`)."""
    needs_values = {"In": True, "NotIn": True, "Exists": False, "DoesNotExist": False}
    return all(
        requirement.key and requirement.operator in needs_values and bool(requirement.values) is needs_values[requirement.operator]
        for requirement in selector.match_expressions
    )


_EQUALITY = r"(?P<key>[^!=\s]+)\s*(?P<op>==|=|!=)\s*(?P<value>\S*)"
_SET = r"(?P<key>[^!=\s(),]+)\s+(?P<op>in|notin)\s*\((?P<values>[^()]*)\)"
_EXISTS = r"(?P<no>!?)\s*(?P<key>[^!=\s(),]+)"


def parse(text: str) -> LabelSelector:
    """A selector as kubectl's ``-l`` takes it: ``app=cart,tier!=db,env in (a, b),!legacy`` (`labels.Parse`). Raises ValueError."""
    return LabelSelector(match_expressions=tuple(_requirement(part.strip()) for part in re.split(r",(?![^()]*\))", text) if part.strip()))


def _requirement(text: str) -> Requirement:
    if found := re.fullmatch(_EQUALITY, text):
        return Requirement(key=found["key"], operator="NotIn" if found["op"] == "!=" else "In", values=(found["value"],))
    if found := re.fullmatch(_SET, text):
        values = tuple(value.strip() for value in found["values"].split(","))
        return Requirement(key=found["key"], operator="In" if found["op"] == "in" else "NotIn", values=values)
    if found := re.fullmatch(_EXISTS, text):
        return Requirement(key=found["key"], operator="DoesNotExist" if found["no"] else "Exists")
    raise ValueError(text)
