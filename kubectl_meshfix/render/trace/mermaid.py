"""Traces as Mermaid flowcharts, for tickets and wikis that draw them."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.chain.steps import Status
from kubectl_meshfix.render.chain.mermaid import CLASSES, quoted
from kubectl_meshfix.render.chain.signs import MARKS
from kubectl_meshfix.render.trace import words
from kubectl_meshfix.traffic.trace.answers import Branch, Hop, Trace

_ENDS = {True: Status.PASS, False: Status.FAIL, None: Status.UNKNOWN}


def mermaid(traces: Sequence[Trace]) -> str:
    """One chart; each request from its caller over the hops to its ends, with the share of each branch."""
    lines = ["flowchart LR", *(line for number, trace in enumerate(traces) for line in _chart(trace, f"t{number}"))]
    lines += [f"  classDef {status} {look}" for status, look in CLASSES.items()]
    return "\n".join(lines) + "\n"


def _chart(trace: Trace, key: str) -> Iterator[str]:
    yield f"  {key}({quoted(words.request(trace.request))})"
    drawn: dict[str, str] = {}
    for number, branch in enumerate(trace.branches):
        yield from _branch(trace, branch, key, f"{key}_b{number}", drawn)


def _branch(trace: Trace, branch: Branch, start: str, key: str, drawn: dict[str, str]) -> Iterator[str]:
    """A branch's hops; those that another branch has drawn are drawn once."""
    previous, way = start, ""
    for hop in branch.hops:
        way = f"{way}|{hop.role}|{hop.party}|{[step.identity for step in hop.steps]}"
        if way not in drawn:
            drawn[way] = f"{start}_h{len(drawn)}"
            node = drawn[way]
            yield f"  {node}[{quoted(_label(hop))}]:::{words.status_of(hop)}"
            yield f"  {previous} --> {node}"
        previous = drawn[way]
    end = f"{words.mark(branch.ending.arrives)[0]} {words.outcome(trace.request, branch.ending)}"
    part = words.share(branch)
    yield f"  {key}({quoted(end)}):::{_ENDS[branch.ending.arrives]}"
    yield f"  {previous} -->|{quoted(part)}| {key}" if part else f"  {previous} --> {key}"


def _label(hop: Hop) -> str:
    decisive = [step for step in hop.steps if step.status is words.status_of(hop)]
    return f"{words.hop_title(hop)}: {MARKS[words.status_of(hop)][0]} {decisive[-1].stage}" if decisive else words.hop_title(hop)
