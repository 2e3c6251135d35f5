"""A text is read document by document, as Kubernetes would."""

import json
from typing import Any

import pytest

from kubectl_meshfix.documents.reading.read import STUB, locate, read, shortened

SERVICE = {"kind": "Service", "metadata": {"name": "web"}}


def values(text: str) -> list[Any]:
    """The values of a text that has no problems."""
    reading = read(text)
    assert not reading.problems
    assert [document.index for document in reading.documents] == list(range(len(reading.documents)))
    return [document.value for document in reading.documents]


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n---\nb: 2\n",
        "---\na: 1\n---\nb: 2",
        "--- # first\na: 1\n--- # second\nb: 2\n",
        "--- {a: 1}\n--- {b: 2}\n",
        "a: 1\r\n---\r\nb: 2\r\n",
        "\ufeffa: 1\n---\nb: 2\n",
        "\ufeff---\na: 1\n\ufeff---\nb: 2\n",
        "a: 1\n...\nb: 2\n...\n",
        "a: 1\n...\n---\nb: 2\n",
        "%YAML 1.1\n---\na: 1\n...\n%YAML 1.1\n# about b\n---\nb: 2\n",
        "%TAG !k! tag:k8s.io,2024:\n---\na: 1\n---\nb: 2\n",
        "# nothing\n---\n---\na: 1\n---\n# nothing\n---   \n\n---\nb: 2\n---\n",
        "null\n---\na: 1\n---\n~\n---\nb: 2\n",
        '{"a": 1}\n---\n{"b": 2}\n',
        '{"a": 1}{"b": 2}',
        '{"a": 1}\n\n{"b": 2}\n',
        '{"a":\t1}\n---\nb: 2\n',
    ],
)
def test_documents(text: str) -> None:
    """Separators, markers, directives and a byte order mark divide a text; what is empty or null is skipped without a word."""
    assert values(text) == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize("text", ["", "\n", "# only a comment", "---\n", "---\n---\n...\n", "\ufeff", "null", "--- # nothing\n"])
def test_no_documents(text: str) -> None:
    """A text may hold nothing."""
    assert values(text) == []


def test_separators_inside_of_text() -> None:
    """Three dashes that are indented belong to the value they stand in."""
    assert values("a: |\n  x\n  ---\n  y\nb: 1\n") == [{"a": "x\n---\ny\n", "b": 1}]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{\n\t"a": "x\\/y",\n\t"b":\t[1,\t2]\n}', {"a": "x/y", "b": [1, 2]}),
        (r'{"a": "\ud83d\ude00 \\ud83d A"}', {"a": "😀 \\ud83d A"}),
        (r'{"\ud83d\ude00": {"b": "\ud83d"}}', {"😀": {"b": "\ufffd"}}),
        ('{"a": "x\u2028y\x7f\ufeff"}', {"a": "x\u2028y\x7f\ufeff"}),
        ('{"a": "x\x7fy"}', {"a": "x\x7fy"}),
        ('{"a": "x\\u0000y"}', {"a": "x\0y"}),
        ('{"a": 1.50, "b": 1E3, "c": -0, "d": true, "e": null}', {"a": 1.5, "b": 1000.0, "c": 0, "d": True, "e": None}),
        ('[{"a": "' + "x" * 5000 + '"}]', [{"a": "x" * 5000}]),
    ],
)
def test_json(text: str, value: object) -> None:
    """JSON is read as JSON, tabs, surrogates and characters that YAML forbids included."""
    assert values(text) == [value]


def test_json_positions() -> None:
    """Characters that are masked for the parser keep their places."""
    (document,) = read('{"😀": "\\ud83d\\ude00",\n "b": "\u2028", "c": 1}').documents
    assert [(node.line, node.column) for node in document.node.children] == [(1, 2), (1, 7), (2, 2), (2, 7), (2, 12), (2, 17)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1: a\n1.10: b\nyes: c\n0x10: d\n", {"1": "a", "1.1": "b", "true": "c", "16": "d"}),
        ("? a\n: b\n? c\n", {"a": "b", "c": None}),
        ("a:\nb: ~\nc: ''\n", {"a": None, "b": None, "c": ""}),
        ("a: !!str 1\nb: !!int '1'\nc: !Ref x\nd: !!binary aGk=\n", {"a": "1", "b": 1, "c": "x", "d": "hi"}),
        ("a: >-\n  x\n  y\nb: |+\n  z\n\nc: 'it''s'\n", {"a": "x y", "b": "z\n\n", "c": "it's"}),
    ],
)
def test_values(text: str, value: object) -> None:
    """Keys are text, nulls are kept, tags and styles mean what they say."""
    assert values(text) == [value]


def test_source() -> None:
    """A document knows the template that helm names above it, and only above it."""
    text = (
        "---\n# Source: shop/templates/web.yaml\nkind: A\n---\n# Source: shop/templates/empty.yaml\n---\n"
        "# a licence\n# Source: shop/charts/db/templates/db.yaml  \n\nkind: B\n# Source: not/this.yaml\n---\nkind: C\n"
    )
    assert [document.source for document in read(text).documents] == ["shop/templates/web.yaml", "shop/charts/db/templates/db.yaml", None]


def test_spans() -> None:
    """Documents lie in the text one after the other, with their separators, and know the line of their content."""
    text = "# head\n---\n# c\na: 1\n---\n\nb: é\n...\nc: 3"
    documents = read(text).documents
    assert [text[document.start : document.end] for document in documents] == ["# head\n---\n# c\na: 1\n", "---\n\nb: é\n...\n", "c: 3"]
    assert [document.line for document in documents] == [4, 7, 9]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_offsets(newline: str) -> None:
    """Every node's offsets cut its own text out of the whole, whatever characters and documents come before."""
    text = newline.join(
        ["\ufeffé: 😀 # 😀", "---", "key: &a !!str 'v' # c", "list:", '- "x"', "- {k: [1, 2]}", "- *a", "text: |", "  line", "", "end: 1"]
    )
    second = read(text).documents[1]
    written = {text[node.start : node.end] for node in second.node.children}
    assert {
        "key",
        "&a !!str 'v'",
        "list",
        f'- "x"{newline}- {{k: [1, 2]}}{newline}- *a',
        f"|{newline}  line{newline}{newline}",
        "1",
    } <= written
    first = read(text).documents[0]
    assert [text[node.start : node.end] for node in first.node.children] == ["é", "😀"]
    assert first.node.children[1].column == 4
    assert [(node.style, node.anchor, node.tag) for node in second.node.children[1:2]] == [("'", "a", "tag:yaml.org,2002:str")]


def test_kubectl_output() -> None:
    """What ``kubectl get -o json`` prints is one document, in the values of JSON."""
    value = {"kind": "List", "items": [SERVICE, {"kind": "ConfigMap", "data": {"x": "a: |\n  b\n"}}]}
    assert values(json.dumps(value, indent=4)) == [value]


def test_of_a_large_definition_only_the_kind_is_read() -> None:
    """What no rule looks at costs nothing: its fields are left out, and the documents around it keep their places."""
    schema = "".join(f"  - name: f{number}\n    description: a field of many\n" for number in range(500))
    large = f"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: x}}\nspec:\n{schema}"
    text = f"a: 1\n---\n{large}---\nb: [c]\n"

    first, definition, last = read(text).documents

    assert definition.value == {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    assert text[definition.start : definition.end] == f"---\n{large}"
    assert (first.value, last.value) == ({"a": 1}, {"b": ["c"]})
    assert last.line == locate(last, "/b/0").line == text.count("\n")
    assert read(large[:900]).documents[0].value["metadata"] == {"name": "x"}


def test_of_a_file_that_is_a_large_definition_only_the_kind_is_kept() -> None:
    """And the whole text of one that holds more, is rendered before it is read, or is small."""
    large = f"---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n{'  # long' * 2000}\n"

    assert shortened(large) == STUB
    for text in (large + large, f"{large}...\n", f"{large}# {{{{ .x }}}}\n", large[:900], large.replace("Custom", "")):
        assert shortened(text) == text
