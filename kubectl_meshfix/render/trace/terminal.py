"""A trace for people: the verdict first, then the way, a line a step, then the way out."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from kubectl_meshfix.chain.steps import Status, Step
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.render.chain.signs import MARKS
from kubectl_meshfix.render.text.terminal import Screen, Style, count, hanging, safe_line, wrapped
from kubectl_meshfix.render.trace import telling, words
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.traffic.trace.answers import Branch, Trace

_BRANCHES = 8
_FINDINGS = 5
"""So many are shown; of more, their number."""

_Seen = set[tuple[object, ...]]


def tree(trace: Trace, findings: Sequence[Diagnosis], advice: Sequence[str], screen: Screen, *, verbose: bool = False) -> str:
    """One trace; ``verbose`` shows every step with its evidence. ``findings`` touch its way, and ``advice`` are commands."""
    lines = [*_lines(trace, screen, verbose=verbose), *_way_out(findings, advice, screen)]
    return "\n".join(lines) + "\n"


def _lines(trace: Trace, screen: Screen, *, verbose: bool) -> Iterator[str]:
    sign, style = words.mark_of(trace)
    yield hanging(f"{sign} {safe_line(words.headline(trace))}", screen, "", style, len(sign))
    about = f"{words.request(trace.request)} from {words.caller(trace)}"
    yield screen.paint(wrapped(safe_line(about), screen, "  "), Style.FAINT)
    foremost, seen = trace.foremost, _Seen()
    ordered = [foremost, *(branch for branch in trace.branches if branch is not foremost)]
    for branch in ordered if verbose else ordered[:_BRANCHES]:
        if len(ordered) > 1:
            yield from _branch(trace, branch, screen)
        yield from _way(branch, foremost.ending.by, seen, screen, verbose=verbose)
        yield from _asides(branch, screen)
        yield from _answer(branch, screen)
    if len(ordered) > _BRANCHES and not verbose:
        yield f"{count(len(ordered) - _BRANCHES, 'other way')} not shown: -v shows all."
    if not verbose:
        yield from _settled(trace, screen)


def _branch(trace: Trace, branch: Branch, screen: Screen) -> Iterator[str]:
    sign, style = words.mark(branch.ending.arrives)
    title = f"{sign} {words.share(branch)} → {words.meant(branch.to)}: {words.outcome(trace.request, branch.ending)}"
    yield hanging(safe_line(title), screen, "", style, len(sign))


def _way(branch: Branch, by: Step | None, seen: _Seen, screen: Screen, *, verbose: bool) -> Iterator[str]:
    """The hops and their steps, without those that another branch has shown; of the one that the verdict tells, the place."""
    for number, hop in enumerate(branch.hops):
        steps = [step for step in (hop.steps if verbose else telling.matters(hop)) if (number, hop.role, step.identity) not in seen]
        seen |= {(number, hop.role, step.identity) for step in steps}
        title = (number, hop.role, words.hop_title(hop))
        if steps or title not in seen:
            yield screen.paint(wrapped(safe_line(words.hop_title(hop)), screen, ""), Style.STRONG)
        seen.add(title)
        yield from _verbose(steps, screen) if verbose else _brief(steps, by, screen)


def _verbose(steps: Iterable[Step], screen: Screen) -> Iterator[str]:
    for step in steps:
        settled = f" (settled by {step.unknown.settled_by})" if step.unknown is not None else ""
        yield _line(step, f"{sentence(step)}{settled}", screen)
        for piece in (*([words.place(step.at)] if step.at and words.place(step.at) not in sentence(step) else []), *step.evidence):
            yield screen.paint(wrapped(safe_line(piece), screen, "      "), Style.FAINT)


def _brief(steps: Iterable[Step], by: Step | None, screen: Screen) -> Iterator[str]:
    """Each step, but of many that were passed over the first ones and the number of the others."""
    for is_passed, group in groupby(steps, lambda step: step.status is Status.SKIPPED):
        several = list(group)
        shown = several[: telling.PASSED_OVER - 1] if is_passed and len(several) > telling.PASSED_OVER else several
        for step in shown:
            yield _line(step, _told(step, by), screen)
        if len(several) > len(shown):
            text = f"· {shown[0].stage}: {len(several) - len(shown):,} more do not match either; -v shows why."
            yield hanging(text, screen, "  ", Style.FAINT, 1)


def _told(step: Step, by: Step | None) -> str:
    if by is not None and step.status is Status.FAIL and step.identity == by.identity:
        return f"decided here, by {words.place(step.at)}." if step.at and step.at.path not in words.TEMPLATES else "decided here."
    return words.said(step) if step.status in (Status.FAIL, Status.WARN, Status.SKIPPED) else sentence(step)


def _line(step: Step, text: str, screen: Screen) -> str:
    sign, style = MARKS[step.status]
    return hanging(f"{sign} {step.stage}: {safe_line(text)}", screen, "  ", style, len(sign))


def _asides(branch: Branch, screen: Screen) -> Iterator[str]:
    """What else the route does, that does not decide whether it arrives."""
    if branch.ending.arrives is False:
        return
    if branch.delay:
        yield hanging(f"· fault: requests are delayed by {branch.delay:g} s.", screen, "  ", Style.FAINT, 1)
    if branch.timeout:
        yield hanging(f"· timeout: a server that takes longer than {branch.timeout:g} s makes it 504 UT.", screen, "  ", Style.FAINT, 1)
    for host in branch.mirrors:
        yield hanging(f"· mirror: a copy goes to {safe_line(host)}.", screen, "  ", Style.FAINT, 1)


def _answer(branch: Branch, screen: Screen) -> Iterator[str]:
    """What to look for: the body, where it is long, and the lines in the access logs of both sides."""
    if body := words.long_body(branch.ending):
        yield screen.paint(wrapped(f"caller reads: {safe_line(body)}", screen, "    "), Style.FAINT)
    for side, log in words.logs(branch):
        yield screen.paint(wrapped(f"{side}'s access log: {safe_line(words.log_line(log))}", screen, "    "), Style.FAINT)


def _settled(trace: Trace, screen: Screen) -> Iterator[str]:
    """What would settle the steps that are not known, all in one line."""
    found = dict.fromkeys(step.unknown.settled_by for step in trace.unknowns if step.unknown is not None)
    if found:
        yield screen.paint(wrapped(safe_line(f"? is settled by {', '.join(found)}."), screen, "  "), Style.FAINT)


def _way_out(findings: Sequence[Diagnosis], advice: Sequence[str], screen: Screen) -> Iterator[str]:
    for finding in findings[:_FINDINGS]:
        text = f"→ {finding.code} {finding.resource}: {finding.message}"
        yield hanging(safe_line(text), screen, "", Style.STRONG, 1)
        if finding.fix:
            yield screen.paint(wrapped(safe_line(f"fix: {finding.fix.summary}"), screen, "    "), Style.FAINT)
    if len(findings) > _FINDINGS:
        yield f"→ {count(len(findings) - _FINDINGS, 'more finding')} on the way: kubectl meshfix diagnose shows them."
    for command in advice:
        yield f"Next: {safe_line(command)}"
