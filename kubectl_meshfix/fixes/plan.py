"""From many fixes to one plan: what changes on each object, and what is held back."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import combinations

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.effects import consequences
from kubectl_meshfix.fixes.effects.consequences import Consequences
from kubectl_meshfix.fixes.effects.effect import Consequence
from kubectl_meshfix.fixes.fix import Fix, Safety
from kubectl_meshfix.fixes.held import EVERYWHERE, Because, DoesNotFit, NeedsFlag, why_held
from kubectl_meshfix.fixes.managed_by import Manager, Managers, nobody
from kubectl_meshfix.fixes.merge import Operations, contradict, joined
from kubectl_meshfix.resources.meta import Ref, Struct


class Proposal(Struct, frozen=True):
    """A finding's fix, as the plan sees it, and the ``evidence`` that it rests on."""

    code: str
    resource: Ref
    fix: Fix
    evidence: tuple[str, ...] = ()


class Change(Struct, frozen=True):
    """All operations on one object, its ``test`` operations first, the proposals they come from, and who else manages the object.

    ``consequences`` are what they do beyond the object.
    """

    resource: Ref
    operations: tuple[Operation, ...]
    proposals: tuple[Proposal, ...]
    manager: Manager | None = None
    consequences: tuple[Consequence, ...] = ()


class Held(Struct, frozen=True):
    """A proposal that is not part of the plan, and why; ``consequences`` are what it would do beyond its objects."""

    proposal: Proposal
    because: Because
    consequences: tuple[Consequence, ...] = ()


class Choice(Struct, frozen=True):
    """Proposals that contradict each other over ``resource``: none is part of the plan until somebody picks."""

    resource: Ref
    proposals: tuple[Proposal, ...]

    def pick(self, proposal: Proposal) -> str:
        """The words that leave this one alone of what it contradicts; empty where no words can."""
        others = [other for other in self.proposals if other is not proposal]
        if all(other.code != proposal.code for other in others):
            return f"--ignore {','.join(sorted({other.code for other in others}))}"
        if all(other.resource != proposal.resource for other in others):
            return f"{proposal.resource.kind.lower()}/{proposal.resource.name}"
        return ""


class Refusal(Struct, frozen=True):
    """A change that a target does not make, and why; ``lacks_right``: not the change is refused, but this user."""

    resource: Ref
    reason: str
    lacks_right: bool = False


class Plan(Struct, frozen=True):
    """What would be changed, object by object in the order of their references, what is held back, and what somebody has to choose."""

    changes: tuple[Change, ...]
    held: tuple[Held, ...]
    choices: tuple[Choice, ...] = ()


Made = dict[Ref, list[Proposal]]
"""The fixes that change each object."""


def make_plan(  # noqa: PLR0913 -- what a plan is made for, each by its name
    proposals: Iterable[Proposal],
    allowed: frozenset[Safety],
    managers: Managers = nobody,
    consequences_of: Consequences = consequences.none,
    *,
    even_if_managed: bool = False,
    only_in: str | None = None,
) -> Plan:
    """One change an object. Fixes that contradict each other are a choice, and none of them is made; a fix is made whole or not at all.

    What ``managers`` knows somebody to manage is held back unless ``even_if_managed``; what a controller makes, in any case. So is a
    fix that changes an object of another namespace than ``only_in``, where that is set.
    """

    def because(proposal: Proposal) -> Because | None:
        held = why_held(proposal.fix, managers, allowed, even_if_managed=even_if_managed)
        return held or (NeedsFlag(flag=EVERYWHERE) if only_in and _goes_beyond(proposal.fix, only_in) else None)

    free, held = _free_and_held(proposals, because, consequences_of)
    choices = tuple(_choices(free))
    contradicting = {id(proposal) for choice in choices for proposal in choice.proposals}
    operations, made, misfits = _joined(proposal for proposal in free if id(proposal) not in contradicting)
    changes = (
        Change(
            resource=ref,
            operations=_in_order(operations[ref]),
            proposals=tuple(made[ref]),
            manager=managers(ref),
            consequences=consequences_of(ref, operations[ref]),
        )
        for ref in sorted(operations, key=lambda ref: (ref.namespace or "", ref.kind, ref.name, ref.copy))
    )
    return Plan(changes=tuple(changes), held=(*held, *misfits), choices=choices)


def _goes_beyond(fix: Fix, namespace: str) -> bool:
    """Whether a fix changes an object of another namespace, or of none; a Namespace is its own."""
    named = (patch.resource for patch in fix.patches)
    return any((ref.name if ref.kind == "Namespace" else ref.namespace) != namespace for ref in named)


def _free_and_held(
    proposals: Iterable[Proposal], because: Callable[[Proposal], Because | None], consequences_of: Consequences
) -> tuple[list[Proposal], list[Held]]:
    """Those that nothing but another fix could hold back, and the others."""
    free, held = list[Proposal](), list[Held]()
    for proposal in proposals:
        if reason := because(proposal):
            effects = (item for patch in proposal.fix.patches for item in consequences_of(patch.resource, patch.operations))
            held.append(Held(proposal=proposal, because=reason, consequences=tuple(effects)))
        else:
            free.append(proposal)
    return free, held


def _joined(proposals: Iterable[Proposal]) -> tuple[Operations, Made, list[Held]]:
    """What is done to each object, by which fixes, and the fixes that cannot be joined with those before them."""
    operations: Operations = {}
    made: Made = {}
    misfits: list[Held] = []
    for proposal in proposals:
        together = joined(operations, proposal.fix.patches)
        if together is None:
            earlier = sorted({other.code for patch in proposal.fix.patches for other in made.get(patch.resource, ())})
            misfits.append(Held(proposal=proposal, because=DoesNotFit(codes=tuple(earlier))))
            continue
        operations |= together
        for patch in proposal.fix.patches:
            if proposal not in made.setdefault(patch.resource, []):
                made[patch.resource].append(proposal)
    return operations, made, misfits


def _choices(proposals: Sequence[Proposal]) -> Iterator[Choice]:
    """Groups of proposals that contradict each other, in their own order."""
    by_resource: dict[Ref, list[int]] = {}
    for index, proposal in enumerate(proposals):
        for ref in {patch.resource for patch in proposal.fix.patches}:
            by_resource.setdefault(ref, []).append(index)
    opposed: dict[int, dict[int, Ref]] = {}
    for ref, indices in by_resource.items():
        for one, other in combinations(indices, 2):
            if contradict(proposals[one].fix.patches, proposals[other].fix.patches):
                opposed.setdefault(one, {})[other] = ref
                opposed.setdefault(other, {})[one] = ref
    seen: set[int] = set()
    for start in sorted(opposed):
        group, left = set[int](), [start]
        while left:
            index = left.pop()
            if index not in group:
                group.add(index)
                left += opposed[index]
        if start not in seen:
            yield Choice(resource=min(opposed[start].values()), proposals=tuple(proposals[index] for index in sorted(group)))
        seen |= group


def incomplete_fixes(changes: Sequence[Change], refused: Collection[Ref]) -> tuple[Refusal, ...]:
    """What must not be changed because another part of the same fix cannot be: a port without the objects that refer to its name."""
    gone, found = set(refused), list[Refusal]()
    while True:
        halves = {change.resource: change.proposals for change in changes if change.resource in gone}
        more = []
        for change in changes:
            partner = next((ref for ref, half in halves.items() if any(proposal in half for proposal in change.proposals)), None)
            if partner and change.resource not in gone:
                more.append(Refusal(resource=change.resource, reason=f"its fix changes {partner} too, which cannot be changed"))
        if not more:
            return tuple(found)
        found += more
        gone |= {refusal.resource for refusal in more}


def _in_order(operations: Sequence[Operation]) -> tuple[Operation, ...]:
    """Tests first, and removals of a list's items in the end, from the last one on: what they are to remove is still there.

    Where something is added at a number, the numbers are taken for the keys of a map, such as ports, and the order stays.
    """
    keyed = {_parent(item) for item in operations if item.op == "add" and _position(item) is not None}
    items = [item for item in operations if item.op == "remove" and _position(item) is not None and _parent(item) not in keyed]
    tests = [item for item in operations if item.op == "test"]
    changes = [item for item in operations if item.op != "test" and item not in items]
    return (*tests, *changes, *sorted(items, key=lambda item: _position(item) or 0, reverse=True))


def _parent(operation: Operation) -> str:
    return operation.path.rpartition("/")[0]


def _position(operation: Operation) -> int | None:
    """The position of a list's item at the end of a path; None where it ends with a name."""
    last = operation.path.rpartition("/")[2]
    return int(last) if last.isascii() and last.isdecimal() else None
