"""A trace for people: the verdict first, then the way, a line a step, then the way out."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.chain.steps import Step
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.render.chain.signs import MARKS
from kubectl_meshfix.render.text.terminal import Screen, Style, hanging, safe_line, wrapped
from kubectl_meshfix.render.trace import words
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.traffic.trace.answers import Branch, Trace


def tree(trace: Trace, findings: Sequence[Diagnosis], advice: Sequence[str], screen: Screen, *, verbose: bool = False) -> str:
    """One trace; ``verbose`` shows every step with its evidence. ``findings`` touch its way, and ``advice`` are commands."""
    return "\n".join(_lines(trace, findings, advice, screen, verbose=verbose)) + "\n"


def _lines(trace: Trace, findings: Sequence[Diagnosis], advice: Sequence[str], screen: Screen, *, verbose: bool) -> Iterator[str]:
    sign, style = words.mark_of(trace)
    yield hanging(f"{sign} {safe_line(words.headline(trace))}", screen, "", style, len(sign))
    yield screen.paint(f"  {safe_line(words.request(trace.request))} from {safe_line(words.caller(trace))}", Style.FAINT)
    seen: set[tuple[object, ...]] = set()
    ordered = [trace.foremost, *(branch for branch in trace.branches if branch is not trace.foremost)]
    for branch in ordered:
        if len(ordered) > 1:
            yield from _branch(trace, branch, screen)
        yield from _way(branch, seen, screen, verbose=verbose)
        yield from _logs(branch, screen)
    for finding in findings:
        yield from _finding(finding, screen)
    for command in advice:
        yield f"    {safe_line(command)}"


def _branch(trace: Trace, branch: Branch, screen: Screen) -> Iterator[str]:
    sign, style = words.mark(branch.ending.arrives)
    title = f"{sign} {words.share(branch)} → {words.outcome(trace.request, branch.ending)}"
    yield hanging(safe_line(f"{title}, {words.meant(branch.to)}"), screen, "", style, len(sign))


def _way(branch: Branch, seen: set[tuple[object, ...]], screen: Screen, *, verbose: bool) -> Iterator[str]:
    """The hops and their steps, without those that another branch has shown."""
    for number, hop in enumerate(branch.hops):
        shown = [step for step in (hop.steps if verbose else words.matters(hop)) if (number, hop.role, step.identity) not in seen]
        seen |= {(number, hop.role, step.identity) for step in shown}
        if shown:
            yield f"{screen.paint(safe_line(words.hop_title(hop)), Style.STRONG)}"
        for step in shown:
            yield from _step(step, screen, verbose=verbose)
    yield from _asides(branch, screen)


def _step(step: Step, screen: Screen, *, verbose: bool) -> Iterator[str]:
    sign, style = MARKS[step.status]
    settled = f" (settled by {step.unknown.settled_by})" if step.unknown is not None else ""
    yield hanging(f"{sign} {step.stage}: {safe_line(sentence(step))}{safe_line(settled)}", screen, "  ", style, len(sign))
    for piece in step.evidence if verbose else ():
        yield screen.paint(wrapped(safe_line(piece), screen, "      "), Style.FAINT)


def _asides(branch: Branch, screen: Screen) -> Iterator[str]:
    """What else the route does, that does not decide whether it arrives."""
    asides = [
        *([f"delayed by {branch.delay:g} s"] if branch.delay else []),
        *([f"504 UT after {branch.timeout:g} s"] if branch.timeout else []),
        *(f"a copy goes to {host}" for host in branch.mirrors),
    ]
    if asides:
        yield screen.paint(wrapped(safe_line("; ".join(asides)), screen, "      "), Style.FAINT)


def _logs(branch: Branch, screen: Screen) -> Iterator[str]:
    """The lines to look for in the access logs of both sides."""
    for side, log in words.logs(branch):
        yield screen.paint(f"      {side}'s access log: {safe_line(words.log_line(log))}", Style.FAINT)


def _finding(finding: Diagnosis, screen: Screen) -> Iterator[str]:
    text = f"→ {finding.code} {finding.resource}: {finding.message}"
    yield hanging(safe_line(text), screen, "", Style.STRONG, 1)
    if finding.fix:
        yield screen.paint(wrapped(safe_line(f"fix: {finding.fix.summary}"), screen, "    "), Style.FAINT)
