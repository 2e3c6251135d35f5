"""Which field of a kustomization gives a built object a value: labels, names, namespaces, images, replicas, generators."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.reading.read import locate
from kubectl_meshfix.sources.kustomize.built import BuiltObject
from kubectl_meshfix.sources.kustomize.kustomization import Kustomization, listed
from kubectl_meshfix.sources.kustomize.tree import Environment

LABELLED = ("labels", "matchLabels", "selector", "podSelector")
"""Maps that ``commonLabels`` and ``labels`` write to."""

GENERATORS = {"ConfigMap": "configMapGenerator", "Secret": "secretGenerator"}


class FieldPlace(msgspec.Struct, frozen=True):
    """A field of a kustomization, and where it stands."""

    kustomization: Kustomization
    path: str
    line: int
    column: int

    @property
    def name(self) -> str:
        """The field's name."""
        return pointer.split(self.path)[0]


def field_for(environment: Environment, built: BuiltObject, path: str, value: Any) -> FieldPlace | None:
    """The field that gives ``path`` of a built object its ``value``; the one that is applied last. ``path`` may be empty."""
    for part in environment.parts:
        for found in _candidates(part, built, pointer.split(path), value):
            position = locate(part.document, found)
            return FieldPlace(part, found, position.line, position.column)
    return None


def _candidates(part: Kustomization, built: BuiltObject, parts: tuple[str, ...], value: Any) -> Iterator[str]:
    fields = part.value
    last = parts[-1] if parts else ""
    if last == "namespace" and fields.get("namespace") == value and value:
        yield "/namespace"
    if parts == ("metadata", "name"):
        yield from (f"/{field}" for field in ("namePrefix", "nameSuffix") if fields.get(field) and str(fields[field]) in str(value))
    if len(parts) > 1:
        yield from _paired(fields, parts[-2], last, value)
    if last == "image" and isinstance(value, str):
        yield from _entries(fields, "images", lambda entry: _image(entry, value))
    if last == "replicas":
        yield from _entries(
            fields, "replicas", lambda entry: entry.get("count") == value and str(entry.get("name") or "\n") in built.identity.name
        )
    yield from _generated(fields, built, parts)


def _paired(fields: dict[str, Any], above: str, key: str, value: Any) -> Iterator[str]:
    """The field that adds a label or an annotation."""
    if above in LABELLED:
        if _has(fields.get("commonLabels"), key, value):
            yield pointer.join("commonLabels", key)
        found = _entries(fields, "labels", lambda entry: _has(entry.get("pairs"), key, value))
        yield from (entry + pointer.join("pairs", key) for entry in found)
    if above == "annotations" and _has(fields.get("commonAnnotations"), key, value):
        yield pointer.join("commonAnnotations", key)


def _entries(fields: dict[str, Any], field: str, fits: Callable[[dict[str, Any]], bool]) -> Iterator[str]:
    """The pointers of a list's entries that fit."""
    for index, entry in enumerate(listed(fields, field)):
        if isinstance(entry, dict) and fits(entry):
            yield pointer.join(field, index)


def _generated(fields: dict[str, Any], built: BuiltObject, parts: tuple[str, ...]) -> Iterator[str]:
    """The entry of a generator that made an object, and the line of one of its keys."""
    field = GENERATORS.get(built.identity.kind, "")
    for index, entry in enumerate(listed(fields, field)):
        name = str(entry.get("name") or "\n") if isinstance(entry, dict) else "\n"
        if name not in built.identity.name:
            continue
        if len(parts) > 1 and parts[0] in ("data", "binaryData"):
            for kind in ("files", "literals"):
                for number, text in enumerate(listed(entry, kind)):
                    if _key(str(text)) == parts[1]:
                        yield pointer.join(field, index, kind, number)
        yield pointer.join(field, index)


def _key(text: str) -> str:
    """The key of ``key=value``, or of a file without one."""
    key, sign, _ = text.partition("=")
    return key if sign else text.rpartition("/")[2]


def _has(pairs: Any, key: str, value: Any) -> bool:
    return isinstance(pairs, dict) and key in pairs and str(pairs[key]) == str(value)


def _image(entry: dict[str, Any], value: str) -> bool:
    """Whether an entry of ``images`` made an image (`api/filters/imagetag`)."""
    name = str(entry.get("newName") or entry.get("name") or "\n")
    if not value.startswith(name) or value[len(name) : len(name) + 1] not in ("", ":", "@"):
        return False
    rest = value[len(name) :]
    ends = [f"{sign}{entry[field]}" for sign, field in ((":", "newTag"), ("@", "digest")) if entry.get(field)]
    return not ends or any(end in rest for end in ends)
