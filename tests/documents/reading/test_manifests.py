"""Documents that are read again, and the objects of a document."""

from typing import Any

import pytest

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.reading.list_kind import objects, within
from kubectl_meshfix.documents.reading.manifests import Documents
from kubectl_meshfix.documents.reading.read import locate, read_each

TEXT = "a: 1\n---\nb: 2\n---\nc: 3\n---\nd: 4\n"


def held(*numbers: int) -> Documents:
    """Some of the documents of a text, and the first of another file."""
    documents = Documents()
    parts = list(read_each(TEXT))
    for number in numbers:
        documents.add("a.yaml", TEXT, parts[number].again)
    documents.add("b.yaml", "e: 5\n", next(read_each("e: 5\n")).again)
    return documents


def test_those_that_were_added_are_there() -> None:
    """Also where some before them were left out, the first among them."""
    documents = held(1, 3)
    assert list(documents) == [("a.yaml", 1), ("a.yaml", 3), ("b.yaml", 0)]
    assert len(documents) == 3
    assert [document.value for document in documents.values()] == [{"b": 2}, {"d": 4}, {"e": 5}]
    assert documents["a.yaml", 3].index == 3
    assert locate(documents["a.yaml", 3], "/d") == (7, 4)


@pytest.mark.parametrize("key", [("a.yaml", 0), ("a.yaml", 2), ("a.yaml", 4), ("a.yaml", -1), ("a.yaml", -3), ("b.yaml", 1), ("c.yaml", 0)])
def test_no_others_are(key: tuple[str, int]) -> None:
    """Neither those that were left out, nor those behind the last, nor those counted from the end, nor those of other files."""
    documents = held(1, 3)
    with pytest.raises(KeyError):
        documents[key]
    assert key not in documents


def test_columns_of_objects_on_one_line() -> None:
    """JSON objects may follow each other on a line, whatever lines come before."""
    text = '{"a": 1}\n{"b": 1} {"c": 1}'
    documents = Documents()
    for part in read_each(text):
        documents.add("a.json", text, part.again)
    assert [locate(document, "") for document in documents.values()] == [(1, 1), (2, 1), (2, 10)]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"kind": "List", "items": [{"a": 1}, 2]}, [("/items/0", {"a": 1}), ("/items/1", 2)]),
        ({"kind": "PodList", "items": []}, []),
        ({"kind": "List", "items": [{"kind": "List", "items": [1]}]}, [("/items/0/items/0", 1)]),
        ({"kind": "List", "items": None}, [("", {"kind": "List", "items": None})]),
        ({"kind": "List", "items": {"a": 1}}, [("", {"kind": "List", "items": {"a": 1}})]),
        ({"kind": "List"}, [("", {"kind": "List"})]),
        ({"kind": "Lists", "items": [1]}, [("", {"kind": "Lists", "items": [1]})]),
        ({"items": [1]}, [("", {"items": [1]})]),
        ({"kind": ["List"], "items": [1]}, [("", {"kind": ["List"], "items": [1]})]),
        ("List", [("", "List")]),
        (["List"], [("", ["List"])]),
    ],
)
def test_objects_of_a_document(value: Any, found: list[tuple[str, Any]]) -> None:
    """Those of a list, also of one in a list; a document that is no such list is one itself."""
    assert list(objects(value)) == found


def test_operations_within_a_list() -> None:
    """Both of their places lie below the item."""
    operations = [Operation("add", "/a", 1), Operation("move", "/b", from_="/a"), Operation("remove", "")]
    expected = [Operation("add", "/i/0/a", 1), Operation("move", "/i/0/b", from_="/i/0/a"), Operation("remove", "/i/0")]
    assert within(operations, "/i/0") == expected
