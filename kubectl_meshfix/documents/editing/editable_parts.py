"""The parts of a text that can be edited on their own: a document, or an item of a ``List``."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.editing.layout import CollectionEntry, entries, is_block, is_flow, leads, line_start, next_line
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.reading.nodes import is_index
from kubectl_meshfix.documents.reading.read import Document, Reading, find


class DocumentPatch(msgspec.Struct, frozen=True):
    """Operations on one ``document`` of a text, by its index: all of them or none."""

    document: int
    operations: Sequence[Operation]


class Part(msgspec.Struct, frozen=True):
    """``text[start:end]``, which begins on ``line`` and reads as a document. What is at ``prefix`` in the whole is at ``root`` in it."""

    start: int
    end: int
    line: int
    prefix: str = ""
    root: str = ""

    def own(self, operations: Sequence[Operation]) -> list[Operation]:
        """``operations`` on the whole document as they are on this part."""
        return [
            msgspec.structs.replace(
                operation,
                path=self.root + operation.path.removeprefix(self.prefix),
                from_=self.root + operation.from_.removeprefix(self.prefix) if isinstance(operation.from_, str) else operation.from_,
            )
            for operation in operations
        ]


def whole_parts(text: str, reading: Reading, patches: Sequence[DocumentPatch]) -> list[Part | None]:
    """For each patch its document; None if there is none of that index."""
    wholes: dict[int, Part] = {}
    line, counted = 1, 0
    for document in reading.documents:
        line, counted = line + text.count("\n", counted, document.start), document.start
        wholes[document.index] = Part(document.start, document.end, line)
    return [wholes.get(patch.document) for patch in patches]


def item_parts(text: str, reading: Reading, patches: Sequence[DocumentPatch]) -> list[Part | None]:
    """For each patch the item it stays in, or its document if not all patches of that stay in items."""
    parts = whole_parts(text, reading, patches)
    places: dict[int, list[int]] = defaultdict(list)
    for at, patch in enumerate(patches):
        places[patch.document].append(at)
    for document in reading.documents:
        own = places[document.index]
        rows: dict[str, list[CollectionEntry]] = {}
        items = [_item(text, document, patches[at], rows) for at in own]
        if all(items):
            for at, item in zip(own, items, strict=True):
                parts[at] = item
    return parts


def _item(text: str, document: Document, patch: DocumentPatch, known: dict[str, list[CollectionEntry]]) -> Part | None:
    """The item of a list below the root that all operations of ``patch`` stay in. ``known`` are lists whose entries were looked up."""
    paths = [path for operation in patch.operations for path in (operation.path, operation.from_) if isinstance(path, str)]
    heads = {tuple(pointer.split(path)[:2]) for path in paths if path.count("/") > 2}
    if len(heads) != 1 or any(path.count("/") <= 2 for path in paths):
        return None
    ((key, index),) = heads
    items = find(document, pointer.join(key))
    if items is None or items.kind != "sequence" or not is_index(index) or int(index) >= len(items.children):
        return None
    if key not in known:
        known[key] = entries(text, items)
    entry = known[key][int(index)]
    prefix = pointer.join(key, index)
    if is_flow(items):
        return Part(line_start(text, entry.start), entry.end, entry.value.line, prefix) if leads(text, entry.start) else None
    if not is_block(entry.value) or not leads(text, entry.start):
        return None
    line = entry.value.line - text.count("\n", entry.start, entry.value.start)
    return Part(line_start(text, entry.start), next_line(text, entry.end), line, prefix, "/0")
