"""A value is replaced, and nothing around it."""

from typing import Any

import pytest

from kubectl_meshfix.documents.editing.splice import splice
from kubectl_meshfix.documents.patch import Operation


def replaced(text: str, pointer: str, value: Any) -> str:
    """The text with one value replaced."""
    return splice(text, 0, [Operation("replace", pointer, value)])


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("a: http  # why\n", "grpc", "a: grpc  # why\n"),
        ("a: http\n", "true", 'a: "true"\n'),
        ("a: http\n", "1.0", 'a: "1.0"\n'),
        ("a: http\n", "yes", 'a: "yes"\n'),
        ("a: http\n", "0777", 'a: "0777"\n'),
        ("a: http\n", "1e3", 'a: "1e3"\n'),
        ("a: http\n", "2020-01-01", 'a: "2020-01-01"\n'),
        ("a: http\n", "1:30", 'a: "1:30"\n'),
        ("a: http\n", "e", "a: e\n"),
        ("a: 2020-01-01\n", "2020-01-02", "a: 2020-01-02\n"),
        ("a: 1.2.3\n", "1.2.4", "a: 1.2.4\n"),
        ("a: http\n", "", 'a: ""\n'),
        ("a: http\n", "x: y", 'a: "x: y"\n'),
        ("a: http\n", "http://x/y#z", "a: http://x/y#z\n"),
        ("a: http\n", "x #y", 'a: "x #y"\n'),
        ("a: http\n", "*.example.com", 'a: "*.example.com"\n'),
        ("a: http\n", " x", 'a: " x"\n'),
        ("a: http\n", "é 😀", "a: é 😀\n"),
        ("a: http\n", "x\ty", 'a: "x\\ty"\n'),
        ("a: http\n", "x\u2028y\x07", 'a: "x\\u2028y\\u0007"\n'),
        ("a: http\nb: 'x'\n", "true", "a: 'true'\nb: 'x'\n"),
        ('a: "http" # why\n', "grpc", 'a: "grpc" # why\n'),
        ('a: "x"\n', 'say "hi"\n', 'a: "say \\"hi\\"\\n"\n'),
        ("a: 'http'\n", "it's", "a: 'it''s'\n"),
        ("a: 'http'\n", "x\ny", 'a: "x\\ny"\n'),
        ('a: "80"\n', 80, "a: 80\n"),
        ("a: 80\n", "80", 'a: "80"\n'),
        ("a: 80\n", 8080, "a: 8080\n"),
        ("a: true\n", False, "a: false\n"),
        ("a: x\n", None, "a: null\n"),
        ("a: x\n", 1.5, "a: 1.5\n"),
        ("a:\n", "x", "a: x\n"),
        ("a:  # why\nb: 1\n", "x", "a: x  # why\nb: 1\n"),
        ("a: ~\n", "x", "a: x\n"),
        ("a:\n  http # why\n", "grpc", "a:\n  grpc # why\n"),
        ("a: one\n  two # why\nb: 1\n", "three", "a: three # why\nb: 1\n"),
        ('a: "one\n\n  two"\nb: 1\n', "three", 'a: "three"\nb: 1\n'),
        ("a: http", "grpc", "a: grpc"),
        ("a: http\r\nb: 1\r\n", "grpc", "a: grpc\r\nb: 1\r\n"),
        ("\ufeffa: http\n", "grpc", "\ufeffa: grpc\n"),
        ("---\na: http\n...\n", "grpc", "---\na: grpc\n...\n"),
        ("? a\n: http\n? b\n", "grpc", "? a\n: grpc\n? b\n"),
        ("a: !!str 80\n", "90", 'a: !!str "90"\n'),
        ("a: !!str 80\n", 90, "a: 90\n"),
        ("a: &port 80\n", 90, "a: &port 90\n"),
        ("a: &port !!str 80\n", 90, "a: &port 90\n"),
        ("a: &port\n", 90, "a: &port 90\n"),
        ("x: &x 1\na: *x # why\n", 2, "x: &x 1\na: 2 # why\n"),
        ("a: http\n", "x\ny\n", "a: |\n  x\n  y\n"),
        ("a: http # why\nb: 1\n", " x\ny", "a: |2- # why\n   x\n  y\nb: 1\n"),
        ("a: http", "x\ny", "a: |-\n  x\n  y"),
        ("a: http", "x\ny\n", "a: |\n  x\n  y\n"),
    ],
)
def test_scalars(before: str, value: object, after: str) -> None:
    """A scalar keeps its quotes, or goes without where it stays the same text for every reader; comments and line ends stay."""
    assert replaced(before, "/a", value) == after


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("a: http # why\nb: 1\n", {"x": 1, "y": [2]}, 'a: # why\n  x: 1\n  "y":\n  - 2\nb: 1\n'),
        ("a: 1\nb:\n    c: 2\n", {"x": {"z": 1}}, "a:\n    x:\n        z: 1\nb:\n    c: 2\n"),
        ("a: 1\nb:\n  - c\n", ["x", "z"], "a:\n  - x\n  - z\nb:\n  - c\n"),
        ("a:\n  x: 1  # one\n  # two\n  z: 2\nb: 1\n", "v", "a: v\nb: 1\n"),
        ("a: # why\n  # about x\n  x: 1\nb: 1\n", "v", "a: # why\n  # about x\n  v\nb: 1\n"),
        ("a: # why\n  # about x\n  x: 1\nb: 1\n", ["v"], "a: # why\n  # about x\n  - v\nb: 1\n"),
        ("a: # why\n- x # one\n- z\nb: 1\n", {"v": 1}, "a: # why\n  v: 1\nb: 1\n"),
        ("a: # why\n- x\nb: 1\n", "v", "a: v # why\nb: 1\n"),
        ("a: {x: 1} # why\n", [1], "a: # why\n- 1\n"),
        ("a: {x: 1} # why\n", 1, "a: 1 # why\n"),
        ("a: [x,\n  z] # why\nb: 1\n", {}, "a: {} # why\nb: 1\n"),
        ("a: {}\nb: 1\n", {"x": 1}, "a:\n  x: 1\nb: 1\n"),
        ("a:\nb: 1\n", {"x": 1}, "a:\n  x: 1\nb: 1\n"),
        ("a: # why\nb: 1\n", ["x"], "a: # why\n- x\nb: 1\n"),
        ("a: &k # why\n  x: 1\n", {"z": 1}, "a: &k # why\n  z: 1\n"),
        ("a: &k 1\n", {"z": 1}, "a: &k\n  z: 1\n"),
        ("a: |  # why\n  text\n\nb: 1\n", {"z": 1}, "a:  # why\n  z: 1\n\nb: 1\n"),
        ("a: |  # why\n  text\n\nb: 1\n", 5, "a: 5  # why\n\nb: 1\n"),
        ("x: &x {z: 1}\na: *x\n", {"v": 1}, "x: &x {z: 1}\na:\n  v: 1\n"),
        ("a: 1\r\nb: 1\r\n", {"x": "p\nq\n"}, "a:\r\n  x: |\r\n    p\r\n    q\r\nb: 1\r\n"),
        ("a: 1", {"x": [1]}, "a:\n  x:\n  - 1"),
    ],
)
def test_other_kinds(before: str, value: object, after: str) -> None:
    """A value of another kind stands where a person would write it, in the indentation of the text around."""
    assert replaced(before, "/a", value) == after


@pytest.mark.parametrize(
    ("before", "pointer", "value", "after"),
    [
        ("- x # why\n- y\n", "/0", {"a": 1, "b": [2]}, "- a: 1 # why\n  b:\n  - 2\n- y\n"),
        ("- x: 1\n  z: 2\n- y\n", "/0", "v", "- v\n- y\n"),
        ("-   x: 1\n    z: 2\n- y\n", "/0", {"a": 1, "b": 2}, "-   a: 1\n    b: 2\n- y\n"),
        ("-\n  x: 1\n- y\n", "/0", {"a": 1, "b": 2}, "-\n  a: 1\n  b: 2\n- y\n"),
        ("-\n- y\n", "/0", {"a": 1, "b": 2}, "- a: 1\n  b: 2\n- y\n"),
        ("- - x\n  - z\n- y\n", "/0/1", {"a": 1}, "- - x\n  - a: 1\n- y\n"),
        ("- y\n- x\n", "/1", "p\nq", "- y\n- |-\n  p\n  q\n"),
        ("a: [x, {b: 1}]\n", "/a/1", [2, "z z", "true"], 'a: [x, [2, z z, "true"]]\n'),
        ("a: {b: 'x', c: y}\n", "/a/b", "z", "a: {b: 'z', c: y}\n"),
        ("a: {b: x, c: y}\n", "/a/b", "p, q", 'a: {b: "p, q", c: y}\n'),
        ("a: {b, c: , d: 1}\n", "/a/b", "x", "a: {b: x, c: , d: 1}\n"),
        ("a: {b, c: , d: 1}\n", "/a/c", "x", "a: {b, c: x, d: 1}\n"),
        ("a: {b: p\n  q, c: 1}\n", "/a/b", "x", "a: {b: x, c: 1}\n"),
    ],
)
def test_items_and_brackets(before: str, pointer: str, value: object, after: str) -> None:
    """Items begin behind their dash, and values in brackets stay in them."""
    assert replaced(before, pointer, value) == after


def test_only_what_differs_is_written() -> None:
    """Where the new value is much like the old, comments and quotes in it stay."""
    before = "spec:\n  ports:\n  # web\n  - name: 'http' # h\n    port: 80\n  - name: x\n  selector: {app: web}\n"
    value = {"ports": [{"name": "http", "port": 81}, {"name": "z"}, {"name": "y"}], "selector": {"app": "web", "v": "1"}}
    after = before.replace("80", "81").replace("name: x\n", "name: z\n  - name: 'y'\n").replace("web}", 'web, v: "1"}')
    assert replaced(before, "/spec", value) == after


def test_the_whole_document() -> None:
    """A document can be replaced as a whole."""
    assert replaced("# head\na: 1\n# foot\n", "", {"b": [1]}) == "# head\nb:\n- 1\n# foot\n"
    assert replaced('{"a": 1}\n', "", {"b": [1]}) == '{"b": [1]}\n'
    assert replaced("---\n- a\n---\nb: 1\n", "", "text") == "---\ntext\n---\nb: 1\n"
