"""Where objects stand in files."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

import msgspec

from kubectl_meshfix.documents.reading.read import Again, Document

KEPT = 256
"""How many of those that were read again are kept."""


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
        self._held: dict[tuple[str, int], tuple[str, Again]] = {}
        self._read = lru_cache(maxsize=KEPT)(self._again)

    def add(self, file: str, text: str, again: Again) -> None:
        """A document of a file's text."""
        self._held[file, again.number] = text, again

    def _again(self, key: tuple[str, int]) -> Document:
        text, again = self._held[key]
        return again.read(text)

    def __getitem__(self, key: tuple[str, int]) -> Document:
        return self._read(key)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)


class Manifests(msgspec.Struct, frozen=True):
    """The texts that were read, by file name (``-`` is standard input), and where each object stands, by its reference's key:
    group, kind, namespace, name, and which of the copies of that name it is.

    ``documents`` are those texts as they were read, by file name and index.
    """

    texts: Mapping[str, str]
    origins: Mapping[tuple[str, str, str, str, int], Origin]
    documents: Mapping[tuple[str, int], Document] = {}
