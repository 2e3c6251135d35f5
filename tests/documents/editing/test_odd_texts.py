"""Texts that few people write are edited as well, or refused."""

import pytest

from kubectl_meshfix.documents.editing.anchors import SpliceError
from kubectl_meshfix.documents.editing.edit_session import drafted
from kubectl_meshfix.documents.editing.editable_parts import DocumentPatch
from kubectl_meshfix.documents.editing.layout import entries
from kubectl_meshfix.documents.editing.splice import splice, splice_each
from kubectl_meshfix.documents.patch import Operation, PatchConflictError
from kubectl_meshfix.documents.reading.nodes import is_index
from kubectl_meshfix.documents.reading.read import find, read


@pytest.mark.parametrize(
    ("before", "pointer", "value", "after"),
    [
        ("--- text\n", "", {"b": 1}, "--- \nb: 1\n"),
        ("&k text\n", "", {"b": 1}, "&k\nb: 1\n"),
        ("&k text\n", "", [1], "&k\n- 1\n"),
        ("a:\n  &k\n  b: 1\n", "/a", "v", "a: v\n"),
        ("a:\n  &k\n  b: 1\n", "/a", ["v"], "a:\n  &k\n  - v\n"),
        ("a:\n  # of k\n  &k\n  b: 1\n", "/a", "v", "a:\n  # of k\n  &k\n  v\n"),
        ("a: &k # of k\n  b: 1\n", "/a", "p\nq\n", "a: &k | # of k\n  p\n  q\n"),
        ("a:\n# of x\n- x\nb: 1\n", "/a", "v", "a: v\nb: 1\n"),
        ("x: &x 1\na:\n  *x\n", "/a", {"b": 1}, "x: &x 1\na:\n  b: 1\n"),
        ("x: &x 1\na:\n  *x\n", "/a", 2, "x: &x 1\na:\n  2\n"),
        ("x: &x 1\na: *x\n", "/a", "2020-01-01", 'x: &x 1\na: "2020-01-01"\n'),
        ("x: &x 1\na: *x\n", "/a", "v", "x: &x 1\na: v\n"),
        ("a: |\n  2020-01-01\n", "/a", "2020-01-02", "a: |-\n  2020-01-02\n"),
        ("a: [1]\n", "/a", "2020-01-02", 'a: "2020-01-02"\n'),
        ("a:\n- x\n", "/a", ["x\ny\n", "z"], "a:\n- |\n  x\n  y\n- z\n"),
        ("a: http\n", "/a", "\nx\n", "a: |\n\n  x\n"),
        ("a: 1\n  # of a\nb: 1\n", "/a", {"x": "p\nq\n"}, 'a:\n  x: "p\\nq\\n"\n  # of a\nb: 1\n'),
        ("a: 1\n  # of a\nb: 1\n", "/a", ["p\nq\n"], 'a:\n- "p\\nq\\n"\n  # of a\nb: 1\n'),
        ("x: &x 1\na: [*x, 2]\n", "/a/0", 3, "x: &x 1\na: [3, 2]\n"),
        ("a: [b: 1, c]\n", "/a/0/b", 2, "a: [b: 2, c]\n"),
        ("a: {b: &k 'x', c: y}\n", "/a/b", "z", "a: {b: &k 'z', c: y}\n"),
        ("a: {b: {c: 1}}\n", "/a/b", "z", "a: {b: z}\n"),
        ("d:\n  '1':\n    x: a\n  '0':\n    x: b\n", "/d/0/x", "c", "d:\n  '1':\n    x: a\n  '0':\n    x: c\n"),
    ],
)
def test_replacing(before: str, pointer: str, value: object, after: str) -> None:
    """Anchors and aliases on lines of their own, documents that are one value, single pairs in brackets, keys that look like indices."""
    assert splice(before, 0, [Operation("replace", pointer, value)]) == after


@pytest.mark.parametrize(
    ("before", "pointer", "value", "after"),
    [
        ("a:\n" + 9 * " " + "b: 1\n", "/c", {"d": 1}, "a:\n" + 9 * " " + "b: 1\nc:\n" + 9 * " " + "d: 1\n"),
        ("a:\n" + 10 * " " + "b: 1\n", "/c", {"d": 1}, "a:\n" + 10 * " " + "b: 1\nc:\n  d: 1\n"),
        ("- - a: 1\n  - b: 2\n", "/0/0/c", 3, "- - a: 1\n    c: 3\n  - b: 2\n"),
        ("  kind: A\n", "/apiVersion", "v1", "  apiVersion: v1\n  kind: A\n"),
        ("  # of A\n  kind: A\n", "/apiVersion", "v1", "  apiVersion: v1\n  # of A\n  kind: A\n"),
        ("\ufeff  # of A\n  kind: A\n", "/apiVersion", "v1", "\ufeff  apiVersion: v1\n  # of A\n  kind: A\n"),
        ("a: [1, # c\r 2]\n", "/a/-", 3, "a: [1, # c\r 2, 3]\n"),
        ("a: [1,\n  2]\n", "/a/-", 3, "a: [1,\n  2,\n  3]\n"),
    ],
)
def test_adding(before: str, pointer: str, value: object, after: str) -> None:
    """Steps up to the deepest that YAML can say, first lines that are indented, and lists right behind a dash."""
    assert splice(before, 0, [Operation("add", pointer, value)]) == after


@pytest.mark.parametrize(
    ("before", "pointer", "after"),
    [
        ("a: |+\n  x\nb: 1\n\n", "/b", "a: |+\n  x\n"),
        ("a: |+\n  x\nb: 1\n\n\n", "/b", "a: |+\n  x\n"),
        ("a:\n  b: 1", "/a/b", "a: {}"),
        ("a:\n- b", "/a/0", "a: []"),
        ("a: 1\nb: 1\n  # of b", "/b", "a: 1"),
        ("a: [\n  1,\n\n  # of 2\n  2\n]\n", "/a/0", "a: [\n\n  # of 2\n  2\n]\n"),
    ],
)
def test_removing(before: str, pointer: str, after: str) -> None:
    """Blank lines that a text above would take for its own go too, and a text without a last line break gets none."""
    assert splice(before, 0, [Operation("remove", pointer)]) == after


@pytest.mark.parametrize(
    ("text", "operation", "words"),
    [
        ("a: &x {b: 1}\nd:\n  b: 3\n  <<: *x\n", Operation("replace", "/d/b", 2), "The text around /d/b is written in a way"),
        ("a: |+\n  x", Operation("add", "/b", 2), "The text around /b is written in a way"),
        ("a: [b: 1, c]\n", Operation("add", "/a/0/d", 2), "The text around /a/0/d is written in a way"),
        ('{"a": 1}{"b": 2}', Operation("replace", "", "x"), "The text would not hold the fixed object after the change"),
        ('{"a": 1}\n{"b":2}\n', Operation("replace", "", 5), "The text would not hold the fixed object after the change"),
    ],
)
def test_refusals(text: str, operation: Operation, words: str) -> None:
    """A merge that would win, a last line break that would be taken for text, and documents that would become one."""
    with pytest.raises(SpliceError, match=r"\.$") as caught:
        splice(text, 0, [operation])
    assert caught.value.message.startswith(words)


@pytest.mark.parametrize("text", ["", "# nothing\n", "a: [\n", "a: 1\n---\nb: 2\n", "a: 1\n---\nb: [\n"])
def test_a_draft_is_one_document_and_nothing_else(text: str) -> None:
    """None, two, and one beside which something cannot be read are refused."""
    with pytest.raises(SpliceError, match="cannot be parsed after the change"):
        drafted(text)


@pytest.mark.parametrize("pointer", ["/nothing/0/x", "/data/0/x", "/items/2/x", "/items/3/x", "/items/-/x", "/items/01/x", "/items/a/x"])
def test_what_is_no_item_is_a_conflict(pointer: str) -> None:
    """A list that is not there, a map, an index behind the last, and what is no index."""
    with pytest.raises(PatchConflictError):
        splice("data: {b: 1}\nitems:\n- a: 1\n- a: 2\n", 0, [Operation("replace", pointer, 1)])


def test_errors_of_a_patch_tell_of_the_text_as_it_was() -> None:
    """A line is that before other patches moved it; what only another patch made impossible is told as it is then."""
    moved = [DocumentPatch(0, [Operation("add", "/apiVersion", "v1")]), DocumentPatch(0, [Operation("add", "/c/b", 2)])]
    text, errors = splice_each("kind: &x {b: 1}\nc: *x\n", moved)
    assert text == "apiVersion: v1\nkind: &x {b: 1}\nc: *x\n"
    assert [str(error) for error in errors if error] == [
        "Line 2 takes this value from the anchor &x of line 1, so a change of one changes both."
    ]

    gone = [DocumentPatch(0, [Operation("remove", "/a")]), DocumentPatch(0, [Operation("test", "/a", 1), Operation("add", "/c", 1)])]
    text, errors = splice_each("a: 1\nb: 2\n", gone)
    assert text == "b: 2\n"
    assert [str(error) for error in errors if error] == ["The change does not fit the object as it is now: /a is not 1."]


@pytest.mark.parametrize(
    ("text", "pointer", "written"),
    [
        ("[b: 1, c]", "", ["b: 1", "c"]),
        ("[b: 1, c]", "/0", ["b: 1"]),
        ("[ {b: 1, d}, c ]", "/0", ["b: 1", "d"]),
        ("&k [ 1 , 2 ]", "", ["1", "2"]),
        ("- [a]\n- {b: c}\n", "", ["- [a]", "- {b: c}"]),
        ("? a\n: [b]\nc:\n", "", ["? a\n: [b]", "c:"]),
    ],
)
def test_entries_as_they_are_written(text: str, pointer: str, written: list[str]) -> None:
    """With their key or dash, and without the brackets around them; a single pair in brackets has none of its own."""
    (document,) = read(text).documents
    node = find(document, pointer)
    assert node is not None
    assert [text[entry.start : entry.end] for entry in entries(text, node)] == written


@pytest.mark.parametrize(
    ("part", "is_one"),
    [("0", True), ("1", True), ("10", True), ("123456789", True), ("1234567890", False)]
    + [(part, False) for part in ("", "00", "01", "-", "-1", "+1", "1.0", "a", "٣", "²")],
)
def test_what_is_an_index(part: str, is_one: bool) -> None:
    """Digits of ASCII without a leading zero, and no more than nine of them."""
    assert is_index(part) is is_one
