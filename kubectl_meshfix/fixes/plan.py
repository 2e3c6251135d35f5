"""From many fixes to one plan: what changes on each object, and what waits for which flag."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.effects import consequences
from kubectl_meshfix.fixes.effects.consequences import Consequences
from kubectl_meshfix.fixes.effects.effect import Consequence
from kubectl_meshfix.fixes.fix import Fix, Safety
from kubectl_meshfix.fixes.managed_by import Manager, Managers, nobody, who_holds_back
from kubectl_meshfix.fixes.merge import Operations, contradict, joined
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
    """All operations on one object, its ``test`` operations first, the proposals they come from, and who else manages the object.

    ``consequences`` are what they do beyond the object.
    """

    resource: Ref
    operations: tuple[Operation, ...]
    proposals: tuple[Proposal, ...]
    manager: Manager | None = None
    consequences: tuple[Consequence, ...] = ()


class Held(Struct, frozen=True):
    """A proposal that is not part of the plan: it waits for ``flag``, or ``reason`` stands in its way; ``manager`` says for whose sake."""

    proposal: Proposal
    flag: str = ""
    reason: str = ""
    manager: Manager | None = None
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
    """A change that a target could not make, and why."""

    resource: Ref
    reason: str


class Plan(Struct, frozen=True):
    """What would be changed, object by object in the order of their references, what is held back, and what somebody has to choose."""

    changes: tuple[Change, ...]
    held: tuple[Held, ...]
    choices: tuple[Choice, ...] = ()


def make_plan(
    proposals: Iterable[Proposal],
    allowed: frozenset[Safety],
    managers: Managers = nobody,
    consequences_of: Consequences = consequences.none,
    *,
    even_if_managed: bool = False,
) -> Plan:
    """One change an object. Fixes that contradict each other are a choice, and none of them is made; a fix is made whole or not at all.

    What ``managers`` knows somebody to manage is held back unless ``even_if_managed``; what a controller makes, in any case.
    """
    free: list[Proposal] = []
    held: list[Held] = []
    for proposal in proposals:
        hindrance = why_held(proposal, allowed, managers, even_if_managed=even_if_managed)
        if hindrance:
            told = tuple(item for patch in proposal.fix.patches for item in consequences_of(patch.resource, patch.operations))
            held.append(Held(proposal=proposal, flag=hindrance[0], reason=hindrance[1], manager=hindrance[2], consequences=told))
        else:
            free.append(proposal)
    choices = tuple(_choices(free))
    disputed = {id(proposal) for choice in choices for proposal in choice.proposals}
    operations: Operations = {}
    made: dict[Ref, list[Proposal]] = {}
    for proposal in free:
        if id(proposal) in disputed:
            continue
        together = joined(operations, proposal.fix.patches)
        if together is None:
            held.append(
                Held(proposal=proposal, reason="it does not fit in with the other fixes of the same object; run apply again after them")
            )
            continue
        operations |= together
        for patch in proposal.fix.patches:
            if proposal not in made.setdefault(patch.resource, []):
                made[patch.resource].append(proposal)
    changes = (
        Change(
            resource=ref,
            operations=_tests_first(operations[ref]),
            proposals=tuple(made[ref]),
            manager=managers(ref),
            consequences=consequences_of(ref, operations[ref]),
        )
        for ref in sorted(operations, key=lambda ref: (ref.namespace or "", ref.kind, ref.name))
    )
    return Plan(changes=tuple(changes), held=tuple(held), choices=choices)


def why_held(
    proposal: Proposal, allowed: frozenset[Safety], managers: Managers, *, even_if_managed: bool
) -> tuple[str, str, Manager | None] | None:
    """The flag that a proposal waits for, or the reason that keeps it back, and for whose sake; None where it is free."""
    fix = proposal.fix
    if fix.safety is Safety.MANUAL:
        return "", "it has to be done by hand", None
    if fix.safety not in allowed:
        return FLAGS[fix.safety], "", None
    held_for = who_holds_back(fix, managers, even_if_managed=even_if_managed)
    if held_for:
        return ("", f"{held_for}; {held_for.remedy}", held_for) if held_for.is_maker else (EVEN_IF_MANAGED, "", held_for)
    return None


def _choices(proposals: Sequence[Proposal]) -> Iterator[Choice]:
    """Proposals that hang together by contradictions, in their own order."""
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
    """What must not be changed because another part of the same fix cannot be: a port without those who call it by its name."""
    gone, found = set(refused), list[Refusal]()
    while True:
        halves = {change.resource: change.proposals for change in changes if change.resource in gone}
        more = []
        for change in changes:
            partner = next((ref for ref, half in halves.items() if any(proposal in half for proposal in change.proposals)), None)
            if partner and change.resource not in gone:
                more.append(Refusal(resource=change.resource, reason=f"it has to change together with {partner}, which cannot be"))
        if not more:
            return tuple(found)
        found += more
        gone |= {refusal.resource for refusal in more}


def _tests_first(operations: Sequence[Operation]) -> tuple[Operation, ...]:
    return (*(item for item in operations if item.op == "test"), *(item for item in operations if item.op != "test"))
