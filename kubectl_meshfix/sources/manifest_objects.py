"""One object of a manifest: from plain values to what rules read, or why not."""

import copy
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from sys import intern
from typing import Any, NamedTuple

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.pointer import at
from kubectl_meshfix.documents.reading import placeholders
from kubectl_meshfix.documents.reading.manifests import Origin
from kubectl_meshfix.documents.reading.read import Document, locate
from kubectl_meshfix.mesh.named_ports import Mention, named_ports
from kubectl_meshfix.mesh.problems import Location, Problem
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import UNPLACED, Object, Ref
from kubectl_meshfix.sources.decode import Misfit, decode
from kubectl_meshfix.sources.kustomizations import file_ref

Copies = defaultdict[tuple[str, str, str], Counter[str]]
"""How many objects of each name were met, by group, kind and the namespace in which they are judged."""


class Place(msgspec.Struct, frozen=True):
    """An object's origin and the document it stands in."""

    origin: Origin
    document: Document

    def location(self, path: str) -> Location:
        """Where a JSON pointer of the object stands."""
        if self.document.source and os.path.basename(self.origin.file) == "Chart.yaml":  # noqa: PTH119
            from kubectl_meshfix.sources import charts  # noqa: PLC0415 -- few folders have one

            return charts.location(os.path.dirname(self.origin.file), self.document.source)  # noqa: PTH120
        position = locate(self.document, self.origin.prefix + path)
        return Location(file=self.origin.file, line=position.line, column=position.column, template=self.document.source)


class BuiltPlace(msgspec.Struct, frozen=True):
    """The same of an object that is built of several files: ``origin`` is its environment's, ``location`` leads back to each of them."""

    origin: Origin
    location: Callable[[str], Location]


class Unfilled(NamedTuple):
    """A placeholder and its place."""

    line: int
    column: int
    placeholder: str


class Made(msgspec.Struct, frozen=True):
    """The object, or the placeholder for whose sake there is none, and what is wrong with it. Kinds that nobody here reads are None."""

    outcome: Object | Unfilled | None
    problems: tuple[Problem, ...] = ()


def is_manifest(value: Any) -> bool:
    """Whether a document is meant for an API server."""
    return isinstance(value, dict) and "apiVersion" in value


def says_its_kind(value: Any) -> bool:
    """Whether a document of a folder is one to look at: all that is a map and says apiVersion or kind, if only of what it lists."""
    return isinstance(value, dict) and ("apiVersion" in value or "kind" in value)


def object_of(value: Any, place: Place | BuiltPlace, namespace: str, copies: Copies, text: str) -> Made:
    """One object. ``namespace`` is for one that names none; ``copies`` counts those that were met; ``text`` is the document's."""
    if not isinstance(value, dict):
        reason = f"it is {_described(value)}, not an object with apiVersion, kind and metadata"
        return Made(None, (_of_file(place, reason, ""),))
    api_version, name = str(value.get("apiVersion") or ""), str(value.get("kind") or "")
    kind = kinds.of(api_version, name)
    if not kind or not api_version:
        reason = _unknown(api_version, name)
        return Made(None, (_of_file(place, reason, "/kind"),) if reason else ())
    if kind is not kinds.SECRET and (found := placeholders.unfilled(value, text)):
        where = place.location(found[0])
        return Made(Unfilled(where.line, where.column, found[1]))
    value = _completed(value, namespace, is_namespaced=kind.namespaced)
    ref = _ref(value)
    metadata = value["metadata"] if isinstance(value.get("metadata"), dict) else {}
    counted = copies[ref.group, ref.kind, ref.namespace or metadata.get("#home", "")]
    number = counted[ref.name]
    counted[ref.name] += 1
    metadata["#copy"] = number
    problems: list[Problem] = []
    may_have_nulls = isinstance(place, BuiltPlace) or place.document.may_have_nulls or not ref.name
    while isinstance(decoded := decode(value, kind.struct, may_have_nulls=may_have_nulls), Misfit):
        if placeholder := _placeholder(value, decoded.path):
            where = place.location(decoded.path)
            return Made(Unfilled(where.line, where.column, placeholder))
        mended = _quoted(value, decoded)
        problems.append(
            Problem(
                resource=Ref(ref.api_version, ref.kind, ref.namespace, ref.name, number),
                path=decoded.path,
                reason=decoded.reason,
                location=place.location(decoded.path),
                hides=mended is None,
            )
        )
        if mended is None:
            return Made(None, tuple(problems))
        value = mended
    return Made(decoded, tuple(problems))


def _placeholder(value: Any, path: str) -> str:
    """The placeholder in a text that cannot be what its field holds, such as a number; empty where there is none."""
    try:
        found = at(value, path)
    except (LookupError, TypeError, ValueError):
        return ""
    return placeholders.in_text(found) if isinstance(found, str) else ""


def mentions(value: Any) -> Iterator[Mention]:
    """The ports of Services that an object names which nobody here reads: one of an unknown kind, or an Ingress of before v1."""
    if isinstance(value, dict) and isinstance(value.get("metadata") or {}, dict):
        api_version, kind = str(value.get("apiVersion") or ""), str(value.get("kind") or "")
        if kind == "CustomResourceDefinition":  # the largest of all documents, and it refers to nothing
            return
        if api_version and (not kinds.of(api_version, kind) or (kind == "Ingress" and not api_version.endswith("/v1"))):
            ref = _ref({**value, "apiVersion": api_version, "kind": kind})
            yield from (Mention(ref, found) for found in named_ports({key: item for key, item in value.items() if key != "metadata"}))


def _of_file(place: Place | BuiltPlace, reason: str, path: str) -> Problem:
    return Problem(resource=file_ref(place.origin.file), path="", reason=reason, location=place.location(path), hides=True)


def _unknown(api_version: str, kind: str) -> str:
    """Why Istio has no such kind; empty for other groups, of which nobody here knows all kinds."""
    group = api_version.rpartition("/")[0]
    known = kinds.ISTIO.get(group)
    if known is None or kind in known:
        return ""
    if not kind:
        return f"it has no kind, and its apiVersion is {api_version}"
    same = next((item for item in known if item.lower() == kind.lower()), None)
    near = same or nearest(kind, [item for group_kinds in kinds.ISTIO.values() for item in group_kinds])
    return f'there is no kind "{kind}" in {group}' + (f" (did you mean {near}?)" if near else "")


def _completed(value: dict[str, Any], namespace: str, *, is_namespaced: bool) -> dict[str, Any]:
    """The object with the namespace that is meant where it names none, or with a home that nobody named.

    Texts that very many objects have in common are one text for all of them.
    """
    metadata = value.get("metadata")
    if metadata is None:
        metadata = {}
    if not isinstance(metadata, dict):
        return value
    own = (metadata.get("namespace") or namespace or None) if is_namespaced else None
    name = metadata.get("name") or metadata.get("generateName")  # which ends in a dash, and so is nobody's name
    home = UNPLACED if is_namespaced and not own else ""
    shared = {key: intern(value[key]) for key in ("apiVersion", "kind") if isinstance(value.get(key), str)}
    own = intern(own) if isinstance(own, str) else own
    return {**value, **shared, "metadata": {**metadata, "namespace": own, "name": name, "#home": home}}


def _ref(value: dict[str, Any]) -> Ref:
    metadata = value["metadata"] if isinstance(value.get("metadata"), dict) else {}
    found = metadata.get("namespace")
    return Ref(str(value["apiVersion"]), str(value["kind"]), str(found) if found else None, str(metadata.get("name") or ""))


def _quoted(value: dict[str, Any], misfit: Misfit) -> dict[str, Any] | None:
    """The object with an unquoted label or annotation read as its author meant it; None for any other misfit."""
    *parents, last = pointer.split(misfit.path)
    if not parents or parents[-1] not in ("labels", "annotations", "matchLabels", "selector"):
        return None
    copied = copy.deepcopy(value)
    where: Any = copied
    for part in parents:
        where = where[int(part)] if isinstance(where, list) else where[part]
    if not isinstance(where, dict) or not isinstance(where.get(last), bool | int | float):
        return None
    where[last] = str(where[last]).lower()
    return copied


def _described(value: Any) -> str:
    return {list: "a list", str: "text", bool: "a boolean"}.get(type(value), "a number")
