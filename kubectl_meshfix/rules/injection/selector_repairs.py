"""Which of the injector's selectors can never do what they are there for, and how each reads once it is put right."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from kubectl_meshfix.documents.editing.layout import entries, is_block, line_start, next_line
from kubectl_meshfix.documents.editing.splice import splice
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.mesh.openshift import DEPLOYER_POD, OPENSHIFT_PODS
from kubectl_meshfix.mesh.selectors import is_valid, requirements
from kubectl_meshfix.resources.injector_config import InjectorConfig
from kubectl_meshfix.resources.meta import LabelSelector, Requirement
from kubectl_meshfix.rules.injection.injector_config_edits import (
    LISTS,
    NEVER,
    exists,
    items_of,
    key_of,
    reading,
)

ANNOTATIONS = ("openshift.io/deployment.name", "openshift.io/deployment-config.name", "openshift.io/deployer-pod.name")
"""Keys that OpenShift writes as annotations only; people take them for labels of deployer pods."""

_OPERATORS = {"in": "In", "notin": "NotIn", "exists": "Exists", "doesnotexist": "DoesNotExist"}


class Repair(NamedTuple):
    """What is wrong with a configuration, what of it only a person can put right, and its text without the rest."""

    text: str
    faults: tuple[str, ...]
    by_hand: tuple[str, ...]


def is_dead(selector: LabelSelector) -> bool:
    """Whether a selector can never match: it is empty or invalid, asks for two kinds of OpenShift's pods at once, or for an annotation."""
    keys = [expression.key for expression in selector.match_expressions if expression.operator == "Exists"]
    wants_annotation = any(
        requirement.key in ANNOTATIONS and requirement.operator in ("In", "Exists") for requirement in requirements(selector)
    )
    return not requirements(selector) or not is_valid(selector) or OPENSHIFT_PODS.keys() <= set(keys) or wants_annotation


Fault = tuple[str, tuple[Operation, ...]]
"""What is wrong with an item, and the operations on the text that put it right; none where only a person can."""


def repaired(config: InjectorConfig) -> Repair:
    """The faults of both lists. Raises TargetError where the text is written in a way that cannot be edited."""
    text, faults, by_hand = config.text, list[str](), list[str]()
    for field in LISTS:
        text, found = _united(text, field)
        faults += found
    for field in LISTS:
        key, items = key_of(text, field), items_of(text, field)
        made = reading(config, text)
        selectors = made.never_inject_selector if field == NEVER else made.always_inject_selector
        for place in reversed(range(min(len(items), len(selectors)))):
            if found_here := _fault(key, place, items[place], selectors[place]):
                what, operations = found_here
                text = splice(text, 0, operations)
                (faults if operations else by_hand).append(f"{key}, item {place + 1}: {what}")
    return Repair(text, tuple(sorted(faults)), tuple(sorted(by_hand)))


def _united(text: str, field: str) -> tuple[str, list[str]]:
    """The text with one key where it had the same one several times; the decoder keeps the last."""
    documents = read(text).documents
    if not documents or documents[0].node.kind != "mapping":
        return text, []
    same = [row for row in entries(text, documents[0].node) if row.key and str(row.key.value).lower() == field.lower()]
    if len(same) < 2:
        return text, []
    kept = next((row for row in reversed(same) if row.value.value), same[-1])
    items = kept.value.value or []
    lost = [item for row in same if row is not kept for item in row.value.value or [] if item not in items]
    lines = " and ".join(str(row.key.line) for row in same if row.key)
    fault = f"{field} is there {len(same)} times, on lines {lines} of the text, and only the last one counts"
    if not is_block(documents[0].node):
        return splice(text, 0, [Operation("remove", join(field)), Operation("add", join(field), [*items, *lost])]), [fault]
    ended = text.endswith("\n")
    for row in reversed([row for row in same if row is not kept]):
        text = text[: line_start(text, row.start)] + text[next_line(text, row.end) :]
    text = text if ended else text.removesuffix("\n")
    return splice(text, 0, [Operation("add", join(key_of(text, field), "-"), item) for item in lost]), [fault]


def _fault(key: str, place: int, item: Any, selector: LabelSelector) -> Fault | None:
    path = join(key, place)
    expressions = selector.match_expressions
    if not requirements(selector):
        return _empty(path, item)
    keys = [expression.key for expression in expressions if expression.operator == "Exists"]
    if not selector.match_labels and len(keys) == len(expressions) > 1 and set(keys) == OPENSHIFT_PODS.keys():
        rest = [Operation("remove", f"{path}/matchExpressions/{index}") for index in reversed(range(1, len(keys)))]
        return "it asks for pods that are build and deployer pods at once, and there are none", (
            *rest,
            Operation("add", join(key, place + 1), exists(next(other for other in keys if other != keys[0]))),
        )
    if renamed := list(_renamed(path, expressions)):
        return " and ".join(what for what, _ in renamed), tuple(operation for _, operation in renamed)
    if not is_valid(selector):
        return "an operator and its values do not go together (In and NotIn need values, Exists and DoesNotExist take none)", ()
    named = next((name for name in selector.match_labels if name in ANNOTATIONS), None)
    return (f"{named} is an annotation and never a label", ()) if named else None


def _renamed(path: str, expressions: tuple[Requirement, ...]) -> Iterator[tuple[str, Operation]]:
    """Operators in the wrong case and annotations in the place of labels, with what they should be."""
    for index, expression in enumerate(expressions):
        place = f"{path}/matchExpressions/{index}"
        spelt = _OPERATORS.get(expression.operator.lower(), expression.operator)
        if spelt != expression.operator:
            yield f"{expression.operator} is no operator, {spelt} is", Operation("replace", f"{place}/operator", spelt)
        if expression.key in ANNOTATIONS:
            what = f"{expression.key} is an annotation and never a label; deployer pods are labelled {DEPLOYER_POD}"
            yield what, Operation("replace", f"{place}/key", DEPLOYER_POD)


def _empty(path: str, item: Any) -> Fault:
    """An item that says nothing; often its only expression has slipped out of ``matchExpressions``."""
    expression = {name: item[name] for name in ("key", "operator", "values") if name in item} if isinstance(item, dict) else {}
    if "key" in expression and "operator" in expression:
        what = "its expression stands beside matchExpressions instead of below it, so the selector is empty and matches nothing"
        return what, (Operation("replace", path, {"matchExpressions": [expression]}),)
    return "it is empty, and here, other than in a webhook, an empty selector matches nothing", (Operation("remove", path),)
