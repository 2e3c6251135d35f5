"""Values without places are those that have places."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_meshfix.documents.reading.compose import DEEPEST, MOST_EXPANDED, compose
from kubectl_meshfix.documents.reading.syntax_errors import Base, UnreadableError
from kubectl_meshfix.documents.reading.values import values
from kubectl_meshfix.resources.embedded import without_nulls
from tests.documents import writer
from tests.documents.often import manifests, often
from tests.documents.test_any_text import texts

anchored = st.lists(
    st.sampled_from(
        ["a: &x b\n", "c: *x\n", "d: &y\n  e: *x\n", "f: *y\n", "g: &x\n  h: [1, &z {i: 0x1F}]\n", "j: [*z, *x]\n", "*x : k\n", "l: &y\n"]
    ),
    max_size=8,
).map("".join)


def agrees(text: str) -> bool:
    """Whether the values of a text are told without places; they are what ``compose`` says, and it says no more than that."""
    found = values(text)
    if found is None:
        return False
    root, duplicates = compose(text, Base(0, 0, 0))
    assert root is not None
    assert not duplicates
    assert repr(found.value) == repr(root.value)  # which tells 1 from True and 1.0, and NaN is as it is written
    assert found.line + 1 == root.line
    assert found.has_nulls is (without_nulls(found.value) is not found.value)
    return True


@settings(max_examples=600, deadline=None)
@given(texts | anchored)
def test_any_text(text: str) -> None:
    """Of any text, or it is left to those who know the places."""
    agrees(text)


@often(200)
@given(st.randoms(use_true_random=False))
def test_written_text(rng: random.Random) -> None:
    """In every style that people and tools write."""
    content = writer.value(rng)
    agrees(writer.yaml_text(rng, content))
    agrees(writer.json_text(rng, content))


def test_manifests() -> None:
    """Of the examples, most of which are read so."""
    documents = [part for text in manifests() for part in text.split("\n---\n")]
    assert sum(map(_agrees_if_readable, documents)) > len(documents) * 0.8


def _agrees_if_readable(text: str) -> bool:
    try:
        return agrees(text)
    except UnreadableError as error:
        pytest.fail(f"{text} has values, but {error}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "- a\n",
        "a: !!int 1\n",
        "a: 1\na: 2\n",
        "1: a\n",
        "~: a\n",
        "[a]: b\n",
        "a: &x {b: 1}\nc:\n  <<: *x\n",
        "a: *x\n",
        "a: b: c",
    ],
)
def test_left_to_compose(text: str) -> None:
    """What is no map of texts, has tags, merges or duplicates, or is wrong, is not for those who look at values alone."""
    assert values(text) is None


def test_limits() -> None:
    """Neither depth nor what aliases expand to has another limit here than there."""
    assert values("a: " + "[" * DEEPEST + "]" * DEEPEST) is None
    assert values("a: " + "[" * 100 + "]" * 100) is not None
    lists = "\n".join(f"a{level}: &x{level} [{', '.join([f'*x{level - 1}'] * 10)}]" for level in range(1, 10))
    assert values(f"a0: &x0 [1]\n{lists}") is None
    assert values(f"a: &x [{'1, ' * 1000}]\nb: [{', '.join(['*x'] * (MOST_EXPANDED // 1000 + 1))}]") is None
