"""Which of the injector's selectors can match no pod, and how each is corrected."""

from collections.abc import Iterator
from typing import Any

import msgspec

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
"""Keys that OpenShift writes as annotations only; they are often mistaken for labels of deployer pods."""

_OPERATORS = {"in": "In", "notin": "NotIn", "exists": "Exists", "doesnotexist": "DoesNotExist"}


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a list's item, or with the list: the ``fact`` and the ``repair`` are sentences without a full stop.

    ``operations`` on the text make the repair; there are none where only a person can. ``effect`` is empty where it is the usual one.
    """

    field: str
    fact: str
    repair: str = ""
    operations: tuple[Operation, ...] = ()
    effect: str = ""


class Repair(msgspec.Struct, frozen=True):
    """The text with what can be corrected in it, what was wrong there, and what only a person can correct."""

    text: str
    faults: tuple[Fault, ...]
    by_hand: tuple[Fault, ...]


def is_dead(selector: LabelSelector) -> bool:
    """Whether a selector can never match: it is empty or invalid, asks for two kinds of OpenShift's pods at once, or for an annotation."""
    keys = [expression.key for expression in selector.match_expressions if expression.operator == "Exists"]
    wants_annotation = any(
        requirement.key in ANNOTATIONS and requirement.operator in ("In", "Exists") for requirement in requirements(selector)
    )
    return not requirements(selector) or not is_valid(selector) or OPENSHIFT_PODS.keys() <= set(keys) or wants_annotation


def repaired(config: InjectorConfig) -> Repair:
    """The faults of both lists. Raises TargetError where the text is written in a way that cannot be edited."""
    text, faults, by_hand = config.text, list[Fault](), list[Fault]()
    for field in LISTS:
        text, found = _united(text, field)
        faults += found
    for field in LISTS:
        key, items = key_of(text, field), items_of(text, field)
        made = reading(config, text)
        selectors = made.never_inject_selector if field == NEVER else made.always_inject_selector
        for place in reversed(range(min(len(items), len(selectors)))):
            if fault := _fault(field, key, place, items[place], selectors[place]):
                text = splice(text, 0, fault.operations)
                (faults if fault.operations else by_hand).append(fault)
    return Repair(text, tuple(sorted(faults, key=_by_fact)), tuple(sorted(by_hand, key=_by_fact)))


def _by_fact(fault: Fault) -> str:
    return fault.fact


def _united(text: str, field: str) -> tuple[str, list[Fault]]:
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
    lines = list(dict.fromkeys(str(row.key.line) for row in same if row.key))
    times = "twice" if len(same) == 2 else f"{len(same)} times"
    where = f"line{'s' if lines[1:] else ''} {' and '.join(lines)}"
    fact = f"{field} is there {times} ({where}), and only the last counts"
    effect = f"Items of the other{'' if len(same) == 2 else 's'} are ignored."
    fault = Fault(field, fact, f"Merge the lists {field} into one", effect=effect)
    if not is_block(documents[0].node):
        return splice(text, 0, [Operation("remove", join(field)), Operation("add", join(field), [*items, *lost])]), [fault]
    ended = text.endswith("\n")
    for row in reversed([row for row in same if row is not kept]):
        text = text[: line_start(text, row.start)] + text[next_line(text, row.end) :]
    text = text if ended else text.removesuffix("\n")
    return splice(text, 0, [Operation("add", join(key_of(text, field), "-"), item) for item in lost]), [fault]


def _fault(field: str, key: str, place: int, item: Any, selector: LabelSelector) -> Fault | None:
    path, name = join(key, place), f"{key}[{place}]"
    expressions = selector.match_expressions
    if not requirements(selector):
        return _empty(field, path, name, item)
    keys = [expression.key for expression in expressions if expression.operator == "Exists"]
    if not selector.match_labels and len(keys) == len(expressions) > 1 and set(keys) == OPENSHIFT_PODS.keys():
        rest = [Operation("remove", f"{path}/matchExpressions/{index}") for index in reversed(range(1, len(keys)))]
        other = Operation("add", join(key, place + 1), exists(next(other for other in keys if other != keys[0])))
        fact = f"{name} asks for build and deployer pods at once, so it matches none"
        return Fault(field, fact, f"Split {name} into two selectors", (*rest, other))
    if renamed := list(_renamed(path, expressions)):
        facts, repairs, operations = zip(*renamed, strict=True)
        return Fault(field, f"{name} {' and '.join(facts)}", f"Correct {name}: {' and '.join(repairs)}", operations)
    if not is_valid(selector):
        return Fault(field, f"{name} {_invalid(expressions)}")
    annotation = next((label for label in selector.match_labels if label in ANNOTATIONS), None)
    return Fault(field, f"{name} selects {annotation}, which is an annotation, not a label") if annotation else None


def _renamed(path: str, expressions: tuple[Requirement, ...]) -> Iterator[tuple[str, str, Operation]]:
    """Operators in the wrong case and annotations in the place of labels: the fact, the repair, and its operation."""
    for index, expression in enumerate(expressions):
        place = f"{path}/matchExpressions/{index}"
        spelt = _OPERATORS.get(expression.operator.lower(), expression.operator)
        if spelt != expression.operator:
            yield (
                f'has the operator "{expression.operator}" instead of "{spelt}"',
                f"write {spelt}",
                Operation("replace", f"{place}/operator", spelt),
            )
        if expression.key in ANNOTATIONS:
            fact = f"selects {expression.key}, which is an annotation, not a label"
            yield fact, f"select {DEPLOYER_POD}", Operation("replace", f"{place}/key", DEPLOYER_POD)


def _invalid(expressions: tuple[Requirement, ...]) -> str:
    """Why the API's validation refuses the first expression that it refuses, as the end of a sentence."""
    wrong = next(item for item in expressions if not is_valid(LabelSelector(match_expressions=(item,))))
    if wrong.operator not in _OPERATORS.values():
        return f'has the unknown operator "{wrong.operator}"'
    if not wrong.key:
        return f"has the operator {wrong.operator} without a key"
    return f"has the operator {wrong.operator} {'with' if wrong.values else 'without'} values"


def _empty(field: str, path: str, name: str, item: Any) -> Fault:
    """An item that says nothing; often its only expression is not below ``matchExpressions``."""
    expression = {name: item[name] for name in ("key", "operator", "values") if name in item} if isinstance(item, dict) else {}
    if "key" in expression and "operator" in expression:
        fact = f"{name} has its expression beside matchExpressions, not below it, so it is empty"
        operation = Operation("replace", path, {"matchExpressions": [expression]})
        return Fault(field, fact, f"Move the expression of {name} below matchExpressions", (operation,))
    fact = f"{name} is empty, and the injector matches no pod with an empty selector"
    return Fault(field, fact, f"Remove the empty selector {name}", (Operation("remove", path),))
