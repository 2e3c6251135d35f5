"""Which document of which manifest a built object comes from."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.reading.limited import read_file
from kubectl_meshfix.documents.reading.list_kind import objects as objects_in
from kubectl_meshfix.documents.reading.read import Document, Reading, read
from kubectl_meshfix.sources.kustomize.alignment import found_at
from kubectl_meshfix.sources.kustomize.building import Builder, build
from kubectl_meshfix.sources.kustomize.built import BuiltObject, Identity, objects_of
from kubectl_meshfix.sources.kustomize.chains import Listed, final_name, listed_files
from kubectl_meshfix.sources.kustomize.fields import field_for
from kubectl_meshfix.sources.kustomize.tree import Environment
from kubectl_meshfix.sources.programs import Output

ORIGIN = "config.kubernetes.io/origin"
"""What ``buildMetadata`` adds (`kustomize/api/internal/utils/annotations.go`)."""


class Source(msgspec.Struct, frozen=True):
    """The place of an object in a manifest: its file, the document, and the JSON pointer inside of a ``List``."""

    file: str
    document: Document
    prefix: str
    value: Any


class Origins:
    """Finds where built objects come from; what was read and built for it is kept for one run.

    An object's name and kind, with the prefixes and suffixes of its way, nearly always name one document. Where they do not, kustomize is
    asked: the folder is built once more through a kustomization of its own in a temporary folder, whose ``buildMetadata`` has it note
    each object's file.
    """

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self._readings: dict[str, Reading] = {}
        self._texts: dict[str, str] = {}
        self._listed: dict[str, list[Listed]] = {}
        self._noted: dict[str, dict[Identity, str]] = {}
        self._found: dict[tuple[str, Identity], Source | None] = {}

    def text(self, file: str) -> str:
        """A manifest's text, as it was when it was first read; empty where it cannot be read."""
        if file not in self._texts:
            try:
                self._texts[file] = read_file(file, only_regular=True).decode()
            except (OSError, UnicodeDecodeError):
                self._texts[file] = ""
        return self._texts[file]

    def reading(self, file: str) -> Reading:
        """A manifest's documents."""
        if file not in self._readings:
            self._readings[file] = read(self.text(file))
        return self._readings[file]

    def of(self, environment: Environment, built: BuiltObject) -> Source | None:
        """Where an object comes from; None where it is in no manifest, as what a generator makes."""
        key = (environment.key, built.identity)
        if key not in self._found:
            self._found[key] = self._source(environment, built)
        return self._found[key]

    def listed(self, environment: Environment) -> list[Listed]:
        """The manifests of an environment with their ways."""
        if environment.key not in self._listed:
            self._listed[environment.key] = list(listed_files(environment))
        return self._listed[environment.key]

    def _source(self, environment: Environment, built: BuiltObject) -> Source | None:
        named = {
            (source.file, source.document.index, source.prefix): source
            for listed in self.listed(environment)
            if built.identity.kind in self.text(listed.file)
            for source in self._in(listed.file, built.identity)
            if final_name(_name(source.value), built.identity.kind, listed.way) == built.identity.name
        }
        if len(named) == 1:
            return next(iter(named.values()))
        if not named and field_for(environment, built, "", None):
            return None
        file = self.noted(environment).get(built.identity)
        if file is None:
            return None
        inside = list(self._in(file, built.identity))
        if len(inside) > 1:
            inside = [source for source in inside if _name(source.value) in built.identity.name]
        return max(inside, key=lambda source: (_is_in(source.value, built.identity), len(_name(source.value))), default=None)

    def _in(self, file: str, identity: Identity) -> Iterator[Source]:
        """The objects of a manifest that have the kind."""
        for document in self.reading(file).documents:
            for prefix, value in objects_in(document.value):
                if (_group(value), found_at(value, "/kind")) == (identity.group, identity.kind):
                    yield Source(file, document, prefix, value)

    def noted(self, environment: Environment) -> dict[Identity, str]:
        """The file of each object that kustomize itself names one for; none where it cannot be built that way."""
        if environment.key not in self._noted:
            self._noted[environment.key] = _noted(environment, self.builder)
        return self._noted[environment.key]


def _noted(environment: Environment, builder: Builder) -> dict[Identity, str]:
    with tempfile.TemporaryDirectory(prefix="meshfix-") as name:
        folder = os.path.realpath(name)
        try:
            way = os.path.relpath(environment.key, folder)
        except ValueError:  # another drive
            return {}
        own = {"resources": [way], "buildMetadata": ["originAnnotations"]}
        Path(folder, "kustomization.yaml").write_bytes(msgspec.json.encode(own))
        outcome = build(builder, folder)
    if not isinstance(outcome, Output):
        return {}
    names = {os.path.realpath(listed.file): listed.file for listed in listed_files(environment)}
    found: dict[Identity, str] = {}
    for built in objects_of(outcome.text):
        path = _path(built.value)
        whole = os.path.realpath(os.path.join(folder, path)) if path else ""  # noqa: PTH118
        if whole in names:
            found[built.identity] = names[whole]
    return found


def _path(value: Any) -> str:
    """The manifest that an object's annotation names; empty for one that a generator made."""
    note = found_at(value, pointer.join("metadata", "annotations", ORIGIN))
    try:
        return str(msgspec.yaml.decode(note)["path"]) if isinstance(note, str) else ""
    except (msgspec.DecodeError, KeyError, TypeError):
        return ""


def _group(value: Any) -> str:
    return str(found_at(value, "/apiVersion")).rpartition("/")[0]


def _name(value: Any) -> str:
    return str(found_at(value, "/metadata/name"))


def _is_in(value: Any, identity: Identity) -> bool:
    return str(found_at(value, "/metadata/namespace") or "") == identity.namespace
