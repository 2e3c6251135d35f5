"""Where objects stand in files."""

from collections.abc import Mapping

import msgspec

from kubectl_meshfix.documents.reading.read import Document


class Origin(msgspec.Struct, frozen=True):
    """The place of one object: its file, the document's index in it, and the JSON pointer inside of a ``List``."""

    file: str
    document: int
    prefix: str = ""


class Manifests(msgspec.Struct, frozen=True):
    """The texts that were read, by file name (``-`` is standard input), and where each object stands, by its reference's key:
    group, kind, namespace, name, and which of the copies of that name it is.

    ``documents`` are those texts as they were read, by file name and index.
    """

    texts: Mapping[str, str]
    origins: Mapping[tuple[str, str, str, str, int], Origin]
    documents: Mapping[tuple[str, int], Document] = {}
