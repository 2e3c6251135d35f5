"""Which lines an edit has left."""

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_meshfix.documents.editing.line_matches import line_matcher

_LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "labels:\n", "app: x\n", "last"]) | st.integers(0, 99).map(str), max_size=30)


@given(_LINES, _LINES)
def test_blocks_are_equal_lines_that_do_not_overlap_and_never_fewer_than_the_texts_share_once(old: list[str], new: list[str]) -> None:
    """The opcodes always make the new text of the old one, whatever lines are repeated or moved."""
    made: list[str] = []
    at = 0
    for tag, start, end, first, last in line_matcher(old, new).get_opcodes():
        assert (start, first) == (at, len(made))
        assert (old[start:end] == new[first:last]) is (tag == "equal")
        made += new[first:last]
        at = end
    assert (at, made) == (len(old), new)


@given(st.sets(st.integers(0, 10_000), min_size=12, max_size=60), st.data())
def test_lines_that_stand_once_give_what_difflib_gives(numbers: set[int], data: st.DataObject) -> None:
    """Where no line is repeated, the blocks are those of SequenceMatcher."""
    old = [f"key{number}: x\n" for number in sorted(numbers)]
    new = list(old)
    for index in sorted(data.draw(st.sets(st.integers(0, len(old) - 1), max_size=4)), reverse=True):
        new[index : index + data.draw(st.integers(0, 1))] = [f"new{index}: y\n"] * data.draw(st.integers(0, 2))
    assert line_matcher(old, new).get_opcodes() == difflib.SequenceMatcher(None, old, new).get_opcodes()


@pytest.mark.parametrize(("old", "new"), [("xaab", "xab"), ("cxy", "cxxy"), ("cbby", "cbya"), ("byxc", "byyx")])
def test_a_line_between_two_stretches_as_long_goes_to_the_first(old: str, new: str) -> None:
    """As difflib has it."""
    assert line_matcher(old, new).get_opcodes() == difflib.SequenceMatcher(None, old, new).get_opcodes()


def test_a_repeated_line_goes_to_the_longer_stretch() -> None:
    """Of two lines alike the new one is that which difflib shows: beside the shorter of its neighbours."""
    old = ["a\n", "x\n", "b\n", "c\n", "d\n"]
    new = ["a\n", "x\n", "x\n", "b\n", "c\n", "d\n"]
    assert line_matcher(old, new).get_opcodes() == difflib.SequenceMatcher(None, old, new).get_opcodes()
