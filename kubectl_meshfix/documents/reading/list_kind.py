"""The objects of a document: itself, or what its ``List`` holds."""

from collections.abc import Iterator, Sequence
from typing import Any

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.patch import Operation


def objects(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """A document's objects with the JSON pointers that lead to them."""
    if isinstance(value, dict) and str(value.get("kind", "")).endswith("List") and isinstance(value.get("items"), list):
        for index, item in enumerate(value["items"]):
            yield from objects(item, prefix + pointer.join("items", index))
    else:
        yield prefix, value


def within(operations: Sequence[Operation], prefix: str) -> list[Operation]:
    """Operations on an object as operations on the document it stands in."""
    return [
        Operation(item.op, prefix + item.path, item.value, prefix + item.from_ if isinstance(item.from_, str) else item.from_)
        for item in operations
    ]
