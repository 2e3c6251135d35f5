"""What stands in brackets, JSON above all, stays in brackets, with its commas right."""

import pytest

from kubectl_meshfix.documents.editing.changes import same
from kubectl_meshfix.documents.editing.splice import splice
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.reading.document_bounds import is_json


@pytest.mark.parametrize(
    ("before", "pointer", "value", "after"),
    [
        ("a: {b: 1}\n", "/a/c", 2, "a: {b: 1, c: 2}\n"),
        ("a: { b: 1 } # why\n", "/a/c", "x", "a: { b: 1, c: x } # why\n"),
        ("a: {b: 1,}\n", "/a/c", 2, "a: {b: 1, c: 2,}\n"),
        ("a: {b: 1}\n", "/a/c, d", {"e": ["true", "f"]}, 'a: {b: 1, "c, d": {e: ["true", f]}}\n'),
        ('a: {"b":1,"c":2}\n', "/a/d", {"e": ["f"]}, 'a: {"b":1,"c":2,"d":{"e":["f"]}}\n'),
        ("a: {b: {}}\n", "/a/b/c", 1, "a: {b: {c: 1}}\n"),
        ("a: [1, 2]\n", "/a/-", 3, "a: [1, 2, 3]\n"),
        ("a: [1, 2]\n", "/a/0", 0, "a: [0, 1, 2]\n"),
        ("a: [1,2]\n", "/a/1", [5], "a: [1,[5],2]\n"),
        ("a: [\n  1, # one\n  2 # two\n]\n", "/a/-", 3, "a: [\n  1, # one\n  2, # two\n  3\n]\n"),
        ("a: [\n  1,\n  2, # two\n]\n", "/a/-", 3, "a: [\n  1,\n  2, # two\n  3,\n]\n"),
        ("a: [\n  1,\n  2]\n", "/a/-", 3, "a: [\n  1,\n  2,\n  3]\n"),
        ("a: [\n  1,\n  2\n]\n", "/a/1", 3, "a: [\n  1,\n  3,\n  2\n]\n"),
        ("--- {a: 1}\n", "/b", 2, "--- {a: 1, b: 2}\n"),
        ("a: {spec: {b: 1}}\n", "/a/metadata", {"c": 2}, "a: {metadata: {c: 2}, spec: {b: 1}}\n"),
        ('{\n  "kind": "A",\n  "spec": 1\n}\n', "/metadata", {}, '{\n  "kind": "A",\n  "metadata": {},\n  "spec": 1\n}\n'),
        ("{}\n", "/b", 2, '{"b": 2}\n'),
        ('{"a":1}', "/b", {"c": [1, 2]}, '{"a":1,"b":{"c":[1,2]}}'),
        ('{"a": 1}', "/b", {"c": [1, 2]}, '{"a": 1, "b": {"c": [1, 2]}}'),
        ('{"a": {}}', "/a/b", "é\u2028\x7f", '{"a": {"b": "é\\u2028\\u007f"}}'),
        ('{\n  "a": 1\n}\n', "/b", {"c": [1], "d": {}}, '{\n  "a": 1,\n  "b": {\n    "c": [\n      1\n    ],\n    "d": {}\n  }\n}\n'),
        ('{\n    "a": {}\n}\n', "/a/b", 1, '{\n    "a": {\n        "b": 1\n    }\n}\n'),
        ('{\n\t"a": []\n}\n', "/a/-", {"b": 1}, '{\n\t"a": [\n\t\t{\n\t\t\t"b": 1\n\t\t}\n\t]\n}\n'),
        ('{\r\n  "a": 1\r\n}\r\n', "/b", "x", '{\r\n  "a": 1,\r\n  "b": "x"\r\n}\r\n'),
        ('{\n  "a": {"b": 1}\n}\n', "/a/c", {"d": 1}, '{\n  "a": {"b": 1, "c": {"d": 1}}\n}\n'),
        (
            '{"kind": "List",\n "items": [\n  {"a": 1},\n  {"b": 2}\n]}\n',
            "/items/1/c",
            3,
            '{"kind": "List",\n "items": [\n  {"a": 1},\n  {"b": 2, "c": 3}\n]}\n',
        ),
    ],
)
def test_adding(before: str, pointer: str, value: object, after: str) -> None:
    """A new entry has the separators, the quotes and the lines of its neighbours."""
    assert splice(before, 0, [Operation("add", pointer, value)]) == after


@pytest.mark.parametrize(
    ("before", "pointer", "after"),
    [
        ("a: {b: 1, c: 2}\n", "/a/b", "a: {c: 2}\n"),
        ("a: {b: 1, c: 2}\n", "/a/c", "a: {b: 1}\n"),
        ("a: { b: 1 }\n", "/a/b", "a: {}\n"),
        ("a: {b: 1, c: 2,}\n", "/a/c", "a: {b: 1,}\n"),
        ("a: {b: 1 , c: 2}\n", "/a/c", "a: {b: 1 }\n"),
        ("a: [1, 2, 3]\n", "/a/1", "a: [1, 3]\n"),
        ("a: [1]\n", "/a/0", "a: []\n"),
        ("a: [\n  1, # one\n  2, # two\n  3 # three\n]\n", "/a/1", "a: [\n  1, # one\n  3 # three\n]\n"),
        ("a: [\n  1, # one\n  2 # two\n]\n", "/a/1", "a: [\n  1 # one\n]\n"),
        ("a: [\n  1, # one\n  2, # two\n]\n", "/a/1", "a: [\n  1, # one\n]\n"),
        ("a: [\n  1, 2,\n  3\n]\n", "/a/0", "a: [\n  2,\n  3\n]\n"),
        ("a: [\n  1, 2,\n  3\n]\n", "/a/1", "a: [\n  1, 3\n]\n"),
        ('{"a":1,"b":2}', "/a", '{"b":2}'),
        ('{"a":1,"b":2}', "/b", '{"a":1}'),
        ('{\n  "a": 1,\n  "b": {\n    "c": 1\n  },\n  "d": 2\n}\n', "/b", '{\n  "a": 1,\n  "d": 2\n}\n'),
        ('{\n  "a": 1,\n  "b": 2\n}\n', "/b", '{\n  "a": 1\n}\n'),
        ('{\n  "a": {\n    "b": 2\n  }\n}\n', "/a/b", '{\n  "a": {}\n}\n'),
    ],
)
def test_removing(before: str, pointer: str, after: str) -> None:
    """An entry goes with its comma, and with its line if it has one."""
    assert splice(before, 0, [Operation("remove", pointer)]) == after


@pytest.mark.parametrize(
    ("before", "pointer", "value", "after"),
    [
        ('{"a": "x"}', "/a", 'y"', '{"a": "y\\""}'),
        ('{"a": "x"}', "/a", "1", '{"a": "1"}'),
        ('{"a":{"b":1}}', "/a", [1, 2], '{"a":[1,2]}'),
        ('{\n  "a": {\n    "b": 1\n  }\n}', "/a", [{"c": 1}], '{\n  "a": [\n    {\n      "c": 1\n    }\n  ]\n}'),
        ('{"😀": "\\ud83d\\ude00", "b": 1}', "/b", 2, '{"😀": "\\ud83d\\ude00", "b": 2}'),
        ('{"\\ud83d\\ude00": 1}', "/😀", 2, '{"\\ud83d\\ude00": 2}'),
        ('{"a": 1.50, "b": 1}', "/b", 2, '{"a": 1.50, "b": 2}'),
        ("a: &x [1]\n", "/a", {"b": 1}, "a: &x\n  b: 1\n"),
        ("a: [&x 1]\n", "/a/0", 2, "a: [&x 2]\n"),
    ],
)
def test_replacing(before: str, pointer: str, value: object, after: str) -> None:
    """A new value is written as the old one was: JSON as JSON, on one line or over several."""
    assert splice(before, 0, [Operation("replace", pointer, value)]) == after


def test_values_of_half_characters_are_compared_as_they_are() -> None:
    """The order of keys does not matter, not even where a value is no text."""
    one, other = {"a": "\ud800", "b": 1}, {"b": 1, "a": "\ud800"}
    assert same(one, other)
    assert same(other, one)
    assert not same({"a": "\ud800"}, {"a": "\ud801"})


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ('{"a": 1}', True),
        ("# said\n---\n[1]\n", True),
        ("{a: 1}", False),
        ('"a"', False),
        ("7", False),
        ("", False),
    ],
)
def test_json_is_told_from_yaml(text: str, is_one: bool) -> None:
    """An object or a list that JSON's own reader takes; comments and a line of dashes may stand before it."""
    assert is_json(text) is is_one
