"""Values without places are those that have places."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_meshfix.documents.reading import plain_lines
from kubectl_meshfix.documents.reading.compose import DEEPEST, MOST_EXPANDED, compose
from kubectl_meshfix.documents.reading.syntax_errors import Base, UnreadableError
from kubectl_meshfix.documents.reading.values import values, values_of_events
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

KEYS = ("", "a: ", "b: ", "b:", "c/d.e-f: ", "on: ", "a:  ", "1: ", "'a': ")
VALUES = (
    *(
        "",
        "",
        "",
        "b",
        "1",
        "0x1F",
        "-1.5",
        "--b",
        "~",
        "null",
        "yes",
        "a b",
        "a:b",
        "http://a:1/b",
        "a: b",
        "a #b",
        "a#b",
        "é",
        "'a'",
        "''",
    ),
    *(
        '"a b"',
        r'"\n"',
        "'a''b'",
        "{}",
        "[]",
        "[a]",
        "&x",
        "&y",
        "*x",
        "*y",
        "&x b",
        "|",
        "- a",
        "-",
        "---",
        "<<",
        "? a",
        "!!str a",
        "@a",
        "#",
    ),
)
ENDS = ("\n", "\n", "\n", "\n", " \n", " # c\n", "\n\n", "\n  # c\n", "\r\n", "\t\n", "")
indents = st.sampled_from(["", "  ", "    ", "      ", " ", "- ", "  - ", "    - ", "- - "])
lines = st.tuples(indents, st.sampled_from(KEYS), st.sampled_from(VALUES), st.sampled_from(ENDS)).map("".join)
beginnings = st.sampled_from(["", "", "---\n", "# c\n", "\n", "a:\n", "a: &x\n"])


def agrees(text: str) -> bool:
    """Whether the values of a text are told without places; they are what ``compose`` says, and it says no more than that."""
    found = values(text)
    if found is None:
        return False
    assert repr(values_of_events(text) or found) == repr(found)
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


@settings(max_examples=600, deadline=None)
@given(beginnings, st.lists(lines, max_size=6).map("".join))
def test_lines(beginning: str, text: str) -> None:
    """Of a text whose lines are plain or nearly."""
    agrees(beginning + text)


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


def test_plain_lines() -> None:
    """Of a manifest as most are written libyaml is not asked."""
    text = """# An application
---
apiVersion: v1
kind: Service
metadata:
  name: web
  annotations:
    example.com/note: "for all"   # a comment
spec:
  selector: &labels
    app: web
  ports:
  - name: http
    port: 80

  - {}
  hosts: [ ]
  others:
    - -1.5
    - https://example.com:443/a
    -
"""
    plain_text = text.partition("---")[2].replace("  hosts: [ ]\n", "  hosts: []\n").replace("    -\n", "  empty:\n  again: *labels\n")
    assert plain_lines.values(text) is None
    assert plain_lines.values("---" + plain_text) is not None
    assert agrees("---" + plain_text)


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
    deep = "".join(f"{' ' * level}a:\n" for level in range(DEEPEST))
    assert values(deep) is None
    assert plain_lines.values(deep[: deep.index(" " * 90)]) is not None
    assert plain_lines.values(deep[: deep.index(" " * 110)]) is None
    assert plain_lines.values("a: &x\n  b: c\n" + "".join(f"{key}: *x\n" for key in map("k{}".format, range(9000)))) is None
    lists = "\n".join(f"a{level}: &x{level} [{', '.join([f'*x{level - 1}'] * 10)}]" for level in range(1, 10))
    assert values(f"a0: &x0 [1]\n{lists}") is None
    assert values(f"a: &x [{'1, ' * 1000}]\nb: [{', '.join(['*x'] * (MOST_EXPANDED // 1000 + 1))}]") is None
