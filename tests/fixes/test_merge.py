"""Two edits of one text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.fix import Patch
from kubectl_meshfix.fixes.merge import contradict, joined, merged_text
from kubectl_meshfix.resources.meta import Ref

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


def test_long_texts_of_lines_that_are_alike_are_merged() -> None:
    """However often a line comes, each is changed at its own place, also where one text changes several."""
    lines = ["- a: 1\n", "  b: 2\n"] * 150

    def edited(*places: int) -> str:
        return "".join("- x: 1\n" if place in places else line for place, line in enumerate(lines))

    assert merged_text(edited(), edited(10), edited(250)) == edited(10, 250)
    assert merged_text(edited(), edited(10, 250), edited(150)) == edited(10, 150, 250)
    assert merged_text(edited(), edited(0), edited(298)) == edited(0, 298)


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


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        (Operation("remove", "/a"), [Operation("add", "/a/b", 1), Operation("add", "/c", 1)], True),
        (Operation("remove", "/a"), [Operation("add", "/c", 1), Operation("add", "/a/b", 1)], True),
        (Operation("replace", "/a", {}), [Operation("add", "/a/b", 1)], True),
        (Operation("remove", "/a"), [Operation("add", "/ab", 1)], False),
        (Operation("add", "/a", {}), [Operation("add", "/c", 1)], False),
        (Operation("add", "/a", {}), [Operation("add", "/a/b", 1)], False),
        (Operation("test", "/a", {}), [Operation("add", "/a/b", 1)], False),
        (Operation("replace", "/a", 2), [Operation("test", "/a", 1)], False),
        (Operation("test", "/a", 1), [Operation("test", "/a", 2)], True),
        (Operation("test", "/a", 1), [Operation("test", "/a", 1), Operation("add", "/c", 1)], False),
        (Operation("replace", "/a", 1), [Operation("replace", "/a", 2)], True),
        (Operation("add", "/spec/ports/0/name", "http-x"), [Operation("add", "/spec/ports/0/appProtocol", "grpc")], True),
        (Operation("add", "/spec/ports/0/name", "http-x"), [Operation("add", "/spec/ports/1/appProtocol", "grpc")], False),
        (Operation("replace", "/spec/ports/0/name", "http-x"), [Operation("add", "/spec/ports/0/appProtocol", "grpc")], True),
        (Operation("test", "/spec/ports/0/name", "web"), [Operation("add", "/spec/ports/0/appProtocol", "grpc")], False),
        (Operation("remove", "/spec/ports/0/name"), [Operation("add", "/spec/ports/0/appProtocol", "grpc")], False),
        (Operation("add", "/spec/ports/0/nodePort", 1), [Operation("add", "/spec/ports/0/appProtocol", "grpc")], False),
    ],
)
def test_what_two_fixes_of_one_object_cannot_both_do(one: Operation, other: list[Operation], clash: bool) -> None:
    """One takes away what the other changes, relies on something else, puts something else there, or says another protocol."""
    cart, pay = (Ref("v1", "Service", "shop", name) for name in ("cart", "pay"))

    assert contradict([Patch(cart, (one,))], [Patch(cart, tuple(other))]) is clash
    assert contradict([Patch(cart, tuple(other))], [Patch(cart, (one,))]) is clash
    assert not contradict([Patch(cart, (one,))], [Patch(pay, tuple(other))])


def test_names_of_ports_that_declare_nothing_contradict_nothing() -> None:
    """The name of a port is its protocol in a Service alone."""
    for kind, clash in (("Service", True), ("ServiceEntry", False)):
        entry = Ref("v1", kind, "shop", "cart")
        name, other = (Operation("add", f"/spec/ports/0/{field}", value) for field, value in (("name", "http-x"), ("appProtocol", "grpc")))
        assert contradict([Patch(entry, (name,))], [Patch(entry, (other,))]) is clash


CART = Ref("v1", "ConfigMap", "shop", "cart")
MAP = Operation("add", "/metadata/labels", {"a": "1"})
TEST = Operation("test", "/data/x", BEFORE)


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ([MAP], [Operation("add", "/metadata/labels", {"b": "2"})], [Operation("add", "/metadata/labels", {"a": "1", "b": "2"})]),
        ([MAP], [MAP], [MAP]),
        (
            [MAP],
            [Operation("add", "/metadata/labels", {"a": "1", "b": "2"})],
            [Operation("add", "/metadata/labels", {"a": "1", "b": "2"})],
        ),
        ([MAP], [Operation("add", "/metadata/labels", {"a": "2"})], None),
        ([MAP], [Operation("add", "/metadata/labels", "x")], None),
        ([Operation("add", "/metadata/labels", "x")], [MAP], None),
        ([MAP], [Operation("replace", "/metadata/labels", {"b": "2"})], None),
        (
            [Operation("add", "/m", {"l": {"a": "1"}})],
            [Operation("add", "/m", {"l": {"b": "2"}})],
            [Operation("add", "/m", {"l": {"a": "1", "b": "2"}})],
        ),
        ([Operation("add", "/m", {"l": {"a": "1"}})], [Operation("add", "/m", {"l": "x"})], None),
        ([Operation("add", "/p/-", 1)], [Operation("add", "/p/-", 2)], [Operation("add", "/p/-", 1), Operation("add", "/p/-", 2)]),
        ([Operation("add", "/p/-", 1)], [Operation("add", "/p/-", 1)], [Operation("add", "/p/-", 1)]),
        (
            [Operation("test", "/a", 1), Operation("replace", "/a", 2)],
            [Operation("test", "/a", 1), Operation("replace", "/b", 3)],
            [Operation("test", "/a", 1), Operation("replace", "/a", 2), Operation("replace", "/b", 3)],
        ),
        ([Operation("replace", "/a", 2)], [Operation("test", "/a", 1)], [Operation("replace", "/a", 2), Operation("test", "/a", 1)]),
        ([Operation("replace", "/a", 2)], [Operation("replace", "/a", 3)], None),
        ([Operation("replace", "/a", "x")], [Operation("replace", "/a", "y")], None),
        (
            [TEST, Operation("replace", "/data/x", BEFORE.replace("1", "7"))],
            [TEST, Operation("replace", "/data/x", BEFORE.replace("4", "8"))],
            [TEST, Operation("replace", "/data/x", "a: 7\nb: 2\nc: 3\nd: 8\n")],
        ),
        (
            [TEST, Operation("replace", "/data/y", 1), Operation("replace", "/data/x", BEFORE.replace("1", "7"))],
            [TEST, Operation("replace", "/data/x", BEFORE.replace("4", "8"))],
            [TEST, Operation("replace", "/data/y", 1), Operation("replace", "/data/x", "a: 7\nb: 2\nc: 3\nd: 8\n")],
        ),
        (
            [TEST, Operation("replace", "/data/x", BEFORE.replace("1", "7"))],
            [TEST, Operation("replace", "/data/x", BEFORE.replace("1", "8"))],
            None,
        ),
        (
            [TEST, Operation("add", "/data/x", BEFORE.replace("1", "7"))],
            [TEST, Operation("replace", "/data/x", BEFORE.replace("4", "8"))],
            None,
        ),
        ([TEST, Operation("replace", "/data/x", 1)], [TEST, Operation("replace", "/data/x", BEFORE)], None),
    ],
)
def test_what_two_fixes_make_together(one: list[Operation], other: list[Operation], together: list[Operation] | None) -> None:
    """One map with the keys of both, one text with the lines of both; what both want is done once, and what they dispute not at all."""
    first = joined({}, (Patch(CART, tuple(one)),))
    assert first

    both = joined(first, (Patch(CART, tuple(other)),))

    assert (both and [*both[CART]]) == together
