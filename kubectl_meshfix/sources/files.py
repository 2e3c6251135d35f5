"""Manifests: files, directories and standard input."""

import copy
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.faults import Problem as Fault
from kubectl_meshfix.documents.manifests import Manifests, Origin
from kubectl_meshfix.documents.read import Document, locate, read
from kubectl_meshfix.engine import ReportSource, Snapshot
from kubectl_meshfix.errors import SourceError, UsageError
from kubectl_meshfix.mesh.snapshot import Location, Mesh, Problem
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object, Ref
from kubectl_meshfix.sources.decode import Misfit, decode

Key = tuple[str, str, str, str]
"""Names one object whatever its API version."""

EXTENSIONS = (".json", ".yaml", ".yml")
"""What a directory is searched for (`cli-runtime/pkg/resource/builder.go FileExtensions`)."""

MAX_BYTES = 100 * 1024 * 1024
"""Of one file. The largest request an API server takes is 3 MiB, but a dump of a cluster is one file."""

STDIN = "-"


def load(paths: Sequence[str], *, recursive: bool = False, namespace: str = "") -> tuple[Snapshot, Manifests]:
    """Read manifests. Raises SourceError where a path cannot be read at all, UsageError where it holds no object.

    ``namespace`` is for documents that name none; empty means ``default``.
    """
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for path in paths:
        for name, read_bytes in _files(path, recursive):
            text = _decoded(name, read_bytes(), problems)
            if text is not None:
                texts[name] = text
    problems += _charts(texts)
    snapshot, manifests = from_texts(texts, namespace=namespace, problems=problems)
    if not manifests.origins and not snapshot.mesh.problems:
        raise UsageError(
            f"There is no Kubernetes object in {', '.join(paths)}.",
            "Name manifests (.yaml, .yml, .json), a directory of them (-R goes into its folders), or - for standard input.",
        )
    return snapshot, manifests


def from_texts(texts: dict[str, str], *, namespace: str = "", problems: Iterable[Problem] = ()) -> tuple[Snapshot, Manifests]:
    """The mesh of some manifests, by file name. An object that stands twice counts as it stands last, and is reported."""
    objects: dict[Key, Object] = {}
    origins: dict[Key, Origin] = {}
    documents: dict[tuple[str, int], Document] = {}
    found, ambiguous = list(problems), []
    for file, text in texts.items():
        reading = read(text)
        found += [_problem(file, fault) for fault in reading.problems]
        for document in reading.documents:
            documents[file, document.index] = document
            found += [_problem(file, fault, "warning") for fault in document.problems]
            for prefix, value in _items(document.value):
                origin = Origin(file=file, document=document.index, prefix=prefix)
                obj = _object(value, origin, document, namespace or "default", found)
                if obj is None:
                    continue
                if obj.ref.key in objects:
                    ambiguous.append(obj.ref)
                    shadowed = origins[obj.ref.key]
                    earlier = _place(documents[shadowed.file, shadowed.document], shadowed, "")
                    reason = f"{obj.ref} stands again in {file}, line {_place(document, origin, '').line}; only that one was checked"
                    found.append(Problem(resource=obj.ref, path="", reason=reason, location=earlier, level="info"))
                objects[obj.ref.key] = obj
                origins[obj.ref.key] = origin

    def place(ref: Ref, path: str) -> Location | None:
        origin = origins.get(ref.key)
        return _place(documents[origin.file, origin.document], origin, path) if origin else None

    mesh = Mesh(objects.values(), problems=found, ambiguous=ambiguous)
    snapshot = Snapshot(mesh=mesh, source=ReportSource(kind="files", files=tuple(texts)), locate=place)
    return snapshot, Manifests(texts=texts, origins=origins)


def _problem(file: str, fault: Fault, level: Literal["error", "warning"] = "error") -> Problem:
    place = Location(file=file, line=fault.line, column=fault.column)
    return Problem(resource=_file_ref(file), path="", reason=fault.reason, location=place, level=level)


def _files(path: str, recursive: bool) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Names and readers of the files that a path stands for."""
    if path == STDIN:
        yield STDIN, sys.stdin.buffer.read
        return
    given = Path(path)
    if not given.exists():
        raise SourceError(f"{path} does not exist.", "Name a file, a directory, or - for standard input.")
    try:
        for file in _manifests_in(given, recursive) if given.is_dir() else [given]:
            yield str(file), lambda file=file: _bytes(file)  # type: ignore[misc]
    except OSError as error:
        raise SourceError(f"{error.filename or path} cannot be read: {error.strerror}.") from error


def _bytes(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise SourceError(
                f"{file} has {size // 2**20} MiB; at most {MAX_BYTES // 2**20} MiB are read.", "Split it, or name fewer objects."
            )
        return file.read_bytes()
    except OSError as error:
        raise SourceError(f"{file} cannot be read: {error.strerror}.", "Check its permissions.") from error


def _manifests_in(folder: Path, recursive: bool) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".")) if recursive else []
        yield from (Path(parent) / name for name in sorted(files) if name.lower().endswith(EXTENSIONS))


def _decoded(name: str, content: bytes, problems: list[Problem]) -> str | None:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        reason = "it is not UTF-8 text"
    else:
        if "\0" not in text:
            return text
        line, reason = text.count("\n", 0, text.index("\0")) + 1, "it is a binary file"
    problems.append(Problem(resource=_file_ref(name), path="", reason=reason, location=Location(file=name, line=line, column=1)))
    return None


def _charts(texts: dict[str, str]) -> Iterator[Problem]:
    """Take templates of Helm charts out of ``texts``; each chart is one problem instead of one a file."""
    charts = [Path(name).parent for name in texts if Path(name).name == "Chart.yaml"]
    for chart in charts:
        templates = [name for name in texts if chart / "templates" in Path(name).parents]
        for name in templates:
            del texts[name]
        if templates:
            name = str(chart / "Chart.yaml")
            reason = f"its {len(templates)} templates have to be rendered first: helm template {chart} | kubectl meshfix diagnose -f -"
            yield Problem(resource=_file_ref(name), path="", reason=reason, location=Location(file=name, line=1, column=1), level="info")


def _items(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """A document's objects with their pointers: itself, or what its ``List`` holds."""
    if isinstance(value, dict) and str(value.get("kind", "")).endswith("List") and isinstance(value.get("items"), list):
        for index, item in enumerate(value["items"]):
            yield from _items(item, prefix + pointer.join("items", index))
    else:
        yield prefix, value


def _object(value: Any, origin: Origin, document: Document, namespace: str, problems: list[Problem]) -> Object | None:
    """One object; what does not fit is added to ``problems``. Kinds that nobody here reads are passed over."""
    if not isinstance(value, dict):
        reason = f"it is {_described(value)}, not an object with apiVersion, kind and metadata"
        problems.append(Problem(resource=_file_ref(origin.file), path="", reason=reason, location=_place(document, origin, "")))
        return None
    kind = kinds.of(str(value.get("apiVersion", "")), str(value.get("kind", "")))
    if not kind or not value.get("apiVersion"):
        return None
    metadata = value.get("metadata")
    if isinstance(metadata, dict):
        place = (metadata.get("namespace") or namespace) if kind.namespaced else None
        value = {**value, "metadata": {**metadata, "namespace": place}}
    ref = _ref(value, namespace if kind.namespaced else None)
    while isinstance(decoded := decode(value, kind.struct), Misfit):
        mended = _quoted(value, decoded)
        place = _place(document, origin, decoded.path)
        problems.append(Problem(resource=ref, path=decoded.path, reason=decoded.reason, location=place))
        if mended is None:
            return None
        value = mended
    return decoded


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


def _place(document: Document, origin: Origin, path: str) -> Location:
    position = locate(document, origin.prefix + path)
    return Location(file=origin.file, line=position.line, column=position.column, template=document.source)


def _file_ref(name: str) -> Ref:
    return Ref("", "File", None, name)
