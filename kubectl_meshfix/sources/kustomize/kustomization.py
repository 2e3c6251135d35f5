"""One kustomization: its file, and what it names (`kustomize/api/types/kustomization.go`)."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kubectl_meshfix.documents.reading.limited import read_file
from kubectl_meshfix.documents.reading.read import Document, read
from kubectl_meshfix.resources.meta import Struct

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""What kustomize looks for in a folder (`konfig.RecognizedKustomizationFileNames`)."""

GROUP = "kustomize.config.k8s.io"
"""Flux has a kind of the same name in another group: that one is an object of a cluster."""

CHILDREN = ("resources", "bases", "components")
PLUGINS = ("generators", "transformers", "validators")

_REMOTE = re.compile(
    r"^[a-z][a-z0-9+.-]*://|^git@|^git::|^gh:|^(?:www\.)?github\.com[/:]|\.git(?:/|\?|$)|\?(?:[^?&]*&)*(?:ref|version)=|/_git/"
)
"""What kustomize clones or downloads (`kustomize/api/internal/git/repospec.go`, `loader/fileloader.go`)."""


class Kustomization(Struct, frozen=True):
    """A folder with a kustomization that could be read. ``folder`` and ``file`` are spelt as the user spelt the way to them."""

    folder: str
    file: str
    text: str
    document: Document

    @property
    def value(self) -> dict[str, Any]:
        """Its fields."""
        return dict(self.document.value)

    @property
    def is_component(self) -> bool:
        """Whether it is only ever a part of others."""
        return self.value.get("kind") == "Component"

    @property
    def key(self) -> str:
        """The folder without links, which names it whatever the way to it."""
        return os.path.realpath(self.folder)


def file_in(folder: str) -> str | None:
    """The kustomization's file in a folder."""
    return next((path for name in NAMES if os.path.isfile(path := os.path.join(folder, name))), None)  # noqa: PTH113, PTH118


def read_kustomization(folder: str) -> Kustomization | None:
    """The kustomization of a folder; None where there is none that can be read, which the reader of files reports."""
    file = file_in(folder)
    if file is None:
        return None
    try:
        text = read_file(file, only_regular=True).decode()
    except (OSError, UnicodeDecodeError):
        return None
    reading = read(text)
    if reading.problems or len(reading.documents) != 1 or not isinstance(reading.documents[0].value, dict):
        return None
    document = reading.documents[0]
    version, kind = (str(document.value.get(field) or "") for field in ("apiVersion", "kind"))
    if (version and version.rpartition("/")[0] != GROUP) or kind not in ("", "Kustomization", "Component"):
        return None
    return Kustomization(folder=folder, file=file, text=text, document=document)


def listed(value: Any, field: str) -> list[Any]:
    """A field's entries; none where it is no list."""
    found = value.get(field) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def is_remote(folder: str, entry: str) -> bool:
    """Whether kustomize would go to the network for an entry. What is on the disk is never remote."""
    return "\n" not in entry and bool(_REMOTE.search(entry)) and not Path(within(folder, entry)).exists()


def within(folder: str, entry: str) -> str:
    """The path of an entry, spelt as its folder is."""
    return os.path.normpath(os.path.join(folder, entry))  # noqa: PTH118 -- pathlib keeps "..", and the same file would have two names


def children(kustomization: Kustomization) -> Iterator[str]:
    """The folders it builds on."""
    for field in CHILDREN:
        for entry in listed(kustomization.value, field):
            if isinstance(entry, str) and Path(path := within(kustomization.folder, entry)).is_dir():
                yield path


def resource_files(kustomization: Kustomization) -> Iterator[str]:
    """The manifests it lists."""
    for entry in listed(kustomization.value, "resources"):
        if isinstance(entry, str) and Path(path := within(kustomization.folder, entry)).is_file():
            yield path


def remotes(kustomization: Kustomization) -> Iterator[str]:
    """What kustomize would fetch: bases, resources, and files of the fields that name files. A literal may hold any address."""
    for path in dict.fromkeys(path for path in _paths(kustomization.value) if isinstance(path, str)):
        if is_remote(kustomization.folder, path):
            yield path


def local_files(kustomization: Kustomization) -> Iterator[str]:
    """Every file beside it that it names in any field: manifests, patches, what generators and plug-ins read."""
    pending = [(kustomization.folder, kustomization.value)]
    seen = {os.path.realpath(kustomization.file)}
    read_already: set[str] = set()
    yield kustomization.file
    while pending:
        folder, value = pending.pop()
        for text in _strings(value):
            for entry in {text, text.partition("=")[2]}:
                path = within(folder, entry)
                if os.path.isfile(path) and (real := os.path.realpath(path)) not in seen:  # noqa: PTH113 -- false for what is no path
                    seen.add(real)
                    yield path
        for field in PLUGINS:
            for entry in listed(value, field):
                path = within(folder, str(entry))
                if path not in read_already and os.path.isfile(path):  # noqa: PTH113
                    read_already.add(path)
                    pending += [(folder, value) for value in _values(path)]


def patch_files(kustomization: Kustomization) -> Iterator[str]:
    """The files it lays over objects: ``patches``, ``patchesStrategicMerge`` and ``patchesJson6902``."""
    for field in ("patches", "patchesStrategicMerge", "patchesJson6902"):
        for entry in listed(kustomization.value, field):
            path = entry.get("path") if isinstance(entry, dict) else entry
            if isinstance(path, str) and os.path.isfile(file := within(kustomization.folder, path)):  # noqa: PTH113
                yield file


def _paths(value: dict[str, Any]) -> Iterator[Any]:
    """What all fields hold that name files or addresses (`Kustomization.FixKustomizationPostUnmarshal` and the loaders)."""
    for field in (*CHILDREN, *PLUGINS, "crds", "configurations", "patchesStrategicMerge"):
        yield from listed(value, field)
    for field in ("patches", "patchesJson6902", "replacements"):
        yield from (_field(entry, "path") for entry in listed(value, field))
    yield _field(value.get("openapi"), "path")
    for entry in (*listed(value, "configMapGenerator"), *listed(value, "secretGenerator")):
        for text in (*listed(entry, "files"), *listed(entry, "envs"), _field(entry, "env")):
            yield re.sub(r"^[\w.-]+=", "", text) if isinstance(text, str) else None


def _field(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, dict) else None


def _values(path: str) -> list[Any]:
    try:
        return [document.value for document in read(read_file(path, only_regular=True).decode()).documents]
    except (OSError, UnicodeDecodeError):
        return []


def _strings(value: Any) -> Iterator[str]:
    """Every text in a value, whatever holds it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)
