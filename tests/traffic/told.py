"""All that trace tells of the situations, once for each wording and place; ``make docs`` writes ``told.txt``.

What becomes of a request is in the situations' rows. How it is told, check by check, is read here, in a change's diff.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from kubectl_meshfix.chain.steps import Step
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.traffic.trace.answers import Branch
from tests.traffic.recorded.test_recorded import asked, branches
from tests.traffic.situations.scenes import ask, situations, traced
from tests.traffic.worlds import World

FILE = Path(__file__).with_name("told.txt")


def text() -> str:
    """The whole file: a situation, its ways, and of their proxies' checks and sentences those that none before it has told."""
    before: set[str] = set()
    return "\n".join("\n".join((title, *_ways(ways, before), "")) for title, ways in _traces())


def _traces() -> Iterator[tuple[str, Sequence[Branch]]]:
    """Situations in files and as a cluster that runs, then what a mesh was asked."""
    for item in situations():
        yield f"{item.name}: {item.what}", traced(item.name).branches
    for item in situations():
        world = World(item.documents, item.caller, item.request)
        yield f"{item.name}, running", ask(world.live, item.caller, item.request).branches
    for case in asked():
        yield case.name, branches(case)


def _ways(found: Sequence[Branch], before: set[str]) -> Iterator[str]:
    for branch in found:
        ending = branch.ending
        end = ending.status or (ending.symptom.name if ending.symptom else "arrives" if ending.arrives else "may arrive")
        given = "".join(f", {'if' if item.is_so else 'unless'} {item.unknown.of}" for item in branch.given)
        logs = "; ".join(f"{log.code or '-'} {log.flag or '-'} {log.details or '-'}" for log in (ending.client, ending.server) if log)
        yield f"= {branch.share} {end}{given}: {_destination(branch)}{f' ({logs})' if logs else ''}"
        for hop in branch.hops:
            lines = (f"  {hop.role} {hop.party}: {' '.join(map(_check, hop.steps))}", *(f"    {_told(step)}" for step in hop.steps))
            yield from (line for line in dict.fromkeys(lines) if line not in before)
            before.update(lines)


_MARKS = {"pass": "", "fail": "!", "warn": "~", "skipped": "-"}


def _check(step: Step) -> str:
    return step.check + _MARKS.get(step.status, "?")


def _destination(branch: Branch) -> str:
    to, wire = branch.to, branch.ending.transport
    subset = f" {to.subset}" if to.subset else ""
    more = {"location": branch.ending.location, "delay": branch.delay, "timeout": branch.timeout, "mirrors": " ".join(branch.mirrors)}
    rest = "".join(f", {name} {value}" for name, value in more.items() if value)
    return f"{to.host}:{to.port}{subset} on {to.container_port}" + (f" by {wire.value}" if wire else "") + rest


def _told(step: Step) -> str:
    place = f" [{step.at.resource}{step.at.path}]" if step.at else ""
    unknown = f" ? {step.unknown.of}, settled by {step.unknown.settled_by}" if step.unknown is not None else ""
    evidence = f" ({'; '.join(step.evidence)})" if step.evidence else ""
    return f"{step.status}: {sentence(step)}{place}{evidence}{unknown}"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
