"""Names that are a slip of the keyboard away from each other."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The one candidate that ``name`` is a slip of the keyboard away from; None for two, and for names that differ in a number only."""
    limit = 2 if len(name) > 5 else 1 if len(name) > 2 else 0
    like, letters = _without_numbers(name), frozenset(name)
    by_length = _by_length(tuple(candidates))
    ranked = sorted(
        (steps, candidate)
        for length in range(len(name) - limit, len(name) + limit + 1)
        for others, alike in by_length.get(length, ())
        if len(letters ^ others) <= 2 * limit  # a step adds a letter, takes one, or both
        for candidate in alike
        if like != _without_numbers(candidate) and (steps := _steps(name, candidate, limit)) <= limit
    )
    return ranked[0][1] if ranked and (len(ranked) == 1 or ranked[0][0] < ranked[1][0]) else None


@lru_cache(maxsize=100_000)
def _without_numbers(name: str) -> str:
    """``reviews-v1`` and ``reviews-v2`` are alike but for their numbers: two things, not one misspelt. Large meshes have thousands."""
    return re.sub(r"\d+", "0", name)


@lru_cache(maxsize=16)
def _by_length(names: tuple[str, ...]) -> Mapping[int, Sequence[tuple[frozenset[str], Sequence[str]]]]:
    """Names by their length, and by their letters: thousands of hosts may be looked for among thousands of Services."""
    found: dict[int, dict[frozenset[str], list[str]]] = {}
    for name in dict.fromkeys(names):
        found.setdefault(len(name), {}).setdefault(frozenset(name), []).append(name)
    return {length: tuple(alike.items()) for length, alike in found.items()}


def _steps(one: str, other: str, limit: int) -> int:
    """Letters to insert, drop, change or swap (optimal string alignment); some number over ``limit`` as soon as it is passed."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i] + [limit + 1] * len(other)
        for j in range(max(1, i - limit), min(len(other), i + limit) + 1):
            against = other[j - 1]
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                row[j] = min(row[j], last[j - 2] + 1)
        if min(row) > limit:
            return limit + 1
    return row[-1]
