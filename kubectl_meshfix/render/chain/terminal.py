"""An explanation for people: the verdict and what decided it, then the stages with what matters in them."""

from collections.abc import Iterator

from kubectl_meshfix.chain.checks import Check, Status
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.held import FLAGS
from kubectl_meshfix.injection.explanation import APISERVER, INJECTOR, KUBELET, Advice, Explanation, Probe, Stage
from kubectl_meshfix.render.chain.table import mark, outcome
from kubectl_meshfix.render.text.terminal import Screen, Style, safe_line, wrapped

MARKS = {
    Status.PASS: ("✓", Style.ADDED),
    Status.FAIL: ("✗", Style.ERROR),
    Status.WARN: ("!", Style.WARNING),
    Status.UNKNOWN: ("?", Style.WARNING),
    Status.SKIPPED: ("·", Style.FAINT),
}
TITLES = {APISERVER: "kube-apiserver", INJECTOR: "injector", KUBELET: "kubelet"}

_SELECTORS = ("namespaceSelector", "objectSelector", "rules")
_TELLING = ("called", "webhooks", "nativeSidecar", "policy", "pods", "istio-proxy")
"""Checks that say what happened where nothing is wrong."""


_UNSEEN = {
    None: "what refuses it is not among what the API shows",
    True: "another webhook, or one that the API server reads from its own disk, adds a label or the proxy itself",
    False: "a call that fails and is let through, an injector that runs with another configuration than its ConfigMap's, or a webhook that "
    "takes the proxy or a label away again",
}
"""Where the hand must be that the API does not show, by what the API server answered."""


def tree(item: Explanation, screen: Screen, *, verbose: bool = False) -> str:
    """One target; ``verbose`` shows every check with its evidence."""
    return "\n".join(_lines(item, screen, verbose=verbose)) + "\n"


def matters(item: Explanation, stage: Stage) -> tuple[Check, ...]:
    """The checks of a stage that a person has to know: what is wrong or unknown, what decided, else what happened."""
    decided_by = item.verdict.decided_by
    deciding = {check.name for check in stage.checks if stage.stage == decided_by.stage and check.name == decided_by.check}
    shown = [check for check in stage.checks if check.name in deciding and check.status is not Status.SKIPPED]
    for check in stage.checks:
        is_beside = check.name in _SELECTORS and deciding
        if check.status in (Status.FAIL, Status.WARN, Status.UNKNOWN) and not is_beside and check not in shown:
            shown.append(check)
    told = [check for check in stage.checks if check.name in _TELLING and check.status is Status.PASS] if len(shown) < 2 else []
    found = {id(check) for check in (*shown, *told[:1])}
    return tuple(check for check in stage.checks if id(check) in found) or stage.checks[:1]


def answered(probe: Probe) -> str:
    """What the API server answered, and whether that is what was predicted; else why it was not asked."""
    if not probe.ran:
        return probe.error or ""
    result = "refused" if probe.injected is None else "injected" if probe.injected else "not injected"
    says = {
        True: "as predicted",
        False: "not as predicted: a hand that the API does not show is at work",
        None: "nothing to compare it with",
    }
    return f"The API server's answer: {result}, {says[probe.agrees]}."


def _lines(item: Explanation, screen: Screen, *, verbose: bool) -> Iterator[str]:
    verdict = item.verdict
    sign, style = mark(verdict)
    head = f"{safe_line(item.subject)}: {outcome(item)}."
    yield _hanging(f"{sign} {head} {safe_line(verdict.summary)}", screen, "", style if screen.color else None, len(sign))
    yield screen.paint(f"  Decided by {TITLES[verdict.decided_by.stage]}: {safe_line(verdict.decided_by.check)}", Style.FAINT)
    for stage in item.stages:
        sign, style = MARKS[stage.status]
        yield f"{screen.paint(sign, style)} {screen.paint(TITLES[stage.stage], Style.STRONG)}"
        for check in stage.checks if verbose else matters(item, stage):
            yield from _check(check, screen, verbose=verbose)
    if item.probe:
        yield from _probe(item.probe, screen)
    for advice in item.advice:
        yield from _advice(advice, screen)


def _check(check: Check, screen: Screen, *, verbose: bool) -> Iterator[str]:
    sign, style = MARKS[check.status]
    text = safe_line(check.detail or "in order" if check.status is Status.PASS else check.detail or "not asked")
    yield _hanging(f"{sign} {check.name}: {text}", screen, "  ", style, len(sign))
    shown = check.evidence if verbose else check.evidence[:1] if check.status is Status.FAIL and check.name not in _SELECTORS else ()
    for piece in shown:
        yield screen.paint(wrapped(f"{safe_line(piece)}", screen, "      "), Style.FAINT)


def _probe(probe: Probe, screen: Screen) -> Iterator[str]:
    yield screen.paint("dry run", Style.STRONG)
    if not probe.ran:
        yield _hanging(f"? {safe_line(probe.error or '')}", screen, "  ", Style.WARNING, 1)
        return
    sign, style = ("✓", Style.ADDED) if probe.agrees else ("✗", Style.ERROR)
    yield _hanging(f"{sign} {answered(probe)}", screen, "  ", style, 1)
    for text in (probe.error, f"containers: {', '.join(probe.containers)}" if probe.containers else None, *probe.changes):
        if text:
            yield screen.paint(wrapped(f"{safe_line(text)}", screen, "      "), Style.FAINT)


def _advice(advice: Advice, screen: Screen) -> Iterator[str]:
    safety = advice.fix.safety if advice.fix else Safety.MANUAL
    label = f"{safety} ({FLAGS[safety]}): " if safety in FLAGS else ""
    yield _hanging(f"→ {label}{safe_line(advice.summary)}", screen, "", Style.STRONG, 1)
    if advice.command:
        yield f"    {safe_line(advice.command)}"


def _hanging(text: str, screen: Screen, indent: str, style: Style | None, painted: int) -> str:
    """A paragraph whose first ``painted`` characters have a style, and whose other lines are indented by two more."""
    first, *rest = wrapped(text, screen, indent).split("\n")
    rest = wrapped(" ".join(line.strip() for line in rest), screen, f"{indent}  ").split("\n") if rest else []
    cut = len(indent) + painted
    return "\n".join([indent + screen.paint(first[len(indent) : cut], style) + first[cut:], *rest])
