"""From many fixes to one plan: what changes on each object, and what waits for which flag."""

from collections.abc import Iterable, Sequence
from typing import Any

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety
from kubectl_meshfix.fixes.managers import Manager, Managers, nobody
from kubectl_meshfix.fixes.merge import merged_text
from kubectl_meshfix.resources.meta import Ref, Struct

FLAGS = {Safety.RESTART: "--restart", Safety.UNSAFE: "--unsafe"}
"""The flag that frees a fix of that safety; safe ones need none, manual ones have no patch."""

EVEN_IF_MANAGED = "--even-if-managed"
"""The flag that frees a fix of objects that somebody else puts back."""


class Proposal(Struct, frozen=True):
    """A finding's fix, as the plan sees it, and the ``evidence`` that it rests on."""

    code: str
    resource: Ref
    fix: Fix
    evidence: tuple[str, ...] = ()


class Change(Struct, frozen=True):
    """All operations on one object, its ``test`` operations first, the proposals they come from, and who else manages the object."""

    resource: Ref
    operations: tuple[Operation, ...]
    proposals: tuple[Proposal, ...]
    manager: Manager | None = None


class Held(Struct, frozen=True):
    """A proposal that is not part of the plan: it waits for ``flag``, or ``reason`` stands in its way; ``manager`` says for whose sake."""

    proposal: Proposal
    flag: str = ""
    reason: str = ""
    manager: Manager | None = None


class Refusal(Struct, frozen=True):
    """A change that a target could not make, and why."""

    resource: Ref
    reason: str


class Plan(Struct, frozen=True):
    """What would be changed, object by object in the order of their references, and what is held back."""

    changes: tuple[Change, ...]
    held: tuple[Held, ...]


def make_plan(
    proposals: Iterable[Proposal], allowed: frozenset[Safety], managers: Managers = nobody, *, even_if_managed: bool = False
) -> Plan:
    """One change an object. A fix joins with all of its patches or, where one contradicts an earlier fix, with none.

    What ``managers`` knows somebody to manage is held back unless ``even_if_managed``; what a controller makes, in any case.
    """
    operations: dict[Ref, list[Operation]] = {}
    joined: dict[Ref, list[Proposal]] = {}
    held: list[Held] = []
    for proposal in proposals:
        fix = proposal.fix
        if fix.safety is Safety.MANUAL:
            held.append(Held(proposal=proposal, reason="it has to be done by hand"))
        elif fix.safety not in allowed:
            held.append(Held(proposal=proposal, flag=FLAGS[fix.safety]))
        elif holder := _holder(fix, managers, even_if_managed=even_if_managed):
            flag, reason = ("", f"{holder}; {holder.remedy}") if holder.is_maker else (EVEN_IF_MANAGED, "")
            held.append(Held(proposal=proposal, flag=flag, reason=reason, manager=holder))
        else:
            merged = _merge_all(operations, fix.patches)
            if merged is None:
                held.append(Held(proposal=proposal, reason="it contradicts another fix of the same object; run apply again after this one"))
                continue
            operations |= merged
            for patch in fix.patches:
                if proposal not in joined.setdefault(patch.resource, []):
                    joined[patch.resource].append(proposal)
    changes = (
        Change(resource=ref, operations=_tests_first(operations[ref]), proposals=tuple(joined[ref]), manager=managers(ref))
        for ref in sorted(operations, key=lambda ref: (ref.namespace or "", ref.kind, ref.name))
    )
    return Plan(changes=tuple(changes), held=tuple(held))


def _holder(fix: Fix, managers: Managers, *, even_if_managed: bool) -> Manager | None:
    """For whose sake a fix is held back: a maker before anybody else."""
    found = [manager for patch in fix.patches if (manager := managers(patch.resource))]
    held = [manager for manager in found if manager.is_maker or not even_if_managed]
    return min(held, key=lambda manager: not manager.is_maker, default=None)


def _merge_all(operations: dict[Ref, list[Operation]], patches: Sequence[Patch]) -> dict[Ref, list[Operation]] | None:
    merged: dict[Ref, list[Operation]] = {}
    for patch in patches:
        result = _merge(merged.get(patch.resource, operations.get(patch.resource, [])), patch.operations)
        if result is None:
            return None
        merged[patch.resource] = result
    return merged


def _merge(existing: Sequence[Operation], added: Sequence[Operation]) -> list[Operation] | None:
    """Both lists as one; None where they want different things at one place.

    Two fixes may each create the same missing map (``add /metadata/labels {…}``); together they create it with both keys. Two may
    each edit one text, such as a ConfigMap's; where they touch other lines, together they make both edits.
    """
    result = list(existing)
    for operation in added:
        same_place = [index for index, other in enumerate(result) if other.path == operation.path and other.op != "test"]
        if operation in result:
            continue
        if operation.op == "test" or not same_place or operation.path.endswith("/-"):
            result.append(operation)
            continue
        earlier = result[same_place[0]]
        before = next((item.value for item in result if item.op == "test" and item.path == operation.path), None)
        value = _both(earlier, operation, before)
        if value is None:
            return None
        result[same_place[0]] = Operation(operation.op, operation.path, value)
    return result


def _both(one: Operation, other: Operation, before: Any) -> Any:
    """The value that carries what two operations put at one place; None where they contradict each other."""
    if one.op == other.op == "add":
        return _joined(one.value, other.value)
    if one.op == other.op == "replace" and all(isinstance(text, str) for text in (before, one.value, other.value)):
        return merged_text(before, one.value, other.value)
    return None


def _joined(one: Any, other: Any) -> dict[str, Any] | None:
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return None
    joined = dict(one)
    for key, value in other.items():
        if key not in joined or joined[key] == value:
            joined[key] = value
        else:
            deeper = _joined(joined[key], value)
            if deeper is None:
                return None
            joined[key] = deeper
    return joined


def _tests_first(operations: Sequence[Operation]) -> tuple[Operation, ...]:
    return (*(item for item in operations if item.op == "test"), *(item for item in operations if item.op != "test"))
