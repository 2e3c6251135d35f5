"""The patches of kustomizations, and which of them sets a value (`kustomize/api/types/patch.go`)."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.editing.changes import same
from kubectl_meshfix.documents.reading.nodes import Node, find, nearest
from kubectl_meshfix.documents.reading.read import Document, read
from kubectl_meshfix.sources.kustomize.alignment import align, found_at
from kubectl_meshfix.sources.kustomize.built import BuiltObject
from kubectl_meshfix.sources.kustomize.kustomization import Kustomization, listed, within
from kubectl_meshfix.sources.kustomize.origins import Origins
from kubectl_meshfix.sources.kustomize.tree import Environment


class PatchPart(msgspec.Struct, frozen=True):
    """One document of a patch. ``indent`` is how far an inline one is moved to the right in its kustomization; ``target`` may be empty."""

    file: str
    document: Document
    target: dict[str, Any]
    indent: int = 0

    @property
    def is_inline(self) -> bool:
        """Whether it is written in a kustomization."""
        return self.indent > 0


class Setting(msgspec.Struct, frozen=True):
    """The place in a patch that sets a value."""

    patch: PatchPart
    path: str
    line: int
    column: int


def patches(environment: Environment, origins: Origins) -> Iterator[PatchPart]:
    """The patches of an environment, what is applied last first."""
    for part in environment.parts:
        own: list[PatchPart] = []
        for field in ("patchesStrategicMerge", "patches", "patchesJson6902"):
            for index, entry in enumerate(listed(part.value, field)):
                own += _parts(part, field, index, entry, origins)
        yield from reversed(own)


def setting(environment: Environment, built: BuiltObject, value: Any, path: str, origins: Origins) -> Setting | None:
    """The patch that gives a place of a built object its value, by what the patches themselves say."""
    for patch in patches(environment, origins):
        content = patch.document.value
        if not _may_be_for(patch, built):
            continue
        found = _by_operations(content, value, path) if isinstance(content, list) else _by_merge(content, value, path)
        if found is not None:
            position = nearest(patch.document.node, found)
            return Setting(patch, found, position.line, position.column + patch.indent)
    return None


def _parts(part: Kustomization, field: str, index: int, entry: Any, origins: Origins) -> Iterator[PatchPart]:
    aimed = entry.get("target") if isinstance(entry, dict) else None
    target: dict[str, Any] = aimed if isinstance(aimed, dict) else {}
    inline = entry.get("patch") if isinstance(entry, dict) else entry if isinstance(entry, str) and "\n" in entry else None
    path = entry.get("path") if isinstance(entry, dict) else entry
    if isinstance(inline, str):
        where = pointer.join(field, index, "patch") if isinstance(entry, dict) else pointer.join(field, index)
        yield from _inline(part, where, inline, target)
    elif isinstance(path, str):
        file = within(part.folder, path)
        for document in origins.reading(file).documents:
            yield PatchPart(file, document, target)


def _inline(part: Kustomization, where: str, text: str, target: dict[str, Any]) -> Iterator[PatchPart]:
    node = find(part.document.node, where)
    if node is None:
        return
    is_block = node.style in ("|", ">")
    indent = _indent(part.text, node) if is_block else node.column
    for document in read(text, node.line + 1 if is_block else node.line).documents:
        yield PatchPart(part.file, document, target, max(indent, 1))


def _indent(text: str, node: Node) -> int:
    """How far the lines of a block scalar are indented."""
    body = text[node.start : node.end].split("\n")[1:]
    first = next((line for line in body if line.strip()), "")
    return len(first) - len(first.lstrip(" "))


def _may_be_for(patch: PatchPart, built: BuiltObject) -> bool:
    """Whether a patch may be laid over an object. Names before prefixes are parts of those after them."""
    identity = built.identity
    if patch.target:
        kind, name = (str(patch.target.get(field) or "") for field in ("kind", "name"))
        return _fits(kind, identity.kind, whole=True) and _fits(name, identity.name, whole=False)
    value = patch.document.value
    name = str(found_at(value, "/metadata/name") or "\n")
    return found_at(value, "/kind") == identity.kind and name in identity.name


def _fits(pattern: str, text: str, *, whole: bool) -> bool:
    """Whether a selector's regular expression may mean a text."""
    if not pattern or _may_take_long(pattern, text):
        return True
    try:
        return bool(re.fullmatch(pattern, text) if whole else re.search(pattern.removeprefix("^").removesuffix("$"), text))
    except re.error:
        return pattern in text


def _may_take_long(pattern: str, text: str) -> bool:
    """Whether Python might try a pattern in very many ways; kustomize's RE2 takes each character once."""
    return len(text) > 253 or sum(map(pattern.count, "*+{")) > 2 or re.search(r"\)[*+{]", pattern) is not None


def _by_merge(content: Any, value: Any, path: str) -> str | None:
    found = align(value, content, path)
    return found.path if found.is_whole and path and _holds(found_at(value, path), found.value) else None


def _by_operations(content: list[Any], value: Any, path: str) -> str | None:
    """The operation, last one first, that writes a place or what holds it."""
    for index in reversed(range(len(content))):
        operation = content[index]
        if not isinstance(operation, dict) or operation.get("op") not in ("add", "replace"):
            continue
        target, written = str(operation.get("path")), operation.get("value")
        if target.endswith("/-"):
            target = _appended(value, target.removesuffix("/-"), written)
        if path == target or path.startswith(f"{target}/"):
            rest = path.removeprefix(target)
            inside = align(found_at(value, target), written, rest)
            if inside.is_whole and _holds(found_at(value, path), inside.value):
                return pointer.join(index, "value") + inside.path
    return None


def _appended(value: Any, parent: str, written: Any) -> str:
    """Where the item that was put behind a list is; the pointer behind it where it is not there any more."""
    items = found_at(value, parent)
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if _holds(item, written):
            return parent + pointer.join(index)
    return f"{parent}/-"


def _holds(whole: Any, part: Any) -> bool:
    """Whether all that a patch says is in a value."""
    if isinstance(whole, dict) and isinstance(part, dict):
        return all(key in whole and _holds(whole[key], item) for key, item in part.items() if key != "$patch")
    return same(whole, part)
