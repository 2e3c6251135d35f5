"""Traces as Mermaid flowcharts, for tickets and wikis that draw them."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.chain.steps import Status
from kubectl_meshfix.render.chain.mermaid import CLASSES, quoted
from kubectl_meshfix.render.trace import telling, words
from kubectl_meshfix.traffic.trace.answers import Branch, Hop, Trace

_BEST = (Status.PASS, Status.SKIPPED, Status.WARN, Status.UNKNOWN, Status.FAIL)
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
    """A branch's hops, and its end with what decided; a hop that another branch has drawn is drawn once, as it is for the first."""
    previous, way = start, ""
    for hop in branch.hops:
        way = f"{way}|{hop.role}|{hop.party}"
        if way not in drawn:
            drawn[way] = f"{start}_h{len(drawn)}"
            yield f"  {drawn[way]}[{quoted(words.hop_title(hop))}]:::{_status(trace, branch.hops.index(hop), hop)}"
            yield f"  {previous} --> {drawn[way]}"
        previous = drawn[way]
    yield f"  {key}({quoted(_end(trace, branch))}):::{_ENDS[branch.ending.arrives]}"
    part = words.share(branch)
    yield f"  {previous} -->|{quoted(part)}| {key}" if part else f"  {previous} --> {key}"


def _status(trace: Trace, place: int, hop: Hop) -> Status:
    """The best of a hop's statuses in all branches that go through it."""
    alike = [item.hops[place] for item in trace.branches if len(item.hops) > place and str(item.hops[place].party) == str(hop.party)]
    return min(map(telling.status_of, alike), key=_BEST.index)


def _end(trace: Trace, branch: Branch) -> str:
    ending = branch.ending
    text = f"{words.mark(ending.arrives)[0]} {words.outcome(trace.request, ending)}"
    by = ending.by
    return f"{text}, by {words.place(by.at)}" if by and by.at and not ending.arrives else text
