"""A plan for people: the diffs, what waits for which flag, what has to be done by hand."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from kubectl_meshfix.fixes.effects.effect import Consequence, Effect
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.plan import EVEN_IF_MANAGED, FLAGS, Change, Choice, Held, Plan, Proposal, Refusal
from kubectl_meshfix.render.plan.diff import as_text, unified
from kubectl_meshfix.render.text.terminal import Screen, Style, count, safe_line, wrapped
from kubectl_meshfix.resources.meta import Ref

STYLES = {Effect.INTERRUPTS: Style.WARNING, Effect.WAITS: Style.STRONG, Effect.ROLLS: Style.STRONG}
"""How loudly a consequence is told; the words say it all without."""


def file_diff(name: str, before: str, after: str, changes: Sequence[Change], screen: Screen) -> str:
    """What changes in one file, headed by the fixes it comes from; ``patch`` and ``git apply`` take it as it is."""
    return "".join(_headings(changes, screen)) + unified(before, after, name.lstrip("/"), screen)


def cluster_diff(before: dict[str, Any], after: dict[str, Any], change: Change, screen: Screen) -> str:
    """What changes in one object of a cluster, headed by the fixes it comes from."""
    return "".join(_headings([change], screen)) + unified(as_text(before), as_text(after), _file_name(change.resource), screen)


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
    ]
    for waiting, rows in groupby(sorted(plan.held, key=_waiting), key=_waiting):
        lines.append(f"Held back until {waiting}:" if waiting.startswith("--") else f"Not changed, because {waiting}:")
        lines += [_held(held, screen) for held in rows]
    for choice in plan.choices:
        lines += _choice(choice, screen)
    return "\n".join(lines) + "\n"


def kubectl_name(ref: Ref) -> str:
    """``deployment.apps/cart`` with its namespace, as kubectl reports a change."""
    group = f".{ref.group}" if ref.group else ""
    where = f" in {ref.namespace}" if ref.namespace else ""
    return safe_line(f"{ref.kind.lower()}{group}/{ref.name}{where}")


def _headings(changes: Sequence[Change], screen: Screen) -> Iterator[str]:
    for change in changes:
        for proposal in change.proposals:
            flag = FLAGS.get(proposal.fix.safety)
            needs = f" [{proposal.fix.safety}: needs {flag}]" if flag else " [safe]"
            yield _comment(f"{proposal.code} {change.resource}: {proposal.fix.summary}{needs}", screen)
            for piece in _grounds(proposal):
                yield _comment(piece, screen, indent="#   ")
        if change.manager:
            yield _comment(f"{change.manager}; {change.manager.remedy} [managed: needs {EVEN_IF_MANAGED}]", screen)
        for consequence in change.consequences:
            yield _comment(f"→ {consequence.text}", screen, STYLES.get(consequence.effect, Style.FAINT))


def _comment(text: str, screen: Screen, style: Style = Style.FAINT, indent: str = "# ") -> str:
    """Lines above a diff, which ``patch`` passes over."""
    return "".join(f"{screen.paint(line, style)}\n" for line in wrapped(safe_line(text), screen, indent).splitlines())


def _grounds(proposal: Proposal) -> Iterator[str]:
    """What an unsafe fix rests on, for those who have to judge it."""
    return map(safe_line, proposal.evidence if proposal.fix.safety is Safety.UNSAFE else ())


def _totals(changing: Sequence[Change], given: Collection[str], *, dry_run: bool) -> str:
    if not changing:
        return "There is nothing to change."
    if not dry_run:
        return f"{count(len(changing), 'object')} to change."
    needed = {flag for change in changing for proposal in change.proposals if (flag := FLAGS.get(proposal.fix.safety))}
    needed |= {EVEN_IF_MANAGED for change in changing if change.manager}
    waiting = needed.difference(given)
    flags = f" To make all of these changes: kubectl meshfix apply … {' '.join(sorted(waiting))}" if waiting else ""
    return f"{count(len(changing), 'object')} would change; nothing was changed.{flags}"


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


def _proposal(proposal: Proposal, screen: Screen) -> str:
    return wrapped(f"{proposal.code} {safe_line(f'{proposal.resource}: {proposal.fix.summary}')}", screen, "  ")


def _waiting(held: Held) -> str:
    return f"{held.flag} is given" if held.flag else held.reason


def _held(held: Held, screen: Screen) -> str:
    proposal = held.proposal
    text = _proposal(proposal, screen)
    managed = [wrapped(safe_line(f"{held.manager}; {held.manager.remedy}."), screen, "      ")] if held.manager and held.flag else []
    told = [_consequence(item, screen) for item in held.consequences] if held.flag else []
    grounds = [wrapped(f"· {piece}", screen, "      ") for piece in _grounds(proposal)]
    return "\n".join([text, *grounds, *managed, *told, *(f"      {safe_line(command)}" for command in proposal.fix.commands)])


def _consequence(item: Consequence, screen: Screen) -> str:
    return screen.paint(wrapped(safe_line(f"→ {item.text}"), screen, "      "), STYLES.get(item.effect))


def _choice(choice: Choice, screen: Screen) -> Iterator[str]:
    yield f"These contradict each other on {safe_line(str(choice.resource))}, and none was chosen:"
    for proposal in choice.proposals:
        words = choice.pick(proposal)
        way = f"kubectl meshfix apply … {words}" if words else "by hand: nothing tells this one from the others"
        yield _proposal(proposal, screen)
        yield f"      {safe_line(way)}"


def _file_name(ref: Ref) -> str:
    return safe_line(f"{ref.namespace + '/' if ref.namespace else ''}{ref.kind}/{ref.name}.yaml")
