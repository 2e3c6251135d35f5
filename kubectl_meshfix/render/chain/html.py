"""Explanations in HTML: each target's chain drawn from stage to stage, every check with its evidence, what decided, and the way out."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.chain.steps import Status, Step
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.fixes.fix import Safety
from kubectl_meshfix.fixes.held import FLAGS
from kubectl_meshfix.injection.explanation import Advice, Explanation, Probe, Stage
from kubectl_meshfix.render.chain.signs import MARKS, TITLES, command_of, decides, mark, outcome, shown_status, stage_word, step_word, why
from kubectl_meshfix.render.chain.table import injected
from kubectl_meshfix.render.chain.terminal import answered
from kubectl_meshfix.render.text.page import bulleted, command, form, page, text
from kubectl_meshfix.render.text.terminal import count
from kubectl_meshfix.resources.meta import Ref

KINDS = {"✗": "wrong", "?": "unknown", "✓": "right"}
"""What a target's sign is called in the page, the worst first."""


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
            *(_overview(ordered) if len(explanations) > 1 else ()),
            *(line for number, (sign, item) in enumerate(ordered) for line in _target(item, KINDS[sign], number)),
        ],
        groups=len(explanations),
    )


def _headline(explanations: Sequence[Explanation], wrong: int, unknown: int) -> str:
    if len(explanations) == 1:
        return f"{explanations[0].subject}: {outcome(explanations[0])}"
    parts = [*([f"{wrong} not as asked"] if wrong else []), *([f"{unknown} not known"] if unknown else [])]
    return f"{count(len(explanations), 'target')}: {', '.join(parts) or 'all as asked'}"


def _overview(ordered: Sequence[tuple[str, Explanation]]) -> Iterator[str]:
    """Every target in a line, with a link to its chain."""
    yield '<table class="overview"><thead><tr><th>Target</th><th>Injected</th><th>Why</th></tr></thead><tbody>'
    for number, (sign, item) in enumerate(ordered):
        target = f'<span aria-hidden="true">{sign}</span> <a href="#target-{number}">{text(item.subject)}</a>'
        yield f"<tr><td>{target}</td><td>{injected(item)}</td><td>{text(why(item))}</td></tr>"
    yield "</tbody></table>"


def _target(item: Explanation, kind: str, number: int) -> Iterator[str]:
    yield f'<section data-group id="target-{number}">'
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
            yield from _advice(item.target, advice)
        yield "</ol>"


def _stage(item: Explanation, stage: Stage, level: int) -> Iterator[str]:
    status = shown_status(item, stage.status)
    yield f'<li class="{status}">'
    yield f"<h{level}>{TITLES[stage.stage]} {_status(status, stage_word(item, stage))}</h{level}>"
    yield '<ul class="checks">'
    for step in stage.steps:
        yield from _step(item, step)
    yield "</ul></li>"


def _step(item: Explanation, step: Step) -> Iterator[str]:
    decided, status = decides(item, step), shown_status(item, step.status)
    badge = ' <span class="badge">decided</span>' if decided else ""
    yield f'<li class="{status} decided">' if decided else f'<li class="{status}">'
    yield f"<p><strong>{text(step.check)}</strong> {_status(status, step_word(item, step))}{badge}</p>"
    yield f"<p>{text(sentence(step))}</p>"
    if step.evidence:
        opened = " open" if decided else ""
        yield f"<details{opened}><summary>Evidence</summary>{bulleted(step.evidence)}</details>"
    yield "</li>"


def _status(status: Status, word: str) -> str:
    return f'<span class="status"><span aria-hidden="true">{MARKS[status][0]}</span> {word}</span>'


def _probe(probe: Probe, level: int) -> Iterator[str]:
    yield f"<h{level}>Dry run</h{level}>"
    yield f"<p>{text(answered(probe))}</p>"
    facts = (probe.error if probe.ran else None, f"containers: {', '.join(probe.containers)}" if probe.containers else None, *probe.changes)
    if any(facts):
        yield bulleted(fact for fact in facts if fact)


def _advice(target: Ref, advice: Advice) -> Iterator[str]:
    safety = advice.fix.safety if advice.fix else Safety.MANUAL
    label = f'<span class="badge">{safety}: {FLAGS[safety]}</span> ' if safety in FLAGS else ""
    yield f"<li><p>{label}{text(advice.summary)}</p>"
    words = command_of(target, advice)
    yield command(words) if words else ""
    yield "</li>"
