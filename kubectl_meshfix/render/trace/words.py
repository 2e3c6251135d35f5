"""Words that all formats of a trace share: of a verdict, a branch, a log line, a share."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import msgspec

from kubectl_meshfix.chain.alternatives import Given
from kubectl_meshfix.chain.steps import Step, Where
from kubectl_meshfix.chain.words import lowered, sentence
from kubectl_meshfix.render.text.field_path import field_path
from kubectl_meshfix.render.text.terminal import Style, count
from kubectl_meshfix.traffic.responses import GRPC_STATUS, Log
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.trace.answers import Branch, Destination, Ending, Hop, Trace

TEMPLATES = frozenset({"/spec/template", "/spec/jobTemplate/spec/template"})
"""What the title of a hop names already."""

_SHORT = 40
"""A body of no more characters stands in the verdict; longer ones have a line of their own."""

_PARTS = 3
"""So many parts of a request are named."""


_OTHER = {
    "listener": "another listener",
    "route": "another route",
    "cluster": "other clusters",
    "endpoints": "other endpoints",
    "tls": "other TLS",
}

GRPC_NAMES = {2: "UNKNOWN", 7: "PERMISSION_DENIED", 12: "UNIMPLEMENTED", 13: "INTERNAL", 14: "UNAVAILABLE", 16: "UNAUTHENTICATED"}


def mark(arrives: bool | None, *, is_partial: bool = False) -> tuple[str, Style]:
    """The sign of a verdict: it arrives, it does not, it does in part, or nobody knows."""
    if arrives is None:
        return ("!", Style.WARNING) if is_partial else ("?", Style.WARNING)
    return ("✓", Style.ADDED) if arrives else ("✗", Style.ERROR)


def mark_of(trace: Trace) -> tuple[str, Style]:
    """The sign of a whole trace; ``!`` where some of the requests are known not to arrive."""
    fails = any(branch.ending.arrives is False and not branch.given for branch in trace.branches)
    return mark(trace.arrives, is_partial=fails or bool(trace.parted))


def caller(trace: Trace) -> str:
    """Who calls, and behind which proxy."""
    return _with_plane(trace.caller)


def request(asked: Request) -> str:
    """A request in a line."""
    return str(asked)


def headline(trace: Trace) -> str:
    """The verdict in a sentence; of several branches the one to speak of first, with its share."""
    arrived = [branch for branch in trace.branches if branch.ending.arrives]
    if len(arrived) == len(trace.branches) > 1 and not any(branch.given for branch in arrived):
        said = _all_arrive(arrived)
    else:
        said = verdict(trace, msgspec.structs.replace(trace.foremost, share=common_share(trace)))
    if trace.parted:
        inner = f"it {said[3:]}" if said.startswith("It ") else lowered(said)
        return f"By the objects, {inner.removesuffix('.')}; {_parted(trace.parted)}."
    return f"{said.removesuffix('.')}, unless {' or '.join(trace.altering)} changes that." if trace.altering else said


def _parted(steps: Sequence[Step]) -> str:
    """Which proxies have something else, and what."""
    found: dict[str, list[str]] = {}
    for step in steps:
        found.setdefault(str(step.args["pod"]), []).append(_OTHER[step.check])
    return " and ".join(f"{pod} has {' and '.join(dict.fromkeys(parts))}" for pod, parts in found.items())


def _all_arrive(branches: Sequence[Branch]) -> str:
    """Where the parts of a request go that all arrive, the largest first."""
    ordered = sorted(branches, key=lambda branch: -branch.share)
    ways = dict.fromkeys(_over(branch.ending) for branch in ordered)
    shared = ways.popitem()[0] if len(ways) == 1 else ""
    shown = [f"{percent(branch.share)} at {_end(branch.to)}{'' if shared else _over(branch.ending)}" for branch in ordered[:_PARTS]]
    rest = [f"and {count(len(ordered) - _PARTS, 'other place')}"] if len(ordered) > _PARTS else []
    return f"It arrives{shared}: {', '.join([*shown, *rest])}."


def common_share(trace: Trace) -> Fraction:
    """The part of the requests that end as the foremost branch does, for the same kind of reason; its own where that has conditions."""
    first = trace.foremost
    if first.given:
        return first.share
    return sum((branch.share for branch in trace.branches if not branch.given and _ends_alike(trace, first, branch)), Fraction(0))


def _ends_alike(trace: Trace, one: Branch, other: Branch) -> bool:
    outcomes = [branch.ending.by.outcome if branch.ending.by else None for branch in (one, other)]
    return outcomes[0] == outcomes[1] and outcome(trace.request, one.ending) == outcome(trace.request, other.ending)


def verdict(trace: Trace, branch: Branch) -> str:
    """How a branch ends and why, with its share and what it takes for granted."""
    ending = branch.ending
    part = _part(branch)
    if ending.arrives:
        return f"It {_goal(branch.to)}{_over(ending)}{part}."
    why = reason(branch)
    if ending.arrives is None:
        return f"It is not known whether it arrives{part}. {why}".rstrip()
    said = f"{outcome(trace.request, ending)}{part}"
    return f"{said}: {why}" if why else f"{said}."


def outcome(asked: Request, ending: Ending) -> str:
    """What the caller sees in a few words: ``503 NC``, ``403 RBAC: access denied``, ``connection reset (curl 56)``."""
    if ending.arrives:
        return "arrives"
    if ending.status is None:
        return f"{ending.symptom} (curl {ending.symptom.curl})" if ending.symptom else "not known"
    flag = f" {ending.client.flag}" if ending.client and ending.client.flag else ""
    body = f" {ending.body}" if ending.body and len(ending.body) <= _SHORT else ""
    to = f" to {ending.location}" if ending.location else ""
    if asked.scheme is Scheme.GRPC and ending.failure:
        code = GRPC_STATUS.get(ending.status, 2)
        return f"grpc-status {code} {GRPC_NAMES[code]}{flag}{body}"
    return f"{ending.status}{flag}{body}{to}"


def share(branch: Branch) -> str:
    """A branch's part of the requests, and what it takes for granted."""
    part = "" if branch.share == 1 else percent(branch.share)
    return ", ".join(filter(None, (part, _condition(branch))))


def _part(branch: Branch) -> str:
    """The same in the middle of a sentence."""
    part = "" if branch.share == 1 else f"for {percent(branch.share)} of requests"
    return "".join(f" {text}" for text in (part, _condition(branch)) if text)


def _condition(branch: Branch) -> str:
    conditions = " and ".join(given(item) for item in branch.given)
    return f"if {conditions}" if conditions else ""


def given(item: Given) -> str:
    """A condition in words."""
    return f"{'' if item.is_so else 'not '}{str(item.unknown.of).removeprefix('whether ')}"


def reason(branch: Branch) -> str:
    """What decided a branch, in a sentence with the object."""
    return said(branch.ending.by) if branch.ending.by else ""


def said(step: Step) -> str:
    """A step's sentence, with its object and field where the object is not in it."""
    text = sentence(step)
    if step.at is None or step.at.path in TEMPLATES or str(step.at.resource) in text:
        return text
    return f"{text.removesuffix('.')} ({place(step.at)})."


def place(at: Where) -> str:
    """An object and a field of it as people write them: ``VirtualService shop/catalog http[1]``."""
    return f"{at.resource} {field_path(at.path).removeprefix('.spec').removeprefix('.')}".rstrip()


def percent(part: Fraction) -> str:
    """``90 %``; with as many digits as it takes, but no more than two after the point."""
    return f"{round(float(part) * 100, 2):g} %"


def _goal(to: Destination) -> str:
    """Where it arrives: the pods and the port on which they are called, the host where nobody here makes them."""
    if to.party and to.party.plane is Plane.OUTSIDE:
        return f"goes to {to.host}:{to.port}, which is outside of the mesh,"
    return f"arrives at {_end(to)}"


def _end(to: Destination) -> str:
    return f"port {to.container_port} of {to.party}" if to.party and to.party.workload else f"{to.host}:{to.port}"


def meant(to: Destination) -> str:
    """Where a branch was to go: the host, its port and subset, and the pods."""
    pods = f", {to.party}" if to.party and to.party.workload else ""
    return f"{to.host}:{to.port}" + (f" subset {to.subset}" if to.subset else "") + pods


def hop_title(hop: Hop) -> str:
    """Who a hop is, and behind which proxy."""
    return "a server outside of the mesh" if hop.role == "server" and hop.party.plane is Plane.OUTSIDE else _with_plane(hop.party)


def logs(branch: Branch) -> Iterator[tuple[str, Log]]:
    """Whose access logs tell of a branch, and what they say."""
    first = "gateway" if branch.hops and branch.hops[0].role == "gateway" else "caller"
    for side, log in ((first, branch.ending.client), ("server", branch.ending.server)):
        if log:
            yield side, log


def long_body(ending: Ending) -> str:
    """The body of an answer that is too long for the verdict."""
    return ending.body if len(ending.body) > _SHORT else ""


def log_line(log: Log) -> str:
    """What to look for in an access log: code, flag and details as Istio's format has them."""
    return f"{log.code} {log.flag or '-'} {log.details or '-'}"


def _over(ending: Ending) -> str:
    return f" over {ending.transport}" if ending.transport else ""


def _with_plane(party: Party) -> str:
    if party.plane is Plane.OUTSIDE:
        return str(party)
    return f"{party} ({party.plane})"
