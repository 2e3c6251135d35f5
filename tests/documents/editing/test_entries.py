"""Keys and items come and go, each with its own line and no other."""

import jsonpointer
import pytest
import yaml

from kubectl_meshfix.documents.editing.splice import splice
from kubectl_meshfix.documents.patch import Operation

SERVICE = """\
# A service
metadata:
  name: web # its name
  labels:
    app: web

    # The version comes
    # from CI.
    version: "1"  # quoted

# What it selects
spec:
  ports:
  # plain
  - name: http
    # The port
    port: 80

  # secret
  - port: 443
"""


@pytest.mark.parametrize(
    ("operation", "before", "after"),
    [
        (Operation("add", "/metadata/annotations", {"a": "b"}), "# quoted\n", "# quoted\n  annotations:\n    a: b\n"),
        (Operation("add", "/metadata/labels/istio.io~1rev", "x"), "# quoted\n", "# quoted\n    istio.io/rev: x\n"),
        (Operation("add", "/kind", "Service"), "# A service\n", "# A service\nkind: Service\n"),
        (Operation("add", "/status", {}), "  - port: 443\n", "  - port: 443\nstatus: {}\n"),
        (Operation("add", "/spec/ports/0/appProtocol", "http"), "    port: 80\n", "    port: 80\n    appProtocol: http\n"),
        (Operation("add", "/spec/ports/-", {"port": 1, "name": "x"}), "- port: 443\n", "- port: 443\n  - port: 1\n    name: x\n"),
        (Operation("add", "/spec/ports/1", {"port": 1}), "    port: 80\n", "    port: 80\n  - port: 1\n"),
        (Operation("add", "/spec/ports/0", {"port": 1}), "  # plain\n", "  - port: 1\n  # plain\n"),
        (Operation("remove", "/metadata/name"), "  name: web # its name\n", ""),
        (Operation("remove", "/metadata/labels/app"), "    app: web\n", ""),
        (Operation("remove", "/metadata/labels/version"), '    version: "1"  # quoted\n', ""),
        (Operation("remove", "/spec/ports/0/port"), "    port: 80\n", ""),
        (Operation("remove", "/spec/ports/0/name"), "  - name: http\n    # The port\n", "  - # The port\n"),
        (Operation("remove", "/spec/ports/0"), "  - name: http\n    # The port\n    port: 80\n", ""),
        (Operation("remove", "/spec/ports/1"), "  - port: 443\n", ""),
        (Operation("remove", "/spec/ports/1/port"), "  - port: 443\n", "  - {}\n"),
        (Operation("remove", "/spec"), SERVICE[SERVICE.index("spec:") :], ""),
    ],
    ids=lambda value: f"{value.op} {value.path}" if isinstance(value, Operation) else "",
)
def test_in_a_manifest(operation: Operation, before: str, after: str) -> None:
    """One place of a manifest changes; every other byte is as it was."""
    assert SERVICE.count(before) == 1
    assert splice(SERVICE, 0, [operation]) == SERVICE.replace(before, after)


@pytest.mark.parametrize(
    ("before", "pointer", "value", "after"),
    [
        ("a: {}\n", "/a/b", 1, "a:\n  b: 1\n"),
        ("a: {} # why\nc: 1\n", "/a/b", 1, "a: # why\n  b: 1\nc: 1\n"),
        ("a: []\n", "/a/-", {"b": 1, "c": 2}, "a:\n- b: 1\n  c: 2\n"),
        ("- {}\n", "/0/b", 1, "- b: 1\n"),
        ("a:\n", "/a", {"b": 1}, "a:\n  b: 1\n"),
        ("a: 1\n", "/b", {}, "a: 1\nb: {}\n"),
        ("a: 1", "/b", {"c": "d"}, "a: 1\nb:\n  c: d"),
        ("a: 1\r\n", "/b", {"c": "d"}, "a: 1\r\nb:\r\n  c: d\r\n"),
        ("\ufeffa: 1\n", "/b", 2, "\ufeffa: 1\nb: 2\n"),
        ("a: 1\n...\n", "/b", 2, "a: 1\nb: 2\n...\n"),
        ("a: 1\n# foot\n", "/b", 2, "a: 1\nb: 2\n# foot\n"),
        ("a:\n  b: 1\n    # of b\n  # of a\nc: 1\n", "/a/d", 2, "a:\n  b: 1\n    # of b\n  d: 2\n  # of a\nc: 1\n"),
        ("a: # why\n  b:\nc: 1\n", "/a/d", 2, "a: # why\n  b:\n  d: 2\nc: 1\n"),
        ("a: |+\n  x\n\nb: 1\n", "/c", 2, "a: |+\n  x\n\nb: 1\nc: 2\n"),
        ("b: 1\na: |+\n  x\n\n", "/c", 2, "b: 1\na: |+\n  x\n\nc: 2\n"),
        ("b: 1\na: |\n  x\n\n", "/c", 2, "b: 1\na: |\n  x\nc: 2\n\n"),
        ("b: 1\na: |\n  x", "/c", 2, "b: 1\na: |-\n  x\nc: 2"),
        ("? a\n: 1\n", "/b", 2, "? a\n: 1\nb: 2\n"),
        ("a: *x\n".replace("*x", "&x 1"), "/b", 2, "a: &x 1\nb: 2\n"),
        ("'a': 1\n", "/x: y", 2, "'a': 1\n'x: y': 2\n"),
        ("a: 1\n", "/istio.io~1rev", 2, "a: 1\nistio.io/rev: 2\n"),
        ("a: 1\n", "/x: y", 2, 'a: 1\n"x: y": 2\n'),
        ("a: 1\n", "/*", 2, 'a: 1\n"*": 2\n'),
        ("a: 1\n", "/-", 2, 'a: 1\n"-": 2\n'),
        ("a: 1\n", "/@x", 2, 'a: 1\n"@x": 2\n'),
        ("a: 1\n", "/8080", 2, 'a: 1\n"8080": 2\n'),
        ("a: 1\n", "/<<", 2, 'a: 1\n"<<": 2\n'),
        ("a: 1\n", "/y", 2, 'a: 1\n"y": 2\n'),
        ("a:\n- 1\n", "/a/0", 0, "a:\n- 0\n- 1\n"),
        ("a:\n  - 1\n", "/a/-", [2, [3]], "a:\n  - 1\n  - - 2\n    - - 3\n"),
        ("a:\n-   b: 1\n    c: 2\n", "/a/-", {"d": 3, "e": 4}, "a:\n-   b: 1\n    c: 2\n-   d: 3\n    e: 4\n"),
        ("- - a\n  - b\n", "/0/0", "c", "- - c\n  - a\n  - b\n"),
        ("- - a\n  - b\n", "/0/-", {"c": 1}, "- - a\n  - b\n  - c: 1\n"),
        ("- a: 1\n- - b\n", "/0/c", 2, "- a: 1\n  c: 2\n- - b\n"),
        ("a:\n    b:\n        c: 1\n", "/a/d", {"e": {"f": 1}}, "a:\n    b:\n        c: 1\n    d:\n        e:\n            f: 1\n"),
        ("a:\n    b:\n      - c\n", "/a/d", ["e"], "a:\n    b:\n      - c\n    d:\n      - e\n"),
        ("d: &d {x: 1}\na:\n  <<: *d\n", "/a/x", 2, "d: &d {x: 1}\na:\n  <<: *d\n  x: 2\n"),
        ("a:\n  # of b\n  spec: 1\n", "/a/metadata", {"b": 2}, "a:\n  metadata:\n    b: 2\n  # of b\n  spec: 1\n"),
        ("- spec:\n    b: 1\n", "/0/metadata", {"c": {"d": 2}}, "- metadata:\n    c:\n      d: 2\n  spec:\n    b: 1\n"),
        ("kind: A\n\nspec: 1\n", "/metadata", {"b": 2}, "kind: A\nmetadata:\n  b: 2\n\nspec: 1\n"),
        ("kind: A # why\n# of spec\nspec: 1\n", "/apiVersion", "v1", "apiVersion: v1\nkind: A # why\n# of spec\nspec: 1\n"),
    ],
)
def test_adding(before: str, pointer: str, value: object, after: str) -> None:
    """What is new stands behind what is there, but metadata before spec, as deep as it, in the style of the text."""
    assert splice(before, 0, [Operation("add", pointer, value)]) == after


@pytest.mark.parametrize(
    ("before", "pointer", "after"),
    [
        ("a:\n  b: 1 # why\nc: 1\n", "/a/b", "a: {}\nc: 1\n"),
        ("a: # why\n  # about\n  b: 1\n  # end\nc: 1\n", "/a/b", "a: {} # why\n  # about\n  # end\nc: 1\n"),
        ("a: &k\n  b: 1\n", "/a/b", "a: &k {}\n"),
        ("a:\n- b # why\nc: 1\n", "/a/0", "a: []\nc: 1\n"),
        ("a: 1 # why\n", "/a", "{}\n"),
        ("# head\na: 1", "/a", "# head\n{}"),
        ("- a: 1\n  b: 2 # why\n", "/0/a", "- b: 2 # why\n"),
        ("-   a:\n      c: 1\n    b: 2\n", "/0/a", "-   b: 2\n"),
        ("- a: 1\n\n  b: 2\n", "/0/a", "- b: 2\n"),
        ("- a: 1\n- b\n", "/0/a", "- {}\n- b\n"),
        ("- - a # why\n  - b\n- c\n", "/0/0", "- - b\n- c\n"),
        ("- - a\n- c\n", "/0/0", "- []\n- c\n"),
        ("a: 1\nb: 2", "/b", "a: 1"),
        ("a: 1\r\nb: 2\r\n", "/a", "b: 2\r\n"),
        ("a: 1\r\nb: 2", "/b", "a: 1"),
        ("\ufeffa: 1\nb: 2\n", "/a", "\ufeffb: 2\n"),
        ("a: 1\nb: |\n  x\n\n  y\nc: 3\n", "/b", "a: 1\nc: 3\n"),
        ("a: 1\nb:\n  x: 1\n  # of x\n# of c\nc: 3\n", "/b", "a: 1\n# of c\nc: 3\n"),
        ("a: |+\n  x\nb: 1\n\nc: 2\n", "/b", "a: |+\n  x\nc: 2\n"),
        ("a: |\n  x\nb: 1\n\n   # of b\nc: 2\n", "/b", "a: |\n  x\nc: 2\n"),
        ("? a\n: 1\n? b\n: 2\n", "/a", "? b\n: 2\n"),
        ("a: 1\nb: 2\na: 3\n", "/a", "b: 2\n"),
        ("x: &x 1\na: *x\nb: 2\n", "/a", "x: &x 1\nb: 2\n"),
    ],
)
def test_removing(before: str, pointer: str, after: str) -> None:
    """An entry goes with its comment; what follows moves up to a dash, and what is left empty is written as such."""
    assert splice(before, 0, [Operation("remove", pointer)]) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [("a:\n  b: 1\n", "a:\n  b: 1\n  c,d]: e,f]\n"), ("a: {b: 1}\n", 'a: {b: 1, "c,d]": "e,f]"}\n')],
)
def test_commas_and_brackets_need_quotes_within_brackets_alone(before: str, after: str) -> None:
    """A key and a value that hold them are plain text where lines end them."""
    assert splice(before, 0, [Operation("add", "/a/c,d]", "e,f]")]) == after


def test_moving_and_copying() -> None:
    """A move is a removal and an addition, a copy an addition, wherever the document then stands."""
    text = "a:\n  x: 1 # one\n  z: 2\nb: []\n"
    assert splice(text, 0, [Operation("move", "/b/-", from_="/a/x")]) == "a:\n  z: 2\nb:\n- 1\n"
    assert splice(text, 0, [Operation("copy", "/c", from_="/a")]) == text + "c:\n  x: 1\n  z: 2\n"
    assert splice("- 1\n- 2\n- {}\n", 0, [Operation("move", "/1/a", from_="/0")]) == "- 2\n- a: 1\n"


def test_operations_follow_each_other() -> None:
    """Each operation finds what the one before has left."""
    operations = [
        Operation("test", "/metadata", None),
        Operation("add", "/metadata", {}),
        Operation("add", "/metadata/labels", {}),
        Operation("add", "/metadata/labels/app", "web"),
        Operation("test", "/metadata/labels/app", "web"),
        Operation("remove", "/kind"),
    ]
    assert splice("kind: X\nmetadata: # m\n", 0, operations) == "metadata: # m\n  labels:\n    app: web\n"


def test_nothing_to_do() -> None:
    """A value that is there already leaves the text alone, however it is written."""
    text = "a: 0x10\nb: {c:   'd'}\n"
    assert splice(text, 0, [Operation("replace", "/a", 16), Operation("add", "/b", {"c": "d"})]) == text


def test_other_documents() -> None:
    """Only the document with the index changes; one that cannot be read and one that is empty are not counted, and stay."""
    text = "# one\na: 1\n---\nb: [\n---\n# nothing\n---\nc: 3\n--- # four\nd: 4"
    assert splice(text, 1, [Operation("replace", "/c", 5)]) == text.replace("c: 3", "c: 5")
    assert splice(text, 2, [Operation("add", "/e", 5)]) == text + "\ne: 5"
    assert splice('{"a": 1}\n{"b": 2}\n', 1, [Operation("add", "/c", 5)]) == '{"a": 1}\n{"b": 2, "c": 5}\n'


@pytest.mark.parametrize(
    ("old", "before", "after"),
    [
        ("/metadata/labels", "  labels:\n    app", "  tags:\n    app"),
        ("/spec/ports/0/name", "- name: http", "- tags: http"),
        ("/spec", "spec:\n", "tags:\n"),
    ],
)
def test_a_key_gets_another_name(old: str, before: str, after: str) -> None:
    """What is added beside its place and removed from it is renamed: its value keeps its comments and its place."""
    new = f"{old.rpartition('/')[0]}/tags"
    value = jsonpointer.resolve_pointer(yaml.safe_load(SERVICE), old)

    assert SERVICE.count(before) == 1
    assert splice(SERVICE, 0, [Operation("add", new, value), Operation("remove", old)]) == SERVICE.replace(before, after)


def test_a_key_in_quotes_stays_in_quotes() -> None:
    """JSON stays JSON; a place that is taken is given another value, and the old one goes."""
    assert splice('{"a": 1, "b": 2}', 0, [Operation("add", "/c", 1), Operation("remove", "/a")]) == '{"c": 1, "b": 2}'
    assert splice('{"a": 1, "b": 2}', 0, [Operation("add", "/b", 1), Operation("remove", "/a")]) == '{"b": 1}'
