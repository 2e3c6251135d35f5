"""Words that all formats of a trace share: of a verdict, a branch, a log line, a share."""

from collections.abc import Iterator
from fractions import Fraction

from kubectl_meshfix.chain.alternatives import Given
from kubectl_meshfix.chain.steps import Status, Step
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.render.text.terminal import Style
from kubectl_meshfix.traffic.responses import GRPC_STATUS, Log
from kubectl_meshfix.traffic.stages import FOUND, WAYPOINT
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.trace.answers import Branch, Destination, Ending, Hop, Trace

_SAID_ELSEWHERE = frozenset({FOUND, WAYPOINT})
"""Stages whose good outcome the title of a hop says, or the hop that follows."""

GRPC_NAMES = {2: "UNKNOWN", 7: "PERMISSION_DENIED", 12: "UNIMPLEMENTED", 13: "INTERNAL", 14: "UNAVAILABLE", 16: "UNAUTHENTICATED"}


def mark(arrives: bool | None, *, is_partial: bool = False) -> tuple[str, Style]:
    """The sign of a verdict: it arrives, it does not, it does in part, or nobody knows."""
    if arrives is None:
        return ("!", Style.WARNING) if is_partial else ("?", Style.WARNING)
    return ("✓", Style.ADDED) if arrives else ("✗", Style.ERROR)


def mark_of(trace: Trace) -> tuple[str, Style]:
    """The sign of a whole trace; ``!`` where some of the requests are known not to arrive."""
    return mark(trace.arrives, is_partial=any(branch.ending.arrives is False and not branch.given for branch in trace.branches))


def caller(trace: Trace) -> str:
    """Who calls, and behind which proxy."""
    return _with_plane(trace.caller)


def request(asked: Request) -> str:
    """A request in a line."""
    return str(asked)


def headline(trace: Trace) -> str:
    """The verdict in a sentence; of several branches the one to speak of first, with its share."""
    foremost = trace.foremost
    said = verdict(trace, foremost)
    if len(trace.branches) > 1 or foremost.given:
        said = f"{share(foremost)}: {said}"
    return f"{said.removesuffix('.')}, unless {' or '.join(trace.altering)} changes that." if trace.altering else said


def verdict(trace: Trace, branch: Branch) -> str:
    """How a branch ends and why."""
    ending = branch.ending
    if ending.arrives:
        return f"It arrives at {destination(branch.to)}{_over(ending)}."
    why = reason(branch)
    if ending.arrives is None:
        return f"It is not known whether it arrives. {why}".rstrip()
    return f"{outcome(trace.request, ending)}: {why}" if why else f"{outcome(trace.request, ending)}."


def outcome(asked: Request, ending: Ending) -> str:
    """What the caller sees in a few words: ``503 NC``, ``403 RBAC: access denied``, ``connection reset (curl 56)``."""
    if ending.arrives:
        return "arrives"
    if ending.status is None:
        return f"{ending.symptom} (curl {ending.symptom.curl})" if ending.symptom else "not known"
    flag = f" {ending.client.flag}" if ending.client and ending.client.flag else ""
    body = f" {ending.body}" if ending.body and not flag else ""
    to = f" to {ending.location}" if ending.location else ""
    if asked.scheme is Scheme.GRPC and ending.failure:
        code = GRPC_STATUS.get(ending.status, 2)
        return f"grpc-status {code} {GRPC_NAMES[code]}{flag}{body}"
    return f"{ending.status}{flag}{body}{to}"


def share(branch: Branch) -> str:
    """A branch's part of the requests, and what it takes for granted."""
    part = "" if branch.share == 1 else percent(branch.share)
    so = " and ".join(condition(item) for item in branch.given if item.is_so)
    otherwise = " or ".join(condition(item) for item in branch.given if not item.is_so)
    return ", ".join(filter(None, (part, f"if {so}" if so else "", f"unless {otherwise}" if otherwise else "")))


def condition(item: Given) -> str:
    """What is taken for granted, in words that follow an if or an unless."""
    return str(item.unknown.of).removeprefix("whether ")


def reason(branch: Branch) -> str:
    """What decided a branch, in a sentence."""
    return sentence(branch.ending.by) if branch.ending.by else ""


def status_of(hop: Hop) -> Status:
    """The worst status of a hop's steps."""
    found = {step.status for step in hop.steps}
    return next((status for status in (Status.FAIL, Status.UNKNOWN, Status.WARN) if status in found), Status.PASS)


def percent(part: Fraction) -> str:
    """``90 %``; with as many digits as it takes, but no more than two after the point."""
    return f"{round(float(part) * 100, 2):g} %"


def destination(to: Destination) -> str:
    """Where it arrives: the pods and the port on which they are called, the host where nobody here makes them."""
    if to.party and to.party.workload:
        return f"port {to.container_port} of {to.party}"
    return f"{to.host}:{to.port}"


def meant(to: Destination) -> str:
    """Where a branch was to go: the host, its port and subset."""
    return f"{to.host}:{to.port}" + (f" subset {to.subset}" if to.subset else "")


def hop_title(hop: Hop) -> str:
    """Who a hop is, and behind which proxy."""
    return "a server outside of the mesh" if hop.role == "server" and hop.party.plane is Plane.OUTSIDE else _with_plane(hop.party)


def logs(branch: Branch) -> Iterator[tuple[str, Log]]:
    """Whose access logs tell of a branch, and what they say."""
    first = "gateway" if branch.hops and branch.hops[0].role == "gateway" else "caller"
    for side, log in ((first, branch.ending.client), ("server", branch.ending.server)):
        if log:
            yield side, log


def log_line(log: Log) -> str:
    """What to look for in an access log: code, flag and details as Istio's format has them."""
    return f"{log.code} {log.flag or '-'} {log.details or '-'}"


def matters(hop: Hop) -> tuple[Step, ...]:
    """The steps to show where not all are asked for: a stage's last one, and what failed, is odd or is not known."""
    telling = (Status.FAIL, Status.WARN, Status.UNKNOWN)
    last = {
        step.stage: step
        for step in hop.steps
        if (step.status is Status.PASS and step.stage not in _SAID_ELSEWHERE) or step.outcome.check.tells
    }
    return tuple(step for step in hop.steps if step.status in telling or last.get(step.stage) is step)


def _over(ending: Ending) -> str:
    return f" over {ending.transport}" if ending.transport else ""


def _with_plane(party: Party) -> str:
    if party.plane is Plane.OUTSIDE:
        return str(party)
    return f"{party} ({party.plane})"
