"""Text in a block scalar, such as a file in a ConfigMap, is edited line by line."""

import pytest

from kubectl_meshfix.documents.editing.block_scalars import rewritten
from kubectl_meshfix.documents.editing.layout import TextEdit
from kubectl_meshfix.documents.editing.splice import splice
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.reading.read import read

CONFIG = """\
data:
  config: |-
    policy: enabled
    template: |
      {{ if .Values.x }}
      \tindented
      {{ end }}
  \x20
    neverInjectSelector: []  # none

    last: 1

  values: x
"""


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        ("enabled", "disabled", "enabled", "disabled"),
        ("Selector: []  #", "Selector:\n- x: {}\n #", "Selector: []  #", "Selector:\n    - x: {}\n     #"),
        ("policy: enabled\n", "", "    policy: enabled\n", ""),
        ("policy:", "a: 1\n\npolicy:", "    policy:", "    a: 1\n\n    policy:"),
        ("\tindented\n", "\tindented\n  \n", "\tindented\n", "\tindented\n      \n"),
        ("last: 1", "last: 2\nmore: 3", "last: 1", "last: 2\n    more: 3"),
        ("last: 1", "last: 1\n", "|-\n", "|\n"),
    ],
)
def test_lines(old: str, new: str, before: str, after: str) -> None:
    """Lines that are in both texts stay as they are, blanks included; new ones have the same indentation."""
    (document,) = read(CONFIG).documents
    value = document.value["data"]["config"]
    assert value.count(old) == CONFIG.count(before) == 1
    assert splice(CONFIG, 0, [Operation("replace", "/data/config", value.replace(old, new))]) == CONFIG.replace(before, after)


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("a: |\n  x\n", "y\n", "a: |\n  y\n"),
        ("a: |  # why\n  x\nb: 1\n", "y", "a: |-  # why\n  y\nb: 1\n"),
        ("a: |-\n  x\nb: 1\n", "y\n", "a: |\n  y\nb: 1\n"),
        ("a: |\n  x\n\nb: 1\n", "y\n", "a: |\n  y\n\nb: 1\n"),
        ("a: |\n  x\n\nb: 1\n", "y\n\n\n", "a: |+\n  y\n\n\nb: 1\n"),
        ("a: |+\n  x\n\nb: 1\n", "y\n", "a: |\n  y\n\nb: 1\n"),
        ("a: |+\n  x\n\nb: 1\n", "y\n\n", "a: |+\n  y\n\nb: 1\n"),
        ("a: |+\n  x\nb: 1\n", "y\n", "a: |+\n  y\nb: 1\n"),
        ("a: |+\n  x\n\nb: 1\n", "y", "a: |-\n  y\n\nb: 1\n"),
        ("a: |\n      x\n", "y\n z\n", "a: |\n      y\n       z\n"),
        ("a: |2\n    x\n", "  x\ny\n", "a: |2\n    x\n  y\n"),
        ("a: |\n  x\n", "  x\n", "a: |2\n    x\n"),
        ("a: |\n  x\n", "\tx\n", "a: |2\n  \tx\n"),
        ("a:\n  b: |\n      x\n", " y\n", "a:\n  b: |4\n       y\n"),
        ("a:\n  b: |\n      x\n", "\n\ny\n", "a:\n  b: |\n\n\n      y\n"),
        ("a: >\n  x\n  y\n\n  z\nb: 1\n", "x y\nw\n", "a: |\n  x y\n  w\nb: 1\n"),
        ("a: >2-  # why\n   x\n  y\n\nb: 1\n", "w\n", "a: |2  # why\n  w\n\nb: 1\n"),
        ("a: |\n  x", "y", "a: |\n  y"),
        ("a: |\n  x", "x\ny", "a: |\n  x\n  y"),
        ("a: |\n  x", "y\n", "a: |\n  y\n"),
        ("a: |-\n  x", "y", "a: |-\n  y"),
        ("a: |\r\n  x\r\n  y\r\nb: 1\r\n", "x\nz\ny\n", "a: |\r\n  x\r\n  z\r\n  y\r\nb: 1\r\n"),
        ("a: |\n  x\nb: 1\n", "", 'a: ""\nb: 1\n'),
        ("a: |\n  x\nb: 1\n", "\n\n", 'a: "\\n\\n"\nb: 1\n'),
        ("a: | # why\n  x\nb: 1\n", "x\x07\n", 'a: "x\\u0007\\n" # why\nb: 1\n'),
        ("a: |\n  x\nb: 1\n", "p\r\nq\n", 'a: "p\\r\\nq\\n"\nb: 1\n'),
        ("a: |\n\nb: 1\n", "x\n", "a: |\n  x\n\nb: 1\n"),
        ("a: &k !!str |\n  x\n", "y\n", "a: &k !!str |\n  y\n"),
        ("a: |\n  x\n    \nb: 1\n", "y\n", "a: |\n  y\nb: 1\n"),
        ("a: |\n  x\nb: 1", "y", "a: |-\n  y\nb: 1"),
        ("a: |+\n  x", "y", "a: |-\n  y"),
        ("a: |", "y\n", "a: |\n  y\n"),
        ("a: |", "y", "a: |\n  y"),
        ("a: |\n" + 9 * " " + "x\n", " y\n", "a: |9\n" + 9 * " " + " y\n"),
        ("a: |\n" + 10 * " " + "x\n", " y\n", "a: |2\n   y\n"),
    ],
)
def test_endings(before: str, value: str, after: str) -> None:
    """Indentation and chomping stay if they fit the new text, and are made to fit if not; blank lines after it stay."""
    pointer = "/a/b" if before.startswith("a:\n  b:") else "/a"
    assert splice(before, 0, [Operation("replace", pointer, value)]) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\n  # of a\nb: 1\n", 'a: "x\\ny\\n"\n  # of a\nb: 1\n'),
        ("a:\n  # of c\n  c: 1\n  # end\nb: 1\n", 'a:\n  # of c\n  "x\\ny\\n"\n  # end\nb: 1\n'),
        ("a: 1\n# of b\nb: 1\n", "a: |\n  x\n  y\n# of b\nb: 1\n"),
    ],
)
def test_comments_below(before: str, after: str) -> None:
    """A comment below that a block scalar would take for its own text stays a comment."""
    assert splice(before, 0, [Operation("replace", "/a", "x\ny\n")]) == after


def test_items() -> None:
    """A list's items may be block scalars too."""
    assert splice("- |\n  x\n- y\n", 0, [Operation("replace", "/0", " z\n")]) == "- |2\n   z\n- y\n"
    assert splice("a:\n- - |\n    x\n  - y\n", 0, [Operation("replace", "/a/0/0", " z\n")]) == "a:\n- - |2\n     z\n  - y\n"


def test_a_text_that_does_not_end_the_file_is_followed_by_a_line_break() -> None:
    """Whether or not the last line of the file has one itself."""
    text = "a: |\n  x\nb: 1"
    (document,) = read(text).documents
    node = document.node.children[1]
    assert rewritten(text, node, "y", 0, "\n") == TextEdit(node.start, node.end, "|-\n  y\n")


@pytest.mark.parametrize(("more", "blank"), [(0, "  \n"), (1, "\n")])
def test_lines_between_two_changes_are_compared_as_long_as_they_are_not_too_many(more: int, blank: str) -> None:
    """Of two thousand a blank one keeps its spaces; of more it is written anew."""
    before = ["first", *["x"] * (997 + more), "", "last"]
    text = "a: |\n" + "".join(f"  {line}\n" for line in before)
    after = ["changed", *["y"] * 997, "", "changed too"]
    expected = "a: |\n" + "".join(f"  {line}\n" if line else blank for line in after)
    assert splice(text, 0, [Operation("replace", "/a", "\n".join(after) + "\n")]) == expected


def test_many_lines() -> None:
    """A long text with two changes far apart keeps all between, and takes no time."""
    lines = [f"line {number} " for number in range(20_000)]
    before = "a: |\n" + "".join(f"  {line}\n" for line in lines)
    lines[10], lines[19_000] = "changed", "changed too"
    after = splice(before, 0, [Operation("replace", "/a", "\n".join(lines) + "\n")])
    assert after == before.replace("  line 10 \n", "  changed\n").replace("  line 19000 \n", "  changed too\n")
