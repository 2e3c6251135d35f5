"""A change of a built object as a patch of its environment's kustomization: a file of its own, and an entry that names it."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.editing import emit
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.sources.kustomize.built import BuiltObject
from kubectl_meshfix.sources.kustomize.chains import name_before
from kubectl_meshfix.sources.kustomize.kustomization import Kustomization, listed


class OverlayPatch(Struct, frozen=True):
    """A new file and its text, and the entry of ``patches`` for it."""

    file: str
    text: str
    entry: dict[str, Any]


def overlay_patch(own: Kustomization, built: BuiltObject, operations: Sequence[Operation], taken: Sequence[str] = ()) -> OverlayPatch:
    """The patch that makes ``operations`` on an object. It is laid on before the kustomization's own prefixes, labels and namespace.

    A strategic merge patch, which says what the object is to have; where an item of a list is meant, operations with the tests that
    tell whether it still is that item, because a list's order may change below.
    """
    identity = built.identity
    name = name_before(identity.name, identity.kind, own)
    file = _free_name(own.folder, f"meshfix-{identity.kind.lower()}-{re.sub(r'[^a-z0-9.-]', '-', name.lower())}", taken)
    merge = _merged(operations, built.value)
    if merge is not None:
        content: Any = {"apiVersion": built.api_version, "kind": identity.kind, "metadata": {"name": name}}
        _lay_over(content, merge)
    else:
        content = [msgspec.to_builtins(operation) for operation in operations if operation.op != "test" or _counts(operation.path)]
    newline = "\r\n" if "\r\n" in own.text else "\n"
    text = newline.join(emit.lines(content, emit.BlockStyle())) + newline
    target = {"kind": identity.kind, "name": name}
    return OverlayPatch(file=file, text=text, entry={"path": os.path.basename(file), "target": target})  # noqa: PTH119


def entries_added(own: Kustomization, entries: Sequence[dict[str, Any]]) -> list[Operation]:
    """What makes a kustomization name new patches, after those it has."""
    if "patches" not in own.value:
        return [Operation("add", "/patches", list(entries))]
    if not listed(own.value, "patches"):
        return [Operation("replace", "/patches", list(entries))]
    return [Operation("add", "/patches/-", entry) for entry in entries]


def _free_name(folder: str, stem: str, taken: Sequence[str]) -> str:
    for number in range(1, 1000):
        file = os.path.join(folder, f"{stem}{f'-{number}' if number > 1 else ''}.yaml")  # noqa: PTH118
        if file not in taken and not Path(file).exists():
            return file
    raise ValueError(stem)


def _merged(operations: Sequence[Operation], value: Any) -> dict[str, Any] | None:
    """Operations as a merge patch; None where one goes into a list, or does what a merge cannot say."""
    result: dict[str, Any] = {}
    for operation in operations:
        if operation.op == "test":
            continue
        if operation.op in ("move", "copy") or _goes_into_list(operation.path, value):
            return None
        if operation.op == "replace" and isinstance(operation.value, dict):
            return None
        *above, last = pointer.split(operation.path)
        place = result
        for part in above:
            place = place.setdefault(part, {})
        _lay_over(place, {last: None if operation.op == "remove" else msgspec.to_builtins(operation.value)})
    return result


def _goes_into_list(path: str, value: Any) -> bool:
    for part in pointer.split(path):
        if isinstance(value, list):
            return True
        value = value.get(part) if isinstance(value, dict) else None
    return False


def _lay_over(content: dict[str, Any], added: dict[str, Any]) -> None:
    for key, value in added.items():
        if isinstance(value, dict) and isinstance(content.get(key), dict):
            _lay_over(content[key], value)
        else:
            content[key] = value


def _counts(path: str) -> bool:
    """Whether a pointer names an item of a list by its place."""
    return any(part.isdigit() for part in pointer.split(path))
