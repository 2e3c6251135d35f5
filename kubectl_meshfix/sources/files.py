"""Manifests, from their texts to a mesh that knows where everything stands."""

import copy
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.reading.list_kind import objects as objects_in
from kubectl_meshfix.documents.reading.manifests import Manifests, Origin
from kubectl_meshfix.documents.reading.read import Document, locate, read
from kubectl_meshfix.documents.reading.syntax_errors import HELM, is_template
from kubectl_meshfix.documents.reading.syntax_errors import SyntaxProblem as Fault
from kubectl_meshfix.engine import Snapshot
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.mesh.problems import Location, Problem
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.report import ReportSource
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object, Ref
from kubectl_meshfix.sources.decode import Misfit, decode
from kubectl_meshfix.sources.kustomizations import file_ref
from kubectl_meshfix.sources.manifest_files import read_texts

Level = Literal["error", "warning", "info"]

Key = tuple[str, str, str, str]
"""Names one object whatever its API version."""


def read_manifests(paths: Sequence[str], *, recursive: bool = False, namespace: str = "") -> tuple[Snapshot, Manifests]:
    """Read manifests. Raises SourceError where a path cannot be read at all, UsageError where it holds no object.

    ``namespace`` is for documents that name none; empty means ``default``. In a folder, files that hold no
    objects are passed over with a word; when they are named they are errors.
    """
    texts, problems = read_texts(paths, recursive=recursive)
    snapshot, manifests = from_texts(texts, namespace=namespace, problems=problems, named=frozenset(paths))
    if not manifests.origins and not snapshot.mesh.problems and not _hold_objects(texts.values()):
        raise UsageError(
            f"There is no Kubernetes object in {', '.join(paths)}.",
            "Name manifests (.yaml, .yml, .json), a directory of them (-R goes into its folders), or - for standard input.",
        )
    return snapshot, manifests


def from_texts(
    texts: dict[str, str], *, namespace: str = "", problems: Iterable[Problem] = (), named: frozenset[str] | None = None
) -> tuple[Snapshot, Manifests]:
    """The mesh of some manifests, by file name. An object that stands twice counts as it stands last, and is reported.

    ``named`` are the files that a person named, all of them where it is None.
    """
    objects: dict[Key, Object] = {}
    places: dict[Key, list[Origin]] = {}
    documents: dict[tuple[str, int], Document] = {}
    found = list(problems)
    for file, text in texts.items():
        reading = read(text)
        is_meant = named is None or file in named
        stray: Level = "error" if is_meant else "info"
        found += [_problem(file, fault, "error" if is_meant or _is_manifest(text, fault) else "info") for fault in reading.problems]
        for document in reading.documents:
            documents[file, document.index] = document
            if is_meant or _is_object(document.value):
                found += [_problem(file, fault, "warning") for fault in document.problems]
            for prefix, value in objects_in(document.value):
                origin = Origin(file=file, document=document.index, prefix=prefix)
                obj = _object(value, _Place(origin, document), namespace or "default", stray, found)
                if obj:
                    objects[obj.ref.key] = obj
                    places.setdefault(obj.ref.key, []).append(origin)

    def locate_in(origin: Origin, path: str) -> Location:
        return _Place(origin, documents[origin.file, origin.document]).location(path)

    def place(ref: Ref, path: str) -> Location | None:
        return locate_in(places[ref.key][-1], path) if ref.key in places else None

    ambiguous = [objects[key].ref for key, origins in places.items() if len(origins) > 1]
    for ref in ambiguous:
        first, last = (locate_in(places[ref.key][index], "") for index in (0, -1))
        only = f"only the last definition, in {last.file}, line {last.line}, was checked"
        reason = f"it is defined {len(places[ref.key])} times in these files; {only}"
        found.append(Problem(resource=ref, path="", reason=reason, location=first, level="info"))
    mesh = Mesh(objects.values(), problems=found, ambiguous=ambiguous)
    snapshot = Snapshot(mesh=mesh, source=ReportSource(kind="files", files=tuple(texts)), locate=place)
    return snapshot, Manifests(texts=texts, origins={key: origins[-1] for key, origins in places.items()}, documents=documents)


class _Place(NamedTuple):
    """An object's origin and the document it stands in."""

    origin: Origin
    document: Document

    def location(self, path: str) -> Location:
        """Where a JSON pointer of the object stands."""
        position = locate(self.document, self.origin.prefix + path)
        return Location(file=self.origin.file, line=position.line, column=position.column, template=self.document.source)


def _problem(file: str, fault: Fault, level: Level = "error") -> Problem:
    place = Location(file=file, line=fault.line, column=fault.column)
    return Problem(resource=file_ref(file), path="", reason=fault.reason, location=place, level=level)


def _is_manifest(text: str, fault: Fault) -> bool:
    """Whether a text that cannot be read was meant to be one for an API server; templates lie in folders beside what they make."""
    return "apiVersion" in text and fault.reason != HELM


def _is_object(value: Any) -> bool:
    return isinstance(value, dict) and "apiVersion" in value


def _hold_objects(texts: Iterable[str]) -> bool:
    """Whether there are objects, if only of kinds that nobody here reads, such as a chart of CustomResourceDefinitions."""
    return any(_is_object(document.value) for text in texts for document in read(text).documents)


def _object(value: Any, place: _Place, namespace: str, stray: Level, problems: list[Problem]) -> Object | None:
    """One object; what does not fit is added to ``problems``. Kinds that nobody here reads are passed over."""
    if not isinstance(value, dict):
        reason = f"it is {_described(value)}, not an object with apiVersion, kind and metadata"
        problems.append(Problem(resource=file_ref(place.origin.file), path="", reason=reason, location=place.location(""), level=stray))
        return None
    kind = kinds.of(str(value.get("apiVersion", "")), str(value.get("kind", "")))
    if not kind or not value.get("apiVersion"):
        return None
    metadata = value.get("metadata")
    if isinstance(metadata, dict):
        if field := _to_be_filled_in(metadata):
            where = place.location(f"/metadata/{field}")
            problems.append(Problem(resource=file_ref(place.origin.file), path="", reason=HELM, location=where, level=stray))
            return None
        home = (metadata.get("namespace") or namespace) if kind.namespaced else None
        name = metadata.get("name") or metadata.get("generateName")  # which ends in a dash, and so is nobody's name
        value = {**value, "metadata": {**metadata, "namespace": home, "name": name}}
    ref = _ref(value, namespace if kind.namespaced else None)
    while isinstance(decoded := decode(value, kind.struct), Misfit):
        mended = _quoted(value, decoded)
        problems.append(Problem(resource=ref, path=decoded.path, reason=decoded.reason, location=place.location(decoded.path)))
        if mended is None:
            return None
        value = mended
    return decoded


def _to_be_filled_in(metadata: dict[str, Any]) -> str:
    """The field of an object's identity that still has to be filled in; empty where none has to. YAML takes braces in quotes."""
    return next((field for field in ("name", "generateName", "namespace") if is_template(str(metadata.get(field) or ""), 0)), "")


def _ref(value: dict[str, Any], namespace: str | None) -> Ref:
    metadata = value.get("metadata") if isinstance(value.get("metadata"), dict) else {}
    found = metadata.get("namespace") if metadata else None
    return Ref(str(value["apiVersion"]), str(value["kind"]), str(found) if found else namespace, str((metadata or {}).get("name") or ""))


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
