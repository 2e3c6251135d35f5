"""Whether a trace is as expected."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import msgspec

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.expectations.branches import flags, goes_to, has_destination, is_allowed, is_mutual_tls
from kubectl_meshfix.expectations.terms import Complaint, Expected, Field, Verdict, Why
from kubectl_meshfix.expectations.worlds import World, worlds
from kubectl_meshfix.traffic.trace.answers import Branch, Trace

_CLOSE = Fraction(1, 20_000)
"""Shares are compared to a hundredth of a percent, as they are shown."""


def judge(trace: Trace, expected: Sequence[Expected], namespace: str = "") -> tuple[Complaint, ...]:
    """What is not as expected; nothing where all is. ``namespace`` is that of short names of hosts.

    What holds whatever is not known holds. What only some of that would contradict is a complaint about not knowing.
    """
    found = (complaint for one in expected for complaint in _judged(trace, one, namespace))
    return tuple({(item.field, item.wanted, item.got, item.why): item for item in found}.values())


def verdict_of(complaints: Sequence[Complaint]) -> Verdict:
    """What complaints come to."""
    if not complaints:
        return Verdict.HOLDS
    return Verdict.UNKNOWN if all(item.why is Why.UNKNOWN for item in complaints) else Verdict.FAILS


def _judged(trace: Trace, one: Expected, namespace: str) -> list[Complaint]:
    found = worlds(trace, one.given)
    if not found:
        known = dict.fromkeys(str(item.unknown.of) for branch in trace.branches for item in branch.given)
        return [Complaint(field=Field.GIVEN, wanted=", ".join(one.given), got="; ".join(known), branch=trace.foremost)]
    complaints = [list(_of_world(world, one, namespace)) for world in found]
    wrong = [item for item in complaints if item]
    if not wrong:
        return []
    if len(wrong) == len(complaints):
        return min(wrong, key=len)
    return [_depends(item, trace) for item in wrong[0]]


def _depends(complaint: Complaint, trace: Trace) -> Complaint:
    """The complaint as one about not knowing: it is made in some worlds and not in others."""
    own = complaint.branch.given if complaint.branch else ()
    every = (item for branch in trace.branches for item in branch.given)
    found = tuple(dict.fromkeys(item.unknown for item in own or every))
    return msgspec.structs.replace(complaint, why=Why.UNKNOWN, unknowns=(*complaint.unknowns, *found))


def _of_world(world: World, one: Expected, namespace: str) -> Iterator[Complaint]:
    """The complaints where everything is decided."""
    has_place = bool(one.destination or one.subset)
    if one.share is None:
        part = list(world)
        for branch in part:
            yield from _place(branch, one, namespace)
    else:
        wanted = _place if has_place else _manner
        part = [branch for branch in world if not list(wanted(branch, one, namespace))]
        there = sum((branch.share for branch in part), start=Fraction(0))
        if abs(there - one.share) > _CLOSE:
            goal = " ".join(filter(None, (one.destination, f"subset {one.subset}" if one.subset else "")))
            yield Complaint(field=Field.SHARE, wanted=percent(one.share), got=percent(there), branch=_largest(part or world), part=goal)
    for branch in part if one.share is None or has_place else ():
        yield from _manner(branch, one, namespace)


def _largest(branches: Sequence[Branch]) -> Branch:
    return max(branches, key=lambda branch: (branch.ending.arrives is not True, branch.share))


def percent(share: Fraction) -> str:
    """``90%``, as it is written in a file of expectations."""
    return f"{round(float(share) * 100, 2):g}%"


def _place(branch: Branch, one: Expected, namespace: str) -> Iterator[Complaint]:
    """Where it goes."""
    if not (one.destination or one.subset):
        return
    if not has_destination(branch):
        field, wanted = (Field.DESTINATION, one.destination) if one.destination else (Field.SUBSET, one.subset)
        yield Complaint(field=field, wanted=wanted, why=Why.ENDS_BEFORE, branch=branch)
        return
    if one.destination and not goes_to(branch, one.destination, namespace):
        got = str(branch.to.party) if "/" in one.destination and branch.to.party else f"{branch.to.host}:{branch.to.port}"
        yield Complaint(field=Field.DESTINATION, wanted=one.destination, got=got, branch=branch)
    if one.subset and branch.to.subset != one.subset:
        yield Complaint(field=Field.SUBSET, wanted=one.subset, got=branch.to.subset or "none", branch=branch)


def _manner(branch: Branch, one: Expected, _namespace: str) -> Iterator[Complaint]:
    """How it ends."""
    ending = branch.ending
    wants_arrival = arrival(one)
    if ending.arrives is None:
        yield Complaint(field=Field.ARRIVES, wanted=word(wants_arrival), why=Why.UNKNOWN, branch=branch, unknowns=_undecided(branch))
        return
    if wants_arrival is not None and ending.arrives is not wants_arrival:
        is_answer = ending.arrives and one.status is not None
        field, wanted = (Field.STATUS, str(one.status)) if is_answer else (Field.ARRIVES, word(wants_arrival))
        yield Complaint(field=field, wanted=wanted, got=word(ending.arrives), why=Why.ANSWERED if is_answer else Why.DIFFERS, branch=branch)
        return
    if one.status is not None and ending.status != one.status:
        if ending.arrives:
            yield Complaint(field=Field.STATUS, wanted=str(one.status), why=Why.ANSWERED, branch=branch)
        else:
            yield Complaint(field=Field.STATUS, wanted=str(one.status), got=str(ending.status or "none"), branch=branch)
    if one.flag and not set(one.flag.upper().split(",")) <= flags(branch):
        yield Complaint(field=Field.FLAG, wanted=one.flag, got=",".join(sorted(flags(branch))) or "none", branch=branch)
    if one.location and ending.location != one.location:
        yield Complaint(field=Field.LOCATION, wanted=one.location, got=ending.location or "none", branch=branch)
    yield from _yes_or_no(Field.ALLOWED, one.allowed, is_allowed(branch), branch)
    for complaint in _yes_or_no(Field.MTLS, one.mtls, is_mutual_tls(branch), branch):
        yield msgspec.structs.replace(complaint, got=str(ending.transport)) if ending.transport else complaint


def arrival(one: Expected) -> bool | None:
    """Whether the request has to arrive: as it is said; and also where nothing says how it ends."""
    if one.arrives is not None:
        return one.arrives
    says_how = one.status is not None or one.flag or one.location or one.allowed is False
    return None if says_how else True


def _yes_or_no(field: Field, wanted: bool | None, is_so: bool | None, branch: Branch) -> Iterator[Complaint]:
    if wanted is None or is_so is wanted:
        return
    if is_so is None:
        yield Complaint(field=field, wanted=word(wanted), why=Why.ENDS_BEFORE, branch=branch)
    else:
        yield Complaint(field=field, wanted=word(wanted), got=word(is_so), branch=branch)


def word(value: bool | None) -> str:
    """A truth value as YAML writes it."""
    return "true" if value or value is None else "false"


def _undecided(branch: Branch) -> tuple[Unknown, ...]:
    """What the end of a branch hangs on."""
    by = branch.ending.by
    if by is not None and by.unknown is not None:
        return (by.unknown,)
    return tuple(dict.fromkeys(step.unknown for step in branch.steps if step.unknown is not None))
