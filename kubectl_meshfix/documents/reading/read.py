"""Reading a text: YAML or JSON, one document or many, with the place of every value."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec

from kubectl_meshfix.documents.reading import nodes
from kubectl_meshfix.documents.reading.compose import compose
from kubectl_meshfix.documents.reading.document_bounds import DocumentBounds, chunks, is_alone, legible, source
from kubectl_meshfix.documents.reading.nodes import Node, Position
from kubectl_meshfix.documents.reading.syntax_errors import Base, SyntaxProblem, UnreadableError
from kubectl_meshfix.documents.reading.values import values

STUB = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
STUB_FROM = 8192
"""Characters from which on only the kind of a CustomResourceDefinition is read: no rule looks at one, and some are megabytes long."""

_DEFINITION = tuple(
    re.compile(rf"^{line}\s*$", re.MULTILINE) for line in (r"apiVersion: apiextensions\.k8s\.io/\w+", "kind: CustomResourceDefinition")
)


class Document(msgspec.Struct, frozen=True):
    """One document of a text.

    ``value`` is plain Python as Kubernetes would read it, nulls kept; parts that come from an alias may be one object in two places,
    so it is not to be changed. ``node`` is the same with positions, made when it is asked for. ``start`` and ``end`` are the offsets of
    its text, ``---`` and leading comments included; ``line`` is where its content begins. ``source`` is the chart's template that
    ``helm template`` names above it. ``problems`` are keys that are there twice. Of a large CustomResourceDefinition only the kind is read.
    ``may_have_nulls`` is False where ``value`` is known to have none.
    """

    index: int
    value: Any
    line: int
    start: int
    end: int
    tree: "Node | Unlocated"
    source: str | None = None
    problems: tuple[SyntaxProblem, ...] = ()
    may_have_nulls: bool = True

    @property
    def node(self) -> Node:
        """The document as it is written, one tree however often it is asked for."""
        if not isinstance(self.tree, Node):
            msgspec.structs.force_setattr(self, "tree", self.tree.located())
        assert isinstance(self.tree, Node)  # noqa: S101 -- for mypy
        return self.tree


class Unlocated(msgspec.Struct, frozen=True):
    """The text of a document of which only the values have been asked for, and where it begins."""

    text: str
    base: Base

    def located(self) -> Node:
        """Its tree, with the place of every value."""
        root = compose(self.text, self.base).root
        assert root, "it has values"  # noqa: S101 -- for mypy
        return root


class Reading(msgspec.Struct, frozen=True):
    """What a text holds: its documents in order, ``documents[i].index == i``, and why others could not be read.

    ``parts`` are both in the order of the text.
    """

    documents: tuple[Document, ...]
    problems: tuple[SyntaxProblem, ...]
    parts: "tuple[Part, ...]" = ()


def read(text: str, first_line: int = 1) -> Reading:
    """Every document of ``text``. What is empty or null is none; what cannot be read is a problem, and the others are read all the same.

    ``first_line`` is the number of the text's first line, for a text that is part of another. The last two texts are remembered, because
    an edit looks at what it was made from, and at what it made, more than once.
    """
    return _read(text, first_line)


@lru_cache(maxsize=2)
def _read(text: str, first_line: int) -> Reading:
    parts = tuple(read_each(text, first_line))
    return Reading(
        tuple(part.found for part in parts if isinstance(part.found, Document)),
        tuple(part.found for part in parts if isinstance(part.found, SyntaxProblem)),
        parts,
    )


class Part(msgspec.Struct, frozen=True):
    """One document of a text, or why it could not be read, and what it takes to read it again."""

    found: Document | SyntaxProblem
    again: "Again"


class Again(msgspec.Struct, frozen=True):
    """Where a document is in its text: enough to read it once more, and little enough to keep for each of very many."""

    chunk: DocumentBounds
    base: Base
    number: int

    def read(self, text: str) -> Document:
        """The document. ``text`` is the one that it was read from."""
        found = _document(text, self.chunk, self.base, self.number, is_located=True)
        assert found, "it was there before"  # noqa: S101 -- for mypy; the text is the same
        return found


def read_each(text: str, first_line: int = 1) -> Iterator[Part]:
    """What ``read`` finds, one after the other, and nothing of it is kept: for texts of which the documents would fill the memory."""
    index = 0
    line, line_start, counted = first_line - 1, 0, 0
    for chunk in chunks(text):
        line += text.count("\n", counted, chunk.start)
        line_start = text.rfind("\n", line_start, chunk.start) + 1 or line_start
        counted = chunk.start
        again = Again(chunk, Base(chunk.start, line, chunk.start - line_start), index)
        try:
            document = _document(text, again.chunk, again.base, again.number)
        except UnreadableError as error:
            yield Part(error.problem, again)
            continue
        if document is not None:
            index += 1
            yield Part(document, again)


def shortened(text: str) -> str:
    """The ``text`` of a file as far as it is read: of one that is a large CustomResourceDefinition the kind.

    A template (``{{``) stays as it is.
    """
    return STUB if _is_definition(text) and is_alone(text) and "{{" not in text else text


def find(document: Document, pointer: str) -> Node | None:
    """What is written at a JSON ``pointer``, or None. What comes from an alias or a merge is found where it is written."""
    return nodes.find(document.node, pointer)


def locate(document: Document, pointer: str) -> Position:
    """Where to point for a JSON ``pointer``: its value; if there is none, the key of its nearest ancestor, or where that begins."""
    return nodes.nearest(document.node, pointer)


def _is_definition(text: str) -> bool:
    return len(text) > STUB_FROM and all(found.search(text) for found in _DEFINITION)


def _document(text: str, chunk: DocumentBounds, base: Base, index: int, *, is_located: bool = False) -> Document | None:
    """The document; its places at once if it ``is_located``, which all are whose values cannot be told without."""
    own = text[chunk.start : chunk.end]
    if own.startswith("\ufeff"):
        own, base = own[1:], base._replace(offset=base.offset + 1)
    readable = legible(STUB if _is_definition(own) else own)
    if not is_located and readable.string is None and (found := values(readable.text)):
        line = found.line + base.line + 1
        tree = Unlocated(readable.text, base)
        return Document(index, found.value, line, chunk.start, chunk.end, tree, source(own), may_have_nulls=found.has_nulls)
    root, duplicates = compose(readable.text, base, readable.string)
    if root is None:
        return None
    return Document(index, root.value, root.line, chunk.start, chunk.end, root, source(own), duplicates)
