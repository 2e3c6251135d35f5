"""Reading a text: YAML or JSON, one document or many, with the place of every value."""

import re
from functools import lru_cache
from typing import Any

import msgspec

from kubectl_meshfix.documents.reading import nodes
from kubectl_meshfix.documents.reading.compose import compose
from kubectl_meshfix.documents.reading.document_bounds import DocumentBounds, chunks, legible, source
from kubectl_meshfix.documents.reading.nodes import Node, Position
from kubectl_meshfix.documents.reading.syntax_errors import Base, SyntaxProblem, UnreadableError

STUB = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
STUB_FROM = 8192
"""Characters from which on only the kind of a CustomResourceDefinition is read: no rule looks at one, and some are megabytes long."""

_DEFINITION = tuple(
    re.compile(rf"^{line}\s*$", re.MULTILINE) for line in (r"apiVersion: apiextensions\.k8s\.io/\w+", "kind: CustomResourceDefinition")
)


class Document(msgspec.Struct, frozen=True):
    """One document of a text.

    ``value`` is plain Python as Kubernetes would read it, nulls kept; parts that come from an alias may be one object in two places,
    so it is not to be changed. ``node`` is the same with positions. ``start`` and ``end`` are the offsets of its text, ``---`` and leading
    comments included; ``line`` is where its content begins. ``source`` is the chart's template that ``helm template`` names above it.
    ``problems`` are keys that are there twice. Of a large CustomResourceDefinition only the kind is read.
    """

    index: int
    value: Any
    node: Node
    line: int
    start: int
    end: int
    source: str | None = None
    problems: tuple[SyntaxProblem, ...] = ()


class Reading(msgspec.Struct, frozen=True):
    """What a text holds: its documents in order, ``documents[i].index == i``, and why others could not be read."""

    documents: tuple[Document, ...]
    problems: tuple[SyntaxProblem, ...]


def read(text: str, first_line: int = 1) -> Reading:
    """Every document of ``text``. What is empty or null is none; what cannot be read is a problem, and the others are read all the same.

    ``first_line`` is the number of the text's first line, for a text that is part of another. The last two texts are remembered, because
    an edit looks at what it was made from, and at what it made, more than once.
    """
    return _read(text, first_line)


@lru_cache(maxsize=2)
def _read(text: str, first_line: int) -> Reading:
    documents: list[Document] = []
    problems: list[SyntaxProblem] = []
    line, line_start, counted = first_line - 1, 0, 0
    for chunk in chunks(text):
        line += text.count("\n", counted, chunk.start)
        line_start = text.rfind("\n", line_start, chunk.start) + 1 or line_start
        counted = chunk.start
        try:
            document = _document(text, chunk, Base(chunk.start, line, chunk.start - line_start), len(documents))
        except UnreadableError as error:
            problems.append(error.problem)
            continue
        if document is not None:
            documents.append(document)
    return Reading(tuple(documents), tuple(problems))


def find(document: Document, pointer: str) -> Node | None:
    """What is written at a JSON ``pointer``, or None. What comes from an alias or a merge is found where it is written."""
    return nodes.find(document.node, pointer)


def locate(document: Document, pointer: str) -> Position:
    """Where to point for a JSON ``pointer``: its value; if there is none, the key of its nearest ancestor, or where that begins."""
    return nodes.nearest(document.node, pointer)


def _document(text: str, chunk: DocumentBounds, base: Base, index: int) -> Document | None:
    own = text[chunk.start : chunk.end]
    if own.startswith("\ufeff"):
        own, base = own[1:], base._replace(offset=base.offset + 1)
    is_stub = len(own) > STUB_FROM and all(found.search(own) for found in _DEFINITION)
    readable = legible(STUB if is_stub else own)
    root, duplicates = compose(readable.text, base, readable.string)
    if root is None:
        return None
    return Document(index, root.value, root, root.line, chunk.start, chunk.end, source(own), duplicates)
