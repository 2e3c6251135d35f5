"""Explanations in HTML: each target's chain drawn from stage to stage, every check with its evidence, what decided, and the way out."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.chain.checks import Check, Status
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.held import FLAGS
from kubectl_meshfix.injection.explanation import Advice, Explanation, Probe, Stage
from kubectl_meshfix.render.chain.table import mark, outcome
from kubectl_meshfix.render.chain.terminal import MARKS, TITLES, answered
from kubectl_meshfix.render.text.page import bulleted, command, form, page, text
from kubectl_meshfix.render.text.terminal import count

KINDS = {"✗": "wrong", "?": "unknown", "✓": "right"}
"""What a target's sign is called in the page, the worst first."""

WORDS = {
    Status.PASS: "passed",
    Status.FAIL: "failed",
    Status.WARN: "a warning",
    Status.UNKNOWN: "not known",
    Status.SKIPPED: "not asked",
}


def html(explanations: Sequence[Explanation], when: str = "") -> str:
    """A page of targets, those that labels have not their way with first."""
    signs = [mark(item.verdict)[0] for item in explanations]
    ordered = sorted(zip(signs, explanations, strict=True), key=lambda pair: list(KINDS).index(pair[0]))
    wrong, unknown, right = (signs.count(sign) for sign in KINDS)
    headline = _headline(explanations, wrong, unknown)
    boxes = (
        ("wrong", f"Not as asked ({wrong})", True),
        ("unknown", f"Not known ({unknown})", True),
        ("right", f"As asked ({right})", True),
    )
    return page(
        f"kubectl-meshfix explain: {headline}",
        [
            f"<h1>{text(headline)}</h1>",
            "<p>Who gets Istio's sidecar: what API server, injector and kubelet make of each target, and which check decides.</p>",
            f'<p class="faint"><time>{text(when)}</time></p>' if when else "",
        ],
        [
            form("Narrow the targets", boxes) if len(explanations) > 1 else "",
            *(line for sign, item in ordered for line in _target(item, KINDS[sign])),
        ],
        groups=len(explanations),
    )


def _headline(explanations: Sequence[Explanation], wrong: int, unknown: int) -> str:
    if len(explanations) == 1:
        return f"{explanations[0].target}: {outcome(explanations[0])}"
    parts = [*([f"{wrong} not as asked"] if wrong else []), *([f"{unknown} not known"] if unknown else [])]
    return f"{count(len(explanations), 'target')}: {', '.join(parts) or 'all as asked'}"


def _target(item: Explanation, kind: str) -> Iterator[str]:
    yield "<section data-group>"
    yield f'<h2>{text(item.subject)} <span class="faint">{text(item.target.api_version)}</span></h2>'
    yield f'<article data-kind="{kind}" class="{kind}">'
    yield from drawn(item, 3)
    yield "</article>"
    yield "</section>"


def drawn(item: Explanation, level: int) -> Iterator[str]:
    """The verdict, the stages with an arrow between them, and the way out; ``level`` is that of the stages' headings."""
    verdict = item.verdict
    sign = mark(verdict)[0]
    decided_by = f"{TITLES[verdict.decided_by.stage]}, {verdict.decided_by.check}"
    yield f'<p class="verdict"><span class="sign" aria-hidden="true">{sign}</span> <strong>{outcome(item).capitalize()}.</strong> '
    yield f"{text(verdict.summary)}</p>"
    yield f'<p class="faint">Decided by {text(decided_by)}.</p>'
    yield f'<ol class="chain" aria-label="The chain for {text(item.subject)}">'
    for stage in item.stages:
        yield from _stage(item, stage, level)
    yield "</ol>"
    if item.probe:
        yield from _probe(item.probe, level)
    if item.advice:
        yield f'<h{level}>The way out</h{level}><ol class="advice">'
        for advice in item.advice:
            yield from _advice(advice)
        yield "</ol>"


def _stage(item: Explanation, stage: Stage, level: int) -> Iterator[str]:
    decided_by = item.verdict.decided_by
    yield f'<li class="{stage.status}">'
    yield f"<h{level}>{TITLES[stage.stage]} {_status(stage.status)}</h{level}>"
    yield '<ul class="checks">'
    for check in stage.checks:
        yield from _check(check, decided=(stage.stage, check.name) == (decided_by.stage, decided_by.check))
    yield "</ul></li>"


def _check(check: Check, *, decided: bool) -> Iterator[str]:
    decides = decided and check.status is not Status.SKIPPED
    badge = ' <span class="badge">decided</span>' if decides else ""
    yield f'<li class="{check.status} decided">' if decides else f'<li class="{check.status}">'
    yield f"<p><strong>{text(check.name)}</strong> {_status(check.status)}{badge}</p>"
    yield f"<p>{text(check.detail)}</p>" if check.detail else ""
    if check.evidence:
        opened = " open" * decides
        yield f"<details{opened}><summary>Evidence</summary>{bulleted(check.evidence)}</details>"
    yield "</li>"


def _status(status: Status) -> str:
    return f'<span class="status"><span aria-hidden="true">{MARKS[status][0]}</span> {WORDS[status]}</span>'


def _probe(probe: Probe, level: int) -> Iterator[str]:
    yield f"<h{level}>Dry run</h{level}>"
    yield f"<p>{text(answered(probe))}</p>"
    facts = (probe.error if probe.ran else None, f"containers: {', '.join(probe.containers)}" if probe.containers else None, *probe.changes)
    if any(facts):
        yield bulleted(fact for fact in facts if fact)


def _advice(advice: Advice) -> Iterator[str]:
    safety = advice.fix.safety if advice.fix else Safety.MANUAL
    label = f'<span class="badge">{safety}: {FLAGS[safety]}</span> ' if safety in FLAGS else ""
    yield f"<li><p>{label}{text(advice.summary)}</p>"
    yield command(advice.command) if advice.command else ""
    yield "</li>"
