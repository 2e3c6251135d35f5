"""Aliases, merges, and keys that are there twice."""

import pytest

from kubectl_meshfix.documents.reading import plain_lines
from kubectl_meshfix.documents.reading.read import find, locate, read
from tests.documents.reading.test_reading import values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: &x {b: 1}\nc: *x\n", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  b: 3\n", {"a": {"b": 1, "c": 2}, "d": {"b": 3, "c": 2}}),
        ("a: &x {b: 1}\nd:\n  b: 3\n  <<: *x\n", {"a": {"b": 1}, "d": {"b": 1}}),
        ("d:\n  <<: [{a: 1, b: 1}, {b: 2, c: 2}]\n", {"d": {"a": 1, "b": 1, "c": 2}}),
        ('"<<": 1\n', {"<<": 1}),
        ("&k a: 1\nb: *k\n", {"a": 1, "b": "a"}),
        ("&k a: 1\nb: {*k : 2}\n", {"a": 1, "b": {"a": 2}}),
        ("a: &x 1\nb: &x 2\nc: *x\n", {"a": 1, "b": 2, "c": 2}),
        ("a: &x {b: &x 1, c: *x}\n", {"a": {"b": 1, "c": 1}}),
        ("<<: []\na: 1\n", {"a": 1}),
        ("a: &m <<\n*m : {b: 1}\n", {"a": "<<", "<<": {"b": 1}}),
        ("a: &x {b: 1}\nc:\n  !!merge <<: *x\n", {"a": {"b": 1}, "c": {"b": 1}}),
        ("!!str <<: 1\n", {"<<": 1}),
        ("a:\n- &x\nb: 1\n", {"a": [None], "b": 1}),
        ("a:\n- &x\n", {"a": [None]}),
        ("a:\n- &x\n  b: 1\nc: *x\n", {"a": [{"b": 1}], "c": {"b": 1}}),
        ("a: &x\n  b: 1\nc: &x\n  d: 2\ne: *x\n", {"a": {"b": 1}, "c": {"d": 2}, "e": {"d": 2}}),
        ("a: &x\n  b: &y\n    c: 1\n  d: *y\ne: *x\n", {"a": {"b": {"c": 1}, "d": {"c": 1}}, "e": {"b": {"c": 1}, "d": {"c": 1}}}),
    ],
)
def test_aliases(text: str, value: object) -> None:
    """Aliases and merges are followed; as in go-yaml v2 a merge wins over keys above it."""
    assert values(text) == [value]


def test_of_two_keys_the_last_wins() -> None:
    """The last of two equal keys wins, and the document says so with both lines; a merge repeats nothing."""
    (document,) = read("a: &x {b: 1}\nc: 2\nd:\n  <<: *x\n  b: 3\n'c': 4\n---\nfine: 1\n").documents[:1]
    assert document.value["c"] == 4
    (problem,) = document.problems
    assert (problem.line, problem.column) == (6, 1)
    assert problem.reason == 'The key "c" is set twice, on lines 2 and 6; Kubernetes keeps the last.'


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a: &x {c: 1}\nd:\n  b: 1\n  b: 2\n  <<: *x\n", [(4, 3)]),
        ("a: &x {c: 1}\nd:\n  b: 1\n  b: 2\n  <<: *x\n  <<: *x\n", [(4, 3)]),
        ("a: &x {b: 1}\nd:\n  b: 1\n  <<: *x\n", []),
        ("a: &x {b: 1}\nd:\n  <<: *x\n  <<: *x\n", []),
        ("a: 1\na: 2\na: 3\n", [(2, 1), (3, 1)]),
        ("1: a\n'1': b\n", [(2, 1)]),
        ("a: {b: 1, b: 2}\nc: {b: 1}\n", [(1, 11)]),
    ],
)
def test_where_keys_are_there_twice(text: str, places: list[tuple[int, int]]) -> None:
    """Beside merges too, which bring keys of their own and hide none."""
    (document,) = read(text).documents
    assert [(problem.line, problem.column) for problem in document.problems] == places


@pytest.mark.parametrize(
    ("text", "pointer", "place"),
    [
        ("a: &x {b: 1}\nd:\n  c: 3\n  <<: *x\n", "/d/c", (3, 6)),
        ("a: &x {b: 1}\nd:\n  c: 3\n  <<: *x\n", "/d/b", (1, 11)),
        ("a: &x {b: 1}\nd:\n  b: 3\n  <<: *x\n", "/d/b", (1, 11)),
        ("a: &x {b: 1}\nd:\n  <<: *x\n  b: 3\n", "/d/b", (4, 6)),
        ("a: &x {b: 1}\nd:\n  <<: [*x, {b: 2, c: 3}]\n", "/d/b", (1, 11)),
        ("a: &x {b: 1}\nd:\n  <<: [*x, {b: 2, c: 3}]\n", "/d/c", (3, 22)),
        ("a: &x {b: 1}\nd:\n  <<: *x\n", "/d/e", (2, 1)),
    ],
)
def test_a_value_is_found_where_it_is_written(text: str, pointer: str, place: tuple[int, int]) -> None:
    """In the merge that wins, or beside those that do not have it."""
    (document,) = read(text).documents
    assert locate(document, pointer) == place
    assert (find(document, pointer) is None) is (pointer == "/d/e")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: &x\n  b: 1\nc: *x\n", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a:\n- &x\n  b: 1\nc: *x\n", {"a": [{"b": 1}], "c": {"b": 1}}),
        ("a: &x\n- b\nc: *x\n", {"a": ["b"], "c": ["b"]}),
        ("a: &x b\nc: *x\n", None),
        ("a: &x\nb: c\n", None),
        ("a: &x\n", None),
        ("a:\n- &x\nb: 1\n", None),
        ("a:\n- &x\n", None),
        ("a: &x\n  b: 1\nc: &x\n  d: 2\ne: *x\n", None),
        ("a: &x\n  b: &y\n    c: 1\n  d: *y\ne: *x\n", None),
        ("a: &x\n  b: *x\n", None),
        ("a: &x\n  b: 1\nc: *y\n", None),
        ("a: &x\n  b: 1\n*x : c\n", None),
        ("# nothing\n", None),
        ("", None),
    ],
)
def test_anchors_that_can_be_read_line_by_line(text: str, value: object) -> None:
    """Of collections that hold something, each name once, and no alias below an anchor; of all others libyaml is asked."""
    found = plain_lines.values(text)
    assert (found.value if found else None) == value
