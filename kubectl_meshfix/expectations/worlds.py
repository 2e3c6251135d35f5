"""What is not known has several worlds: in each of them everything is decided, and its branches are all requests."""

from collections.abc import Sequence
from itertools import product

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.traffic.trace.answers import Branch, Trace

MANY = 8
"""So many unknowns are put together in every way; of more, the branches of each condition are looked at alone."""

World = tuple[Branch, ...]


def worlds(trace: Trace, given: Sequence[str] = ()) -> tuple[World, ...]:
    """The worlds in which the words of ``given`` hold, each once; none where no condition has such words."""
    unknowns = list(dict.fromkeys(item.unknown for branch in trace.branches for item in branch.given))
    pinned: dict[Unknown, bool] = {}
    for words in given:
        is_so, text = not words.startswith("not "), words.removeprefix("not ").lower()
        meant = [unknown for unknown in unknowns if text in str(unknown.of).lower()]
        if not meant:
            return ()
        pinned |= dict.fromkeys(meant, is_so)
    free = [unknown for unknown in unknowns if unknown not in pinned]
    if len(free) > MANY:
        return tuple((branch,) for branch in trace.branches if _fits(branch, pinned))
    ways = (pinned | dict(zip(free, values, strict=True)) for values in product((True, False), repeat=len(free)))
    found = (tuple(number for number, branch in enumerate(trace.branches) if _holds(branch, way)) for way in ways)
    return tuple(tuple(trace.branches[number] for number in numbers) for numbers in dict.fromkeys(found) if numbers)


def _holds(branch: Branch, way: dict[Unknown, bool]) -> bool:
    return all(way[item.unknown] is item.is_so for item in branch.given)


def _fits(branch: Branch, pinned: dict[Unknown, bool]) -> bool:
    return all(pinned.get(item.unknown, item.is_so) is item.is_so for item in branch.given)
