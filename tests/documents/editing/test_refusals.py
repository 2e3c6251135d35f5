"""An edit changes one place and can be read back, or is refused in words that name the line."""

import pytest

from kubectl_meshfix.documents.editing.editable_parts import DocumentPatch
from kubectl_meshfix.documents.editing.splice import SpliceError, splice, splice_each
from kubectl_meshfix.documents.patch import Operation, PatchConflictError


@pytest.mark.parametrize(
    ("text", "operation", "words"),
    [
        ("a: &x {b: 1}\nc: *x\n", Operation("add", "/c/b", 2), "Line 2 takes this value from the anchor &x of line 1"),
        ("a: &x {b: 1}\nc: *x\n", Operation("add", "/a/d", 2), "Line 2 uses the anchor &x of line 1"),
        ("a: &x {b: 1}\nc: *x\n", Operation("replace", "/a/b", 2), "Line 2 uses the anchor &x of line 1"),
        ("a: &x 1\nc: *x\n", Operation("replace", "/a", 2), "Line 2 uses the anchor &x of line 1"),
        ("a: &x 1\nc: *x\n", Operation("remove", "/a"), "Line 2 uses the anchor &x of line 1"),
        ("a:\n  b: &x |\n    y\nc: *x\n", Operation("remove", "/a"), "Line 4 uses the anchor &x of line 2"),
        ("a: &x\n  b: {c: 1}\nd:\n  <<: *x\n", Operation("add", "/d/b/e", 2), "Line 4 takes this value from the anchor &x of line 1"),
        ("a: &x\n  b: {c: 1}\nd:\n  <<: *x\n", Operation("remove", "/d/b"), "Line 4 takes this value from the anchor &x of line 1"),
        (
            "a: &x\n  b: 1\nd:\n  <<: [*x, {c: 1}]\n  b: 2\n",
            Operation("remove", "/d/b"),
            "Line 4 takes this value from the anchor &x of line 1",
        ),
        ("d:\n  <<: {c: 1}\n", Operation("remove", "/d/c"), "This value comes from the merge key (<<) on line 2"),
        ("# one\n---\n# two\na: &x {b: 1}\nc: *x\n", Operation("add", "/c/b", 2), "Line 5 takes this value from the anchor &x of line 4"),
        ("a: {{ .Values.x }}\n", Operation("add", "/b", 1), "There is no document 0"),
        ('{"a": 1}', Operation("add", "/b", float("nan")), "cannot be written in this text"),
        ("a: 1\n", Operation("add", "/" + "x" * 2000, 1), "too long"),
        ("a: 1\n", Operation("add", "/b", "\ud800"), "cannot be parsed after"),
        ("? a\n? b\n", Operation("replace", "/a", 1), "cannot be edited in place"),
    ],
)
def test_refusals(text: str, operation: Operation, words: str) -> None:
    """What cannot be done alone is not done, and the message says which anchor and which line are in the way."""
    with pytest.raises(SpliceError, match=r"\.$") as caught:
        splice(text, 0, [operation])
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("text", "operation", "after"),
    [
        ("a: &x {b: 1}\nc: *x\n", Operation("replace", "/c", 2), "a: &x {b: 1}\nc: 2\n"),
        ("a: &x {b: 1}\nc: *x\n", Operation("remove", "/c"), "a: &x {b: 1}\n"),
        ("a: &x {b: 1}\nc: *x\n", Operation("add", "/d", 2), "a: &x {b: 1}\nc: *x\nd: 2\n"),
        ("a: &x {b: 1}\nd:\n  <<: *x\n  c: 1\n", Operation("replace", "/d/b", 2), "a: &x {b: 1}\nd:\n  <<: *x\n  c: 1\n  b: 2\n"),
        ("a: &x {b: 1}\nd:\n  b: 3\n  <<: *x\n", Operation("add", "/d/c", 2), "a: &x {b: 1}\nd:\n  b: 3\n  <<: *x\n  c: 2\n"),
        ("a:\n  b: &x 1\n  c: *x\nd: 1\n", Operation("remove", "/a"), "d: 1\n"),
        ("a: &x 1\nb: 2\n", Operation("replace", "/a", 3), "a: &x 3\nb: 2\n"),
    ],
)
def test_local_edits(text: str, operation: Operation, after: str) -> None:
    """An anchor nearby does not matter where only one place changes."""
    assert splice(text, 0, [operation]) == after


def test_conflicts() -> None:
    """Operations that do not fit the document are a conflict, not an edit."""
    with pytest.raises(PatchConflictError):
        splice("a: 1\n", 0, [Operation("test", "/a", 2), Operation("replace", "/a", 3)])
    with pytest.raises(PatchConflictError):
        splice("a: 1\n", 0, [Operation("remove", "/b")])


LIST = """\
apiVersion: v1
kind: List
items:
- kind: Service
  spec: {ports: [{port: 80}]}
- kind: ConfigMap
  data:
    x: |
      text

- kind: Pod
  spec: &spec
    hostNetwork: true
- kind: Pod
  spec: *spec
"""


def test_each() -> None:
    """Patches of one text are made each on its own: one that is refused leaves the others as they are."""
    patches = [
        DocumentPatch(0, [Operation("add", "/items/0/spec/ports/0/name", "http")]),
        DocumentPatch(0, [Operation("test", "/items/0/kind", "Pod"), Operation("remove", "/items/0/spec")]),
        DocumentPatch(0, [Operation("add", "/items/1/data/x", "new\ntext\n")]),
        DocumentPatch(0, [Operation("add", "/items/2/spec/hostNetwork", False)]),
        DocumentPatch(0, [Operation("add", "/items/0/spec/ports/0/protocol", "TCP")]),
        DocumentPatch(7, []),
    ]
    text, errors = splice_each(LIST, patches)
    assert [type(error) for error in errors] == [type(None), PatchConflictError, type(None), SpliceError, type(None), SpliceError]
    assert text == LIST.replace("{port: 80}", "{port: 80, name: http, protocol: TCP}").replace("      text\n", "      new\n      text\n")
    assert "Line 15 uses the anchor &spec of line 12" in str(errors[3])


def test_each_item_alone() -> None:
    """Many patches of a list's items cost little more than one."""
    items = "".join(f"  - kind: Service\n    metadata: {{name: s{number}}}\n    spec:\n      x: 1 # {number}\n" for number in range(300))
    text = f"kind: List\nitems:\n{items}"
    patches = [DocumentPatch(0, [Operation("add", f"/items/{number}/spec/y", number)]) for number in range(300)]
    result, errors = splice_each(text, patches)
    assert not any(errors)
    assert result == "".join(
        line + (f'      "y": {line.rpartition("# ")[2]}' if line.startswith("      x") else "") for line in text.splitlines(keepends=True)
    )
