"""A plan for people: the diffs, what waits for which flag, what has to be done by hand."""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import Any

from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.plan import EVEN_IF_MANAGED, FLAGS, Change, Held, Plan, Proposal, Refusal
from kubectl_meshfix.render.diff import as_text, unified
from kubectl_meshfix.render.text import Screen, Style, count, safe_line, wrapped
from kubectl_meshfix.resources.meta import Ref


def file_diff(name: str, before: str, after: str, changes: Sequence[Change], screen: Screen) -> str:
    """What changes in one file, headed by the fixes it comes from; ``patch`` and ``git apply`` take it as it is."""
    return "".join(_headings(changes, screen)) + unified(before, after, name.lstrip("/"), screen)


def cluster_diff(before: dict[str, Any], after: dict[str, Any], change: Change, screen: Screen) -> str:
    """What changes in one object of a cluster, headed by the fixes it comes from."""
    return "".join(_headings([change], screen)) + unified(as_text(before), as_text(after), _file_name(change.resource), screen)


def outlook(plan: Plan, refusals: Sequence[Refusal], screen: Screen, given: Collection[str], *, dry_run: bool) -> str:
    """How many objects change, what was refused, what waits for a flag that was not ``given``, or for a person."""
    refused = screen.paint("  refused ", Style.ERROR)
    lines = [
        _totals(plan, refusals, given, dry_run=dry_run),
        *(refused + safe_line(f"{refusal.resource}: {refusal.reason.rstrip('.')}.") for refusal in refusals),
    ]
    for waiting, rows in groupby(sorted(plan.held, key=_waiting), key=_waiting):
        lines.append(f"Held back until {waiting}:" if waiting.startswith("--") else f"Not changed, because {waiting}:")
        lines += [_held(held, screen) for held in rows]
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
            yield screen.paint(f"# {proposal.code} {safe_line(f'{change.resource}: {proposal.fix.summary}')}{needs}", Style.FAINT) + "\n"
            for piece in _grounds(proposal):
                yield screen.paint(f"#   {piece}", Style.FAINT) + "\n"
        if change.manager:
            text = safe_line(f"{change.manager}; {change.manager.remedy}")
            yield screen.paint(f"# {text} [managed: needs {EVEN_IF_MANAGED}]", Style.FAINT) + "\n"


def _grounds(proposal: Proposal) -> Iterator[str]:
    """What an unsafe fix rests on, for those who have to judge it."""
    return map(safe_line, proposal.evidence if proposal.fix.safety is Safety.UNSAFE else ())


def _totals(plan: Plan, refusals: Sequence[Refusal], given: Collection[str], *, dry_run: bool) -> str:
    changing = [change for change in plan.changes if change.resource not in {refusal.resource for refusal in refusals}]
    if not changing:
        return "There is nothing to change."
    if not dry_run:
        return f"{count(len(changing), 'object')} to change."
    needed = {flag for change in changing for proposal in change.proposals if (flag := FLAGS.get(proposal.fix.safety))}
    needed |= {EVEN_IF_MANAGED for change in changing if change.manager}
    waiting = needed.difference(given)
    flags = f" To make all of these changes: kubectl meshfix apply … {' '.join(sorted(waiting))}" if waiting else ""
    return f"{count(len(changing), 'object')} would change; nothing was changed.{flags}"


def _waiting(held: Held) -> str:
    return f"{held.flag} is given" if held.flag else held.reason


def _held(held: Held, screen: Screen) -> str:
    proposal = held.proposal
    text = wrapped(f"{proposal.code} {safe_line(f'{proposal.resource}: {proposal.fix.summary}')}", screen, "  ")
    grounds = [wrapped(f"· {piece}", screen, "      ") for piece in _grounds(proposal)]
    managed = [wrapped(safe_line(f"{held.manager}; {held.manager.remedy}."), screen, "      ")] if held.manager and held.flag else []
    return "\n".join([text, *grounds, *managed, *(f"      {safe_line(command)}" for command in proposal.fix.commands)])


def _file_name(ref: Ref) -> str:
    return safe_line(f"{ref.namespace + '/' if ref.namespace else ''}{ref.kind}/{ref.name}.yaml")
