"""From a place of a built object back to the file and line that a person would change."""

import os
from pathlib import Path
from typing import Any, Literal

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.editing.changes import same
from kubectl_meshfix.documents.reading.read import locate
from kubectl_meshfix.mesh.problems import Location
from kubectl_meshfix.sources.kustomize.alignment import Aligned, align, existing
from kubectl_meshfix.sources.kustomize.built import BuiltObject
from kubectl_meshfix.sources.kustomize.fields import FieldPlace, field_for
from kubectl_meshfix.sources.kustomize.kustomization import listed, within
from kubectl_meshfix.sources.kustomize.origins import Origins, Source
from kubectl_meshfix.sources.kustomize.patches import Setting, setting
from kubectl_meshfix.sources.kustomize.tree import Environment


class Led(msgspec.Struct, frozen=True):
    """Where a value comes from: a manifest, a patch, a kustomization's field or a file that a generator reads."""

    location: Location
    by: Literal["manifest", "patch", "field"]
    words: str
    """What a person calls the place: the file, and the field where it is a kustomization's."""


def lead_back(environment: Environment, built: BuiltObject, path: str, origins: Origins) -> Led:
    """Where ``path`` of a built object comes from; where the object has no such place, where what would hold it does.

    The manifest, where it says the same; else the patch that says so, the last that is applied; else the kustomization's field; at last
    the place in the manifest that all of them have changed, or the environment's own kustomization.
    """
    value = built.value
    path = existing(value, path)
    source = origins.of(environment, built)
    manifest = (source, align(value, source.value, path)) if source else None
    written = pointer.at(value, path)
    if manifest and manifest[1].is_whole and _says(manifest[1].value, written):
        return _in_manifest(*manifest)
    if found := setting(environment, built, value, path, origins):
        return _in_patch(found)
    if field := field_for(environment, built, path, written):
        return _in_field(field)
    if manifest:
        return _in_manifest(*manifest)
    own = environment.kustomization
    return Led(Location(file=own.file, line=own.document.line, column=1), "field", own.file)


def _says(written: Any, built: Any) -> bool:
    """Whether a manifest is where a value comes from: it has the same, or the map or list that others have added to."""
    if isinstance(written, dict | list):
        return type(written) is type(built)
    return same(written, built)


def _in_manifest(source: Source, aligned: Aligned) -> Led:
    position = locate(source.document, source.prefix + aligned.path)
    place = Location(file=source.file, line=position.line, column=position.column)
    return Led(place, "manifest", source.file)


def _in_patch(found: Setting) -> Led:
    place = Location(file=found.patch.file, line=found.line, column=found.column)
    return Led(place, "patch", f"a patch in {found.patch.file}")


def _in_field(field: FieldPlace) -> Led:
    own = field.kustomization
    file = _generating_file(field)
    if file:
        return Led(Location(file=file, line=1, column=1), "field", f"{file}, which {field.name} in {own.file} reads")
    return Led(Location(file=own.file, line=field.line, column=field.column), "field", f"{field.name} in {own.file}")


def _generating_file(field: FieldPlace) -> str:
    """The file that a generator's key is read from; empty for literals and other fields."""
    parts = pointer.split(field.path)
    if len(parts) != 4 or parts[2] != "files":
        return ""
    entry = listed(field.kustomization.value, parts[0])[int(parts[1])]["files"][int(parts[3])]
    path = within(field.kustomization.folder, str(entry).partition("=")[2] or str(entry))
    return os.path.normpath(path) if Path(path).is_file() else ""
