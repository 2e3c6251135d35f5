"""What to expect of a request so that it is as it is now."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import msgspec

from kubectl_meshfix.expectations.branches import flags, has_destination, is_allowed, is_mutual_tls
from kubectl_meshfix.expectations.judging import judge
from kubectl_meshfix.expectations.terms import Expected
from kubectl_meshfix.expectations.worlds import worlds
from kubectl_meshfix.traffic.hosts import CLUSTER_DOMAIN
from kubectl_meshfix.traffic.trace.answers import Branch, Trace


def described(trace: Trace) -> tuple[Expected, ...]:
    """As much as is known for certain, in as many parts as there are; nothing where that is nothing."""
    found = (parts for parts in _attempts(trace) if parts and not judge(trace, parts))
    return next(found, ())


def _attempts(trace: Trace) -> Iterator[tuple[Expected, ...]]:
    """Descriptions, the one that says most first."""
    certain = [branch for branch in trace.branches if not branch.given] or list(trace.branches[:1])
    whole = _parts(certain)
    yield whole
    yield tuple(msgspec.structs.replace(part, mtls=None) for part in whole)
    first = trace.branches[0]
    yield (Expected(arrives=True, mtls=is_mutual_tls(first)),)
    yield (Expected(arrives=True),)
    if first.ending.status is not None:
        yield (Expected(status=first.ending.status),)
    yield (Expected(arrives=False),)
    yield from (_given(trace, branch) for branch in sorted(trace.branches, key=lambda branch: branch.ending.arrives is not True))


def _given(trace: Trace, branch: Branch) -> tuple[Expected, ...]:
    """The world that a branch is of, with the conditions that lead to it."""
    given = tuple(f"{'' if item.is_so else 'not '}{item.unknown.of}" for item in branch.given)
    found = worlds(trace, given)
    return tuple(msgspec.structs.replace(part, given=given) for part in _parts(found[0])) if len(found) == 1 and given else ()


def _parts(branches: Sequence[Branch]) -> tuple[Expected, ...]:
    """The branches that say the same together, with their shares where there are several."""
    found: list[tuple[Expected, Branch]] = [(_described(branch), branch) for branch in branches]
    kinds = list(dict.fromkeys(item for item, _ in found))
    if len(kinds) == 1:
        return (kinds[0],)
    return tuple(
        msgspec.structs.replace(kind, share=sum((branch.share for item, branch in found if item == kind), start=Fraction(0)))
        for kind in kinds
    )


def _described(branch: Branch) -> Expected:
    ending = branch.ending
    host = branch.to.host.removesuffix(f".svc.{CLUSTER_DOMAIN}") if has_destination(branch) else ""
    place = Expected(destination=f"{host}:{branch.to.port}" if host else "", subset=branch.to.subset if host else "")
    if ending.arrives:
        return msgspec.structs.replace(place, arrives=True, mtls=is_mutual_tls(branch))
    if is_allowed(branch) is False:
        return msgspec.structs.replace(place, allowed=False, status=ending.status)
    return msgspec.structs.replace(
        place,
        arrives=None if ending.status else ending.arrives,
        status=ending.status,
        flag=",".join(sorted(flags(branch))),
        location=ending.location,
    )
