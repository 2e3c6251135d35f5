"""Names that are a slip of the keyboard away are found, and no others."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_meshfix.mesh.typos import nearest


@pytest.mark.parametrize(
    ("name", "candidates", "found"),
    [
        ("reveiws", ["reviews", "ratings"], "reviews"),
        ("productpge", ["productpage"], "productpage"),
        ("crat", ["cart", "web"], "cart"),
        ("db", ["dc"], None),
        ("cart", ["carts", "card"], None),
        ("cart", ["carts", "carttt"], "carts"),
        ("orders", ["cart"], None),
        ("catalog", ["cataloge", "catlg"], "cataloge"),
        ("catalog", ["catlg", "cataloge"], "cataloge"),
        ("catalog", ["cataloge", "catalogs"], None),
        ("reviews-v1", ["reviews-v2"], None),
        ("reviews-v10", ["reviews-v2"], None),
        ("reviews", [], None),
        ("abcde", ["abcxy"], None),
        ("abcdef", ["abcdxy"], "abcdxy"),
        ("abcdef", ["abcxyz"], None),
        ("abc", ["abx"], "abx"),
        ("abc", ["ab"], "ab"),
        ("ab", ["abc"], None),
        ("abcdef", ["abcd"], "abcd"),
        ("abcdef", ["abc"], None),
        ("abcdef", ["bacdfe"], "bacdfe"),
        ("abcdef", ["cabdef"], "cabdef"),
    ],
)
def test_nearest_is_a_slip_of_the_keyboard_away(name: str, candidates: Iterable[str], found: str | None) -> None:
    """At most two letters for long names and one for short ones, never two candidates, never another number."""
    assert nearest(name, candidates) == found


@given(st.text("abc-1", max_size=12), st.lists(st.text("abc-1", max_size=12)))
def test_nearest_is_one_of_the_candidates(name: str, candidates: list[str]) -> None:
    """Nothing is invented, and the order of candidates leaves no trace."""
    found = nearest(name, candidates)

    assert found is None or found in candidates
    assert found == nearest(name, reversed(candidates))


@given(st.text("abcdefgh", min_size=6, max_size=9), st.integers(0, 8), st.sampled_from(["", "x", "xy"]))
def test_one_slip_is_found(name: str, place: int, instead: str) -> None:
    """A letter that is dropped, changed, or has another one beside it is within reach, whatever the letters are."""
    meant = name[:place] + instead + name[place + 1 :]

    assert meant == name or nearest(name, [meant]) == meant
