"""A patch makes a new document and leaves the old one alone."""

import pytest

from kubectl_meshfix.documents.patch import Operation, PatchConflictError, patched


def test_patched() -> None:
    """Operations follow each other, and the argument keeps its value."""
    before = {"spec": {"ports": [{"port": 80}]}}
    after = patched(before, [Operation("test", "/spec/ports/0/port", 80), Operation("add", "/spec/ports/0/name", "http")])
    assert after == {"spec": {"ports": [{"port": 80, "name": "http"}]}}
    assert before == {"spec": {"ports": [{"port": 80}]}}


def test_shared_objects() -> None:
    """An object that stands in two places, as an alias makes it, changes in one."""
    shared = {"app": "web"}
    assert patched({"a": shared, "b": shared}, [Operation("remove", "/a/app")]) == {"a": {}, "b": {"app": "web"}}


@pytest.mark.parametrize(
    "operation",
    [
        Operation("test", "/a", 2),
        Operation("remove", "/b"),
        Operation("replace", "/b", 1),
        Operation("add", "/b/c", 1),
        Operation("move", "/c", from_="/b"),
    ],
    ids=lambda operation: operation.op,
)
def test_conflicts(operation: Operation) -> None:
    """What does not fit is a conflict, in one sentence."""
    with pytest.raises(PatchConflictError, match="does not fit the object"):
        patched({"a": 1}, [operation])


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (Operation("test", "/a", 2), "/a is not 2."),
        (Operation("test", "/a", "x" * 99), "/a is not what it was."),
        (Operation("test", "/b", "web"), '/b is not "web".'),
        (Operation("replace", "/b", 1), "/b does not exist."),
    ],
)
def test_a_conflict_names_the_place(operation: Operation, words: str) -> None:
    """A conflict says which path is not as expected, and not all that is in the object."""
    with pytest.raises(PatchConflictError) as caught:
        patched({"a": 1}, [operation])

    assert caught.value.message == f"The change does not fit the object as it is now: {words}"
