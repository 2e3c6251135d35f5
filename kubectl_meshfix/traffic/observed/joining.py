"""A trace with what the proxies on its way have themselves."""

from collections.abc import Iterable, Mapping

import msgspec

from kubectl_meshfix.chain.steps import Step, step, told
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Key, Struct
from kubectl_meshfix.traffic.checks import observed as check
from kubectl_meshfix.traffic.observed.asking import Standing
from kubectl_meshfix.traffic.observed.comparing import compare, not_asked
from kubectl_meshfix.traffic.observed.envoy import Config
from kubectl_meshfix.traffic.trace.answers import Branch, Trace


class Answered(Struct, frozen=True):
    """A proxy's answer: what it has, or half a sentence that says why there is none. ``written`` is as in ``reasons``."""

    of: Standing
    config: Config | None = None
    reason: str = ""
    written: Mapping[Key, str] = {}


def joined(mesh: Mesh, trace: Trace, answers: Iterable[Answered]) -> Trace:
    """The trace, and at each proxy that was asked the steps that say what it has beside what is predicted."""
    branches = trace.branches
    for answer in answers:
        found = _steps(mesh, answer)
        branches = tuple(_with(branch, answer.of, found) for branch in branches)
    return msgspec.structs.replace(trace, branches=branches)


def _steps(mesh: Mesh, answer: Answered) -> tuple[Step, ...]:
    of = answer.of
    if of.pod is None:
        unknown = Unknown(kind=UnknownKind.RUNTIME, of=f"what the proxy of {of.party} has", settled_by="a pod that is ready")
        return (step(check.NOBODY_ASKED, unknown=unknown, workload=str(of.party)),)
    if answer.config is None:
        return (not_asked(of.pod, answer.reason),)
    try:
        return told(compare(mesh, of.pod, of.ways, answer.config, answer.written)).steps
    except ValueError as error:
        return (not_asked(of.pod, str(error)),)


def _with(branch: Branch, of: Standing, found: tuple[Step, ...]) -> Branch:
    hops = list(branch.hops)
    if of.place >= len(hops) or hops[of.place].role != of.role or hops[of.place].party.key != of.party.key:
        return branch
    hops[of.place] = msgspec.structs.replace(hops[of.place], steps=(*hops[of.place].steps, *found))
    return msgspec.structs.replace(branch, hops=tuple(hops))
