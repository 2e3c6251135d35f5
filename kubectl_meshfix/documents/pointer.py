"""JSON pointers (RFC 6901)."""

from typing import Any


def join(*parts: str | int) -> str:
    """A pointer from unescaped parts: ``join("metadata", "labels", "a/b")`` is ``/metadata/labels/a~1b``."""
    return "".join([f"/{part.replace('~', '~0').replace('/', '~1') if isinstance(part, str) else part}" for part in parts])


def split(pointer: str) -> tuple[str, ...]:
    """The unescaped parts of ``pointer``; the empty pointer has none."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def at(document: Any, path: str) -> Any:
    """The value at a JSON pointer that leads somewhere."""
    for part in split(path):
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document
