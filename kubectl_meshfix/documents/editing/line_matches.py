"""Which lines of a text an edit has left, found in about the time it takes to read them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher
from itertools import pairwise


def line_matcher(old: Sequence[str], new: Sequence[str]) -> SequenceMatcher[str]:
    """A matcher of lines that has its matching blocks already.

    ``SequenceMatcher`` compares each line with every line like it, again for each stretch between two edits. An edit leaves nearly
    all lines where they are, so those that each text has once give the blocks, and only what lies between these is compared.
    Where two blocks could both have a line, the longer one gets it, as ``SequenceMatcher`` has it.
    """
    matcher = SequenceMatcher(None, old, new)
    anchors = _anchors(old, new)
    if anchors and all(one[1] < other[1] for one, other in pairwise(anchors)):
        ends = Match(len(old), len(new), 0)
        blocks = _joined([*_filled(matcher, [*_apart(_runs(old, new, anchors)), ends]), ends])
        # What get_matching_blocks keeps, and the types of the standard library leave out.
        matcher.matching_blocks = blocks  # type: ignore[attr-defined]
    return matcher


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The lines that each text has once, as their numbers in both, in the order of the old text."""
    counts = Counter(new)
    there = {line: index for index, line in enumerate(new) if counts[line] == 1}
    counts = Counter(old)
    return [(index, there[line]) for index, line in enumerate(old) if counts[line] == 1 and line in there]


def _runs(old: Sequence[str], new: Sequence[str], anchors: Sequence[tuple[int, int]]) -> Iterator[Match]:
    """The longest equal stretch around each anchor, each once. Two of them may overlap in one of the texts."""
    end = 0
    for first, other in anchors:
        if first < end:
            continue
        back = 0
        while back < min(first, other) and old[first - back - 1] == new[other - back - 1]:
            back += 1
        size = 1
        while first + size < len(old) and other + size < len(new) and old[first + size] == new[other + size]:
            size += 1
        end = first + size
        yield Match(first - back, other - back, back + size)


def _apart(runs: Iterator[Match]) -> list[Match]:
    """The stretches with what two of them share left to the longer, the first where they are as long."""
    apart: list[Match] = []
    for run in runs:
        if apart:
            last = apart[-1]
            shared = max(last.a + last.size - run.a, last.b + last.size - run.b, 0)
            if last.size < run.size:
                apart[-1], shared = Match(last.a, last.b, last.size - shared), 0
            apart.append(Match(run.a + shared, run.b + shared, run.size - shared))
        else:
            apart.append(run)
    return apart


def _filled(matcher: SequenceMatcher[str], runs: Sequence[Match]) -> Iterator[Match]:
    """The stretches, and between them what is equal there as well."""
    a = b = 0
    for run in runs:
        yield from _between(matcher, a, run.a, b, run.b)
        yield run
        a, b = run.a + run.size, run.b + run.size


def _between(matcher: SequenceMatcher[str], a: int, a_end: int, b: int, b_end: int) -> list[Match]:
    left, blocks = [(a, a_end, b, b_end)], []
    while left:
        a, a_end, b, b_end = left.pop()
        if a < a_end and b < b_end and (found := matcher.find_longest_match(a, a_end, b, b_end)).size:
            blocks.append(found)
            left += [(a, found.a, b, found.b), (found.a + found.size, a_end, found.b + found.size, b_end)]
    return sorted(blocks)


def _joined(blocks: Sequence[Match]) -> list[Match]:
    """The blocks with neighbours as one, and the empty one at the end, as ``SequenceMatcher`` keeps them."""
    joined: list[Match] = []
    for block in blocks[:-1]:
        if joined and (joined[-1].a + joined[-1].size, joined[-1].b + joined[-1].size) == (block.a, block.b):
            joined[-1] = Match(joined[-1].a, joined[-1].b, joined[-1].size + block.size)
        elif block.size:
            joined.append(block)
    return [*joined, blocks[-1]]
