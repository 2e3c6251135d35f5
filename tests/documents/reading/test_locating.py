"""A JSON pointer leads to a line and a column."""

import pytest

from kubectl_meshfix.documents.reading.read import find, locate, read

TEXT = """\
# head
apiVersion: v1
kind: List
items:
- kind: Service
  metadata:
    name: web
    labels: {app: web, "a/b": x}
  spec:
    ports:
      - port: 80
      - name: grpc
        port: 90
    selector: &app
      app: web
    empty:
- kind: Service
  spec:
    selector: *app
    merged:
      <<: *app
      tier: back
"""


@pytest.mark.parametrize(
    ("pointer", "line", "column"),
    [
        ("", 2, 1),
        ("/kind", 3, 7),
        ("/items/0/metadata/name", 7, 11),
        ("/items/0/metadata/labels/a~1b", 8, 31),
        ("/items/0/spec/ports/1/port", 13, 15),
        ("/items/0/spec/ports/1", 12, 9),
        ("/items/0/spec/empty", 16, 11),
        ("/items/1/spec/selector", 19, 15),
        ("/items/1/spec/selector/app", 15, 12),
        ("/items/1/spec/merged/app", 15, 12),
        ("/items/1/spec/merged/tier", 22, 13),
        ("/items/0/metadata/annotations/x", 6, 3),
        ("/items/0/spec/ports/0/name", 11, 9),
        ("/items/0/spec/ports/7", 10, 5),
        ("/items/0/spec/empty/deep", 16, 5),
        ("/items/9", 4, 1),
        ("/items/x", 4, 1),
        ("/items/00", 4, 1),
        ("/nothing", 2, 1),
    ],
)
def test_locate(pointer: str, line: int, column: int) -> None:
    """A value is where it is written; what is missing is looked for at the key that should hold it, or at the first line of an item."""
    (document,) = read(TEXT).documents
    assert locate(document, pointer) == (line, column)


def test_find() -> None:
    """A pointer finds a node with its text's offsets, or nothing."""
    (document,) = read(TEXT).documents
    node = find(document, "/items/0/spec/ports/1/name")
    assert node is not None
    assert (TEXT[node.start : node.end], node.value, node.style) == ("grpc", "grpc", "")
    assert find(document, "/items/0/spec/ports/1/protocol") is None
    assert find(document, "/kind/x") is None
    assert find(document, "/items/1") is not None
    assert find(document, "/items/2") is None
    assert find(document, "/items/-") is None


def test_the_last_of_two_keys() -> None:
    """A key that is there twice is where its value comes from."""
    (document,) = read("a: 1\nb: 2\na: 3\n").documents
    assert locate(document, "/a") == (3, 4)


def test_lines_of_a_later_document() -> None:
    """Lines and columns count in the whole text, behind a byte order mark and Windows line ends too."""
    documents = read('\ufeffa: 1\r\n--- {b: 2}\r\n---\r\nc:\r\n  d: "é"\r\n').documents
    assert locate(documents[0], "/a") == (1, 4)
    assert locate(documents[1], "/b") == (2, 9)
    assert locate(documents[2], "/c/d") == (5, 6)
