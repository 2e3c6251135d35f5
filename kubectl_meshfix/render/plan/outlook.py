"""What a plan comes to: how much changes, what that does to pods, what is refused, held back, or left to be chosen."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from kubectl_meshfix.fixes.effects.effect import Consequence, Effect
from kubectl_meshfix.fixes.held import EVEN_IF_MANAGED, FLAGS, Because, ByHand, DoesNotFit, ManagedBy, NeedsFlag
from kubectl_meshfix.fixes.plan import Change, Choice, Held, Plan, Proposal, Refusal
from kubectl_meshfix.render.plan.terminal import STYLES, grounds
from kubectl_meshfix.render.text.terminal import Screen, Style, count, safe_line, wrapped

_BELOW = "      "
"""What is said of a fix stands below it, this far in."""


def outlook(  # noqa: PLR0913 -- what a plan is seen with, each by its name
    plan: Plan, refusals: Sequence[Refusal], screen: Screen, given: Collection[str], *, dry_run: bool, is_live: bool = True
) -> str:
    """How many objects change and what that does to pods, what was refused, what waits for a flag not ``given``, or for a person.

    ``is_live`` says that pods follow the change itself, and not the day on which its files are deployed.
    """
    refused = screen.paint("  refused ", Style.ERROR)
    changing = [change for change in plan.changes if change.resource not in {refusal.resource for refusal in refusals}]
    reach = _reach(changing)
    lines = [
        _totals(changing, given, dry_run=dry_run),
        *([wrapped(safe_line(reach if is_live else f"Once deployed: {reach}"), screen, "")] if reach else []),
        *(refused + safe_line(f"{refusal.resource}: {refusal.reason.rstrip('.')}.") for refusal in refusals),
        *_held(plan.held, screen),
        *(line for choice in plan.choices for line in _choice(choice, screen)),
    ]
    return "\n".join(lines) + "\n"


def _totals(changing: Sequence[Change], given: Collection[str], *, dry_run: bool) -> str:
    if not changing:
        return "There is nothing to change."
    if not dry_run:
        return f"{count(len(changing), 'object')} to change."
    needs = {(id(proposal), flag) for change in changing for proposal in change.proposals for flag in _flags(change, proposal)}
    fixes = {id(proposal) for change in changing for proposal in change.proposals}
    waiting = Counter(flag for _, flag in needs if flag not in given)
    parts = [f"{number} {'needs' if number == 1 else 'need'} {flag}" for flag, number in sorted(waiting.items())]
    flags = f" Of {count(len(fixes), 'fix', 'fixes')}, {' and '.join(parts)}." if parts else ""
    return f"{count(len(changing), 'object')} would change; nothing was changed.{flags}"


def _flags(change: Change, proposal: Proposal) -> Iterator[str]:
    if flag := FLAGS.get(proposal.fix.safety):
        yield flag
    if change.manager:
        yield EVEN_IF_MANAGED


def _reach(changes: Iterable[Change]) -> str:
    """Whose pods are replaced, whose service stops meanwhile, and who waits for somebody: what to know before one says yes."""
    found = [item for change in changes for item in change.consequences]
    rolling = [item for item in found if item.effect in (Effect.ROLLS, Effect.INTERRUPTS)]
    known = sum(item.pods or 0 for item in rolling)
    parts = []
    if rolling:
        pods = count(known, "pod") if all(item.pods is not None for item in rolling) else "The pods"
        verb = "is" if pods.startswith("1 ") else "are"
        parts.append(f"{pods} of {count(len(rolling), 'workload')} {verb} replaced.")
    if stopped := [str(item.resource) for item in rolling if item.effect is Effect.INTERRUPTS]:
        parts.append(f"For a time there is no pod of {_listed(stopped)}.")
    if waiting := [str(item.resource) for item in found if item.effect is Effect.WAITS]:
        parts.append(f"The pods of {_listed(waiting)} stay as they are until somebody acts.")
    return " ".join(parts)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{', '.join(names[:3])} and {len(names) - 3} more"


def _held(held: Sequence[Held], screen: Screen) -> Iterator[str]:
    """Under one heading what waits for the same; a consequence that several fixes share is told once, below the last of an object."""
    told: set[str] = set()
    for (_, heading), rows in groupby(sorted(held, key=_place), key=_place):
        yield heading
        for _, same in groupby(rows, key=lambda row: row.proposal.resource):
            fixes = list(same)
            for row in fixes:
                yield from _fix(row, screen)
            effects = {item.text: item for row in fixes if _words(row.because).is_freed_by_flag for item in row.consequences}
            yield from (_consequence(item, screen) for text, item in effects.items() if text not in told)
            told |= effects.keys()


class _Words(NamedTuple):
    """What holds fixes back, in words: their heading and its rank, a sentence about one of them alone, and whether a flag frees it."""

    rank: int
    heading: str
    reason: str = ""
    is_freed_by_flag: bool = False


def _words(because: Because) -> _Words:
    match because:
        case NeedsFlag(flag=flag):
            return _Words(0, f"Held back until {flag} is given:", is_freed_by_flag=True)
        case ManagedBy(manager=manager) if not manager.is_maker:
            return _Words(0, f"Held back until {EVEN_IF_MANAGED} is given:", f"{manager}; {manager.remedy}.", is_freed_by_flag=True)
        case ManagedBy(manager=manager):
            heading = "Held back, because the object is made by another one, which would undo the change:"
            return _Words(1, heading, f"{manager}; {manager.remedy}.")
        case DoesNotFit(codes=codes):
            reason = f"It cannot be joined with the fix of {' and '.join(codes)}: run apply again afterwards."
            return _Words(2, "Held back until the other fixes of the same object are made:", reason)
        case ByHand(why=why):
            return _Words(3, "To be done by hand:", why or "")


def _place(held: Held) -> tuple[int, str]:
    return _words(held.because)[:2]


def _fix(held: Held, screen: Screen) -> Iterator[str]:
    yield _proposal(held.proposal, screen)
    yield from (wrapped(piece, screen, _BELOW) for piece in grounds(held.proposal))
    if reason := _words(held.because).reason:
        yield wrapped(safe_line(reason), screen, _BELOW)
    said = " ".join(item.text for item in held.consequences)
    yield from (f"{_BELOW}{safe_line(command)}" for command in held.proposal.fix.commands if command not in said)


def _proposal(proposal: Proposal, screen: Screen) -> str:
    return wrapped(f"{proposal.code} {safe_line(f'{proposal.resource}: {proposal.fix.summary}')}", screen, "  ")


def _consequence(item: Consequence, screen: Screen) -> str:
    return screen.paint(wrapped(safe_line(f"→ {item.text}"), screen, _BELOW), STYLES.get(item.effect))


def _choice(choice: Choice, screen: Screen) -> Iterator[str]:
    yield f"These contradict each other on {safe_line(str(choice.resource))}, and none was chosen. To make one, add what stands below it:"
    for proposal in choice.proposals:
        yield _proposal(proposal, screen)
        yield from (wrapped(piece, screen, _BELOW) for piece in grounds(proposal))
        yield f"{_BELOW}{safe_line(choice.pick(proposal) or 'nothing tells this one from the others: make it by hand')}"
