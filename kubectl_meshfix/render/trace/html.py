"""Traces in HTML: the verdict, the way from proxy to proxy with every check, and the findings on it."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.chain.steps import Status, Step
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.render.chain.signs import MARKS, WORDS
from kubectl_meshfix.render.text.page import bulleted, command, page, text
from kubectl_meshfix.render.text.terminal import count
from kubectl_meshfix.render.trace import telling, words
from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.traffic.trace.answers import Branch, Hop, Trace

_KINDS = {True: "right", False: "wrong", None: "unknown"}

Row = tuple[Trace, Sequence[Diagnosis], Sequence[str]]


def html(rows: Sequence[Row], when: str = "") -> str:
    """A page of traces, each with its branches, the findings on its way, and the commands that lead on."""
    headline = words.request(rows[0][0].request) if len(rows) == 1 else count(len(rows), "request")
    return page(
        f"kubectl-meshfix trace: {headline}",
        [
            f"<h1>{text(headline)}</h1>",
            "<p>What happens to a request: every proxy on its way, and the object that decides each step.</p>",
            f'<p class="faint"><time>{text(when)}</time></p>' if when else "",
        ],
        [line for row in rows for line in _trace(row)],
        groups=len(rows),
    )


def _trace(row: Row) -> Iterator[str]:
    trace, findings, advice = row
    yield "<section data-group>"
    yield f'<h2>{text(words.request(trace.request))} <span class="faint">from {text(words.caller(trace))}</span></h2>'
    yield f'<article data-kind="{_KINDS[trace.arrives]}" class="{_KINDS[trace.arrives]}">'
    sign = words.mark_of(trace)[0]
    yield f'<p class="verdict"><span class="sign" aria-hidden="true">{sign}</span> <strong>{text(words.headline(trace))}</strong></p>'
    for branch in sorted(trace.branches, key=lambda branch: branch is not trace.foremost):
        yield from _branch(trace, branch, many=len(trace.branches) > 1)
    if findings or advice:
        yield "<h3>The way out</h3>"
        yield bulleted(f"{item.code} {item.resource}: {item.message}" for item in findings)
        yield from map(command, advice)
    yield "</article>"
    yield "</section>"


def _branch(trace: Trace, branch: Branch, *, many: bool) -> Iterator[str]:
    if many:
        sign = words.mark(branch.ending.arrives)[0]
        title = f"{sign} {words.share(branch)} → {words.meant(branch.to)}: {words.outcome(trace.request, branch.ending)}"
        yield f"<h3>{text(title)}</h3>"
    yield '<ol class="chain">'
    for hop in branch.hops:
        yield from _hop(hop)
    yield "</ol>"
    if body := words.long_body(branch.ending):
        yield f'<p class="faint">The caller reads: <code>{text(body)}</code></p>'
    for side, log in words.logs(branch):
        yield f'<p class="faint">The {side}&#x27;s access log: <code>{text(words.log_line(log))}</code></p>'


def _hop(hop: Hop) -> Iterator[str]:
    """What matters of a hop, and every check folded away."""
    status = telling.status_of(hop)
    yield f'<li class="{status}">'
    yield f"<h4>{text(words.hop_title(hop))} {_status(WORDS[status], status)}</h4>"
    brief = telling.matters(hop)
    yield from _checks(brief)
    if len(brief) < len(hop.steps):
        yield f"<details><summary>All {len(hop.steps)} checks</summary>"
        yield from _checks(hop.steps)
        yield "</details>"
    yield "</li>"


def _checks(steps: Sequence[Step]) -> Iterator[str]:
    yield '<ul class="checks">'
    for step in steps:
        yield from _step(step)
    yield "</ul>"


def _step(step: Step) -> Iterator[str]:
    yield f'<li class="{step.status}">'
    yield f"<p><strong>{text(f'{step.stage}: {step.check}')}</strong> {_status(step.outcome.word or WORDS[step.status], step.status)}</p>"
    yield f"<p>{text(sentence(step))}</p>"
    if step.at:
        yield f'<p class="faint">{text(words.place(step.at))}</p>'
    if step.evidence:
        yield f"<details><summary>Evidence</summary>{bulleted(step.evidence)}</details>"
    yield "</li>"


def _status(word: str, status: Status) -> str:
    return f'<span class="status"><span aria-hidden="true">{MARKS[status][0]}</span> {text(word)}</span>'
