"""A value that is added under a new key while the old one goes keeps its place: the key alone is written anew."""

import pytest

from kubectl_meshfix.documents.editing.anchors import SpliceError
from kubectl_meshfix.documents.editing.changes import changes, renamed
from kubectl_meshfix.documents.editing.edits import ValueChange
from kubectl_meshfix.documents.editing.splice import splice
from kubectl_meshfix.documents.patch import Operation, PatchConflictError


def rename(text: str, old: str, new: str, value: object = 1) -> str:
    """The text after an addition and a removal."""
    return splice(text, 0, [Operation("add", new, value), Operation("remove", old)])


@pytest.mark.parametrize(
    ("before", "name", "after"),
    [
        ("a: 1 # why\nb: 2\n", "c", "c: 1 # why\nb: 2\n"),
        ("a: 1 # why\nb: 2\n", "x.y", "x.y: 1 # why\nb: 2\n"),
        ("a: 1\n", "y", '"y": 1\n'),
        ("a: 1\n", "8080", '"8080": 1\n'),
        ("a: 1\n", "c,d", "c,d: 1\n"),
        ("a: 1\n", "c: d", '"c: d": 1\n'),
        ("a: 1\n", "c" * 1000, "c" * 1000 + ": 1\n"),
        ("{a: 1}\n", "c", "{c: 1}\n"),
        ("{a: 1}\n", "c,d", '{"c,d": 1}\n'),
        ('{"a": 1}\n', "c~1d", '{"c/d": 1}\n'),
        ('"a": 1\n', 'c"', '"c\\"": 1\n'),
        ("'a': 1\n", "c'", "'c''': 1\n"),
        ("? a\n: 1\n", "c", "? c\n: 1\n"),
        ("!!str a: 1\n", "c d", "!!str c d: 1\n"),
        ("b: &x a\n*x : 1\n", "c", "b: &x a\nc : 1\n"),
    ],
)
def test_the_new_key_has_the_old_ones_quotes_or_those_that_it_needs(before: str, name: str, after: str) -> None:
    """In brackets a comma needs them, a word that YAML takes for a boolean everywhere."""
    assert rename(before, "/a", f"/{name}") == after


@pytest.mark.parametrize(
    ("text", "old", "new", "words"),
    [
        ("&x a: 1\nb: *x\n", "/a", "/c", "Line 2 uses the anchor &x of line 1"),
        ("a: &x 1\nb: *x\n", "/a", "/c", "Line 2 uses the anchor &x of line 1"),
        ("x: &x {b: 1}\na:\n  <<: *x\n", "/a/b", "/a/c", "The text around /a/b is written in a way that cannot be edited in place"),
        ("a: 1\n", "/a", "/" + "c" * 1001, "A key of 1001 characters is too long for YAML"),
    ],
)
def test_what_cannot_be_renamed_alone_is_refused(text: str, old: str, new: str, words: str) -> None:
    """A key that stands in a second place too, one of a merge, and one that YAML cannot hold."""
    with pytest.raises(SpliceError, match=r"\.$") as caught:
        rename(text, old, new)
    assert words in caught.value.message


@pytest.mark.parametrize(("old", "new"), [("/c", "/b"), ("/a/y", "/a/x"), ("/a", "/c/d")])
def test_what_does_not_fit_is_a_conflict(old: str, new: str) -> None:
    """Nothing to remove, and nothing that could hold the new key."""
    with pytest.raises(PatchConflictError):
        rename("a: 1\n", old, new)


DOCUMENT = {"a": 1, "b": 2, "in": {"a": 1}, "list": ["1", 2], "text": "1"}


@pytest.mark.parametrize(
    ("operations", "change"),
    [
        ([("add", "/c", 1), ("remove", "/a")], ValueChange("rename", "/a", "c")),
        ([("add", "/in/c", 1), ("remove", "/in/a")], ValueChange("rename", "/in/a", "c")),
        ([("add", "/c", 2), ("remove", "/a")], None),
        ([("add", "/c", True), ("remove", "/a")], None),
        ([("add", "/b", 1), ("remove", "/a")], None),
        ([("add", "/in/c", 1), ("remove", "/a")], None),
        ([("add", "/c", 1), ("remove", "/gone")], None),
        ([("add", "/list/0", 2), ("remove", "/list/1")], None),
        ([("add", "/text/0", "1"), ("remove", "/text/1")], None),
        ([("add", "/text/x/0", "1"), ("remove", "/text/x/1")], None),
        ([("replace", "/c", 1), ("remove", "/a")], None),
        ([("add", "/c", 1), ("replace", "/a", 1)], None),
        ([("add", "/c", 1)], None),
    ],
)
def test_when_two_operations_are_a_new_key(operations: list[tuple[str, ...]], change: ValueChange | None) -> None:
    """An addition of the very value beside its place in a map, under a free name, and the removal of the old one."""
    assert renamed(DOCUMENT, [Operation(*row) for row in operations]) == change  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (Operation("test", "/a", 1), []),
        (Operation("remove", "/a"), [ValueChange("remove", "/a")]),
        (Operation("replace", "/a", 2), [ValueChange("set", "/a", 2)]),
        (Operation("add", "/c", 2), [ValueChange("set", "/c", 2)]),
        (Operation("add", "", 2), [ValueChange("set", "", 2)]),
        (Operation("add", "/list/0", 2), [ValueChange("insert", "/list/0", 2)]),
        (Operation("move", "/a", from_="/a"), []),
        (Operation("move", "/c", from_="/a"), [ValueChange("remove", "/a"), ValueChange("set", "/c", 1)]),
        (Operation("move", "/list/-", from_="/a"), [ValueChange("remove", "/a"), ValueChange("insert", "/list/-", 1)]),
        (Operation("copy", "/c", from_="/a"), [ValueChange("set", "/c", 1)]),
        (Operation("copy", "/list/1", from_="/a"), [ValueChange("insert", "/list/1", 1)]),
    ],
)
def test_each_operation_is_changes_of_single_values(operation: Operation, expected: list[ValueChange]) -> None:
    """What goes into a list is put before an item, what goes into a map is set; a test and a move to where it is change nothing."""
    assert changes(DOCUMENT, operation) == expected
