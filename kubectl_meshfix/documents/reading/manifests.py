"""Where objects stand in files."""

from array import array
from collections.abc import Iterator, Mapping
from functools import lru_cache

import msgspec

from kubectl_meshfix.documents.reading.document_bounds import DocumentBounds
from kubectl_meshfix.documents.reading.read import Again, Document
from kubectl_meshfix.documents.reading.syntax_errors import Base

KEPT = 256
"""How many of those that were read again are kept."""

WIDTH = 4
"""Numbers that say where a document is."""

_NONE = -1


class Origin(msgspec.Struct, frozen=True):
    """The place of one object: its file, the document's index in it, and the JSON pointer inside of a ``List``."""

    file: str
    document: int
    prefix: str = ""


class Documents(Mapping[tuple[str, int], Document]):
    """Documents by the name of their file and their index in it, read again when they are asked for: few are, and all at once take fifty
    times the size of their texts.
    """

    def __init__(self) -> None:
        self._held: dict[str, tuple[str, array[int]]] = {}
        self._read = lru_cache(maxsize=KEPT)(self._again)

    def add(self, file: str, text: str, again: Again) -> None:
        """A document of a file's text; those of one file come in their order."""
        places = self._held.setdefault(file, (text, array("q")))[1]
        places.extend([_NONE] * (WIDTH * again.number - len(places)))
        places.extend((again.chunk.start, again.chunk.end, again.base.line, again.base.column))

    def _again(self, key: tuple[str, int]) -> Document:
        file, number = key
        text, places = self._held[file]
        row = places[WIDTH * number : WIDTH * (number + 1)]
        if number < 0 or not row or row[0] == _NONE:
            raise KeyError(key)
        start, end, line, column = row
        return Again(DocumentBounds(start, end), Base(start, line, column), number).read(text)

    def __getitem__(self, key: tuple[str, int]) -> Document:
        return self._read(key)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        for file, (_, places) in self._held.items():
            yield from ((file, number) for number, start in enumerate(places[::WIDTH]) if start != _NONE)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Manifests(msgspec.Struct, frozen=True):
    """The texts that were read, by file name (``-`` is standard input), and where each object stands, by its reference's key:
    group, kind, namespace, name, and which of the copies of that name it is.

    ``documents`` are those texts as they were read, by file name and index.
    """

    texts: Mapping[str, str]
    origins: Mapping[tuple[str, str, str, str, int], Origin]
    documents: Mapping[tuple[str, int], Document] = {}
