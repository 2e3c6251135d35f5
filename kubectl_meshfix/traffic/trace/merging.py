"""Branches that end alike are one: their shares add up, and what makes no difference is no condition."""

from collections.abc import Iterable, Sequence

import msgspec

from kubectl_meshfix.chain.alternatives import Given
from kubectl_meshfix.traffic.trace.answers import Branch


def merged(branches: Iterable[Branch]) -> tuple[Branch, ...]:
    """The branches, those of one end together; without conditions first, then by their shares."""
    found = _added(branches)
    while (fewer := _without_needless(found)) is not None:
        found = _added(fewer)
    return tuple(sorted(found, key=lambda branch: (len(branch.given), -branch.share)))


def _added(branches: Iterable[Branch]) -> list[Branch]:
    """Branches of one end under the same conditions become one, with the steps of the first."""
    kept: dict[tuple[object, ...], Branch] = {}
    for branch in branches:
        key = (_end(branch), branch.given)
        before = kept.get(key)
        kept[key] = msgspec.structs.replace(before, share=before.share + branch.share) if before else branch
    return list(kept.values())


def _without_needless(branches: Sequence[Branch]) -> list[Branch] | None:
    """The branches after one condition that makes no difference is gone; None where every condition makes one."""
    for i, one in enumerate(branches):
        for j, other in enumerate(branches[i + 1 :], i + 1):
            if _end(one) == _end(other) and one.share == other.share and (given := _joined(one.given, other.given)) is not None:
                rest = [branch for k, branch in enumerate(branches) if k not in (i, j)]
                return [*rest, msgspec.structs.replace(one, given=given)]
    return None


def _joined(one: Sequence[Given], other: Sequence[Given]) -> tuple[Given, ...] | None:
    """The conditions without the one in which two lists differ, where that is all that they differ in."""
    if len(one) != len(other):
        return None
    unlike = [k for k, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(unlike) != 1 or one[unlike[0]].unknown != other[unlike[0]].unknown:
        return None
    return (*one[: unlike[0]], *one[unlike[0] + 1 :])


def _end(branch: Branch) -> tuple[object, ...]:
    """Where a branch ends, and how; equal for those that a caller cannot tell apart."""
    ending, to = branch.ending, branch.to
    party = to.party.workload.ref if to.party and to.party.workload else to.party and (to.party.plane, to.party.namespace, to.party.gateway)
    return (
        to.host, to.port, to.subset, party, to.container_port, branch.delay, branch.timeout, branch.mirrors,
        ending.arrives, ending.status, ending.symptom, ending.failure, ending.transport, ending.location, ending.body,
        ending.by.identity if ending.by and ending.arrives is not True else None,
    )  # fmt: skip
