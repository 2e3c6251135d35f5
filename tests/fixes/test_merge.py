"""Two edits of one text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_meshfix.fixes.merge import merged_text

BEFORE = "a: 1\nb: 2\nc: 3\nd: 4\n"

texts = st.lists(st.sampled_from(["a\n", "b\n", "c\n"]), max_size=8).map("".join)


@pytest.mark.parametrize(
    ("one", "other", "merged"),
    [
        (BEFORE.replace("1", "7"), BEFORE.replace("4", "8"), "a: 7\nb: 2\nc: 3\nd: 8\n"),
        (BEFORE.replace("a: 1\n", ""), BEFORE + "e: 5\n", "b: 2\nc: 3\nd: 4\ne: 5\n"),
        (BEFORE.replace("1", "7"), BEFORE.replace("1", "7"), BEFORE.replace("1", "7")),
        (BEFORE.replace("1", "7"), BEFORE.replace("1", "8"), None),
        (BEFORE.replace("1", "7"), BEFORE.replace("2", "8"), None),
    ],
)
def test_merged(one: str, other: str, merged: str | None) -> None:
    """Edits of lines apart from each other are both made; those of one place or of neighbours are not guessed at."""
    assert merged_text(BEFORE, one, other) == merged


@given(texts, texts)
def test_one_edit_is_itself(before: str, after: str) -> None:
    """Beside a text that changes nothing, the other's edits are all there is, in either order."""
    assert merged_text(before, after, before) in (after, None)
    assert merged_text(before, before, after) == merged_text(before, after, before)
    assert merged_text(before, after, after) in (after, None)


@given(texts, texts, texts)
def test_order_does_not_matter(before: str, one: str, other: str) -> None:
    """Which fix comes first leaves no trace."""
    assert merged_text(before, one, other) == merged_text(before, other, one)
