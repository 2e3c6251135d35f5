"""A plan's changes for people: diffs, headed by the fixes they come from."""

from collections.abc import Iterator, Sequence
from typing import Any

from kubectl_meshfix.fixes.effects.effect import Effect
from kubectl_meshfix.fixes.fix import LATER, REPLACED, Safety
from kubectl_meshfix.fixes.held import EVEN_IF_MANAGED, FLAGS
from kubectl_meshfix.fixes.plan import Change, Proposal
from kubectl_meshfix.render.plan.diff import as_text, patch_name, unified
from kubectl_meshfix.render.text.terminal import Screen, Style, safe_line, wrapped
from kubectl_meshfix.resources.meta import Ref

STYLES = {Effect.INTERRUPTS: Style.WARNING, Effect.WAITS: Style.STRONG, Effect.ROLLS: Style.STRONG}
"""How loudly a consequence is told; the words say it all without."""


def file_diff(name: str, before: str, after: str, changes: Sequence[Change], screen: Screen) -> str:
    """What changes in one file, headed by the fixes it comes from; ``git apply`` and ``patch -p1`` take it as it is in this folder.

    A file outside of the folder is named from the root of the file system, which only ``patch`` takes, and only there.
    """
    shown, is_here = patch_name(name)
    away = "" if is_here else _comment(f"{name} is outside of this folder. To patch it: patch -p1 -d / < FILE", screen)
    return "".join([*_headings(changes, screen), away, unified(before, after, shown, screen)])


def cluster_diff(before: dict[str, Any], after: dict[str, Any], change: Change, screen: Screen) -> str:
    """What changes in one object of a cluster, headed by the fixes it comes from."""
    return "".join(_headings([change], screen)) + unified(as_text(before), as_text(after), _file_name(change.resource), screen)


def kubectl_name(ref: Ref) -> str:
    """``deployment.apps/cart`` with its namespace, as kubectl reports a change."""
    group = f".{ref.group}" if ref.group else ""
    where = f" in {ref.namespace}" if ref.namespace else ""
    return safe_line(f"{ref.kind.lower()}{group}/{ref.name}{where}")


def grounds(proposal: Proposal) -> Iterator[str]:
    """What there is to weigh before a fix is allowed: its risk, and what an unsafe one rests on.

    Whether pods are replaced is left to the consequences, which say how many and in which steps.
    """
    if proposal.fix.risk and proposal.fix.risk not in (REPLACED, LATER):
        yield safe_line(f"risk: {proposal.fix.risk}")
    if proposal.fix.safety is Safety.UNSAFE:
        yield from (safe_line(f"· {piece}") for piece in proposal.evidence)


def _headings(changes: Sequence[Change], screen: Screen) -> Iterator[str]:
    for change in changes:
        for proposal in change.proposals:
            flag = FLAGS.get(proposal.fix.safety)
            needs = f" [{proposal.fix.safety}: needs {flag}]" if flag else " [safe]"
            yield _comment(f"{proposal.code} {change.resource}: {proposal.fix.summary}{needs}", screen)
            for piece in grounds(proposal):
                yield _comment(piece, screen, indent="#   ")
        if change.manager:
            yield _comment(f"{change.manager}; {change.manager.remedy} [managed: needs {EVEN_IF_MANAGED}]", screen)
        for consequence in change.consequences:
            yield _comment(f"→ {consequence.text}", screen, STYLES.get(consequence.effect, Style.FAINT))


def _comment(text: str, screen: Screen, style: Style = Style.FAINT, indent: str = "# ") -> str:
    """Lines above a diff, which ``patch`` passes over."""
    return "".join(f"{screen.paint(line, style)}\n" for line in wrapped(safe_line(text), screen, indent).splitlines())


def _file_name(ref: Ref) -> str:
    return safe_line(f"{ref.namespace + '/' if ref.namespace else ''}{ref.kind}/{ref.name}.yaml")
