"""An explanation for people: the verdict and what decided it, then the stages with what matters in them."""

from collections.abc import Iterator

from kubectl_meshfix.chain.steps import Status, Step
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.held import FLAGS
from kubectl_meshfix.injection.explanation import Advice, Explanation, Probe
from kubectl_meshfix.render.chain.signs import MARKS, TITLES, command_of, decides, headline, mark, matters, settled, shown_status
from kubectl_meshfix.render.text.terminal import Screen, Style, hanging, safe_line, wrapped
from kubectl_meshfix.resources.meta import Ref


def tree(item: Explanation, screen: Screen, *, verbose: bool = False) -> str:
    """One target; ``verbose`` shows every step with its evidence."""
    return "\n".join(_lines(item, screen, verbose=verbose)) + "\n"


def answered(probe: Probe) -> str:
    """What the API server answered, and whether that is what was predicted; else why it was not asked."""
    if not probe.ran:
        return probe.error or ""
    result = "refused" if probe.injected is None else "injected" if probe.injected else "not injected"
    says = {
        True: "as predicted",
        False: "not as predicted: something that the API does not show changes the result",
        None: "nothing to compare it with",
    }
    return f"The API server's answer: {result}, {says[probe.agrees]}."


def _lines(item: Explanation, screen: Screen, *, verbose: bool) -> Iterator[str]:
    verdict = item.verdict
    sign, style = mark(verdict)
    yield hanging(f"{sign} {safe_line(headline(item))}", screen, "", style if screen.color else None, len(sign))
    yield screen.paint(f"  Decided by {TITLES[verdict.decided_by.stage]}: {safe_line(verdict.decided_by.check)}", Style.FAINT)
    for stage in item.stages:
        sign, style = MARKS[shown_status(item, stage.status)]
        yield f"{screen.paint(sign, style)} {screen.paint(TITLES[stage.stage], Style.STRONG)}"
        for step in stage.steps if verbose else matters(item, stage):
            yield from _step(item, step, screen, verbose=verbose)
    if item.probe:
        yield from _probe(item.probe, screen)
    for advice in item.advice:
        yield from _advice(item.target, advice, screen)


def _step(item: Explanation, step: Step, screen: Screen, *, verbose: bool) -> Iterator[str]:
    sign, style = MARKS[shown_status(item, step.status)]
    hint = f" ({settled(step.unknown)})" if step.unknown is not None and (verbose or _is_open(step)) else ""
    yield hanging(f"{sign} {step.check}: {safe_line(sentence(step))}{hint}", screen, "  ", style, len(sign))
    is_failure = shown_status(item, step.status) is Status.FAIL and not step.outcome.check.of_each
    shown = step.evidence if verbose else step.evidence[:1] if is_failure and not _says_cause(item, step) else ()
    for piece in shown:
        yield screen.paint(wrapped(f"{safe_line(piece)}", screen, "      "), Style.FAINT)


def _is_open(step: Step) -> bool:
    """Whether only the API server tells."""
    return step.unknown is not None and step.status in (Status.UNKNOWN, Status.FAIL) and settled(step.unknown).startswith("--")


def _says_cause(item: Explanation, step: Step) -> bool:
    """Whether a step only repeats the one that decided, with its evidence."""
    return not decides(item, step) and any(cause is item.verdict.decided_by for cause in step.args.values())


def _probe(probe: Probe, screen: Screen) -> Iterator[str]:
    yield screen.paint("dry run", Style.STRONG)
    if not probe.ran:
        yield hanging(f"? {safe_line(probe.error or '')}", screen, "  ", Style.WARNING, 1)
        return
    sign, style = ("✓", Style.ADDED) if probe.agrees else ("✗", Style.ERROR)
    yield hanging(f"{sign} {answered(probe)}", screen, "  ", style, 1)
    for text in (probe.error, f"containers: {', '.join(probe.containers)}" if probe.containers else None, *probe.changes):
        if text:
            yield screen.paint(wrapped(f"{safe_line(text)}", screen, "      "), Style.FAINT)


def _advice(target: Ref, advice: Advice, screen: Screen) -> Iterator[str]:
    safety = advice.fix.safety if advice.fix else Safety.MANUAL
    label = f"{safety} ({FLAGS[safety]}): " if safety in FLAGS else ""
    yield hanging(f"→ {label}{safe_line(advice.summary)}", screen, "", Style.STRONG, 1)
    if command := command_of(target, advice):
        yield f"    {safe_line(command)}"
