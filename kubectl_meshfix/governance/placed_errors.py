"""What is wrong with a file that a team wrote by hand: the sentence, with the line it is about and the nearest key that there is."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.reading import nodes
from kubectl_meshfix.documents.reading.read import Document
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.mesh.problems import Location
from kubectl_meshfix.mesh.typos import nearest


class Written(msgspec.Struct, frozen=True):
    """One document of a file."""

    file: str
    document: Document


def wrong(written: Written, path: str, sentence: str, hint: str = "") -> UsageError:
    """The error about the value at a JSON pointer."""
    at = place(written, path)
    return UsageError(f"{written.file}:{at.line}:{at.column}: {sentence[:1].upper()}{sentence[1:]}", hint)


def place(written: Written, path: str) -> Location:
    """Where a key stands, or an item of a list."""
    *parents, last = pointer.split(path) or ("",)
    above = nodes.find(written.document.node, pointer.join(*parents))
    step = nodes.child(above, last) if above else None
    at = (step[0] or step[1]) if step else above or written.document.node
    return Location(file=written.file, line=at.line, column=at.column)


def no_stranger(written: Written, path: str, value: Mapping[str, Any], struct: type[msgspec.Struct], what: str) -> None:
    """Raise UsageError for a key that a Struct does not have."""
    known = keys(struct)
    by_spelling = {name.lower(): name for name in known}
    for key in value:
        if key not in known:
            spelt = str(key).replace("_", "-").lower()
            near = by_spelling.get(spelt) or by_spelling.get(nearest(spelt, by_spelling) or "")
            hint = f'Did you mean "{near}"?' if near else f"The keys are {listed(known)}."
            raise wrong(written, path + pointer.join(key), f'There is no {what} "{key}".', hint)


def keys(struct: type[msgspec.Struct]) -> tuple[str, ...]:
    """The keys of a Struct as they are written."""
    return tuple(field.encode_name for field in msgspec.structs.fields(struct))


def listed(items: Iterable[str], word: str = "and") -> str:
    """``a, b and c``."""
    *first, last = items
    return f"{', '.join(first)} {word} {last}" if first else last
