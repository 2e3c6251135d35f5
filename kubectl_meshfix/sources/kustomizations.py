"""Folders for kustomize: what of them is no object by itself."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.mesh.problems import Location, Problem
from kubectl_meshfix.resources.meta import Ref

FILES = ("kustomization.yaml", "kustomization.yml")


def file_ref(name: str) -> Ref:
    """Stands for a file in findings about no object."""
    return Ref("", "File", None, name)


def take_out_patches(texts: dict[str, str]) -> Iterator[Problem]:
    """Take out of ``texts`` what a kustomization lays over other objects; each kustomization is one problem instead of one a file."""
    names = {os.path.normpath(name): name for name in texts}
    for name in sorted(name for name in texts if name.endswith(FILES)):
        folder = Path(name).parent
        patches = {os.path.normpath(folder / path) for document in read(texts[name]).documents for path in _paths(document.value)}
        inside = [names[path] for path in patches if path in names]
        for other in inside:
            texts.pop(other, None)  # another kustomization may lay it over objects too
        if inside:
            patched = "its patch was" if len(inside) == 1 else f"its {len(inside)} patches were"
            reason = f"{patched} not applied; check what it builds: kubectl kustomize {folder} | kubectl meshfix diagnose -f -"
            yield Problem(resource=file_ref(name), path="", reason=reason, location=Location(file=name, line=1, column=1), level="info")


def _paths(value: Any) -> Iterator[str]:
    """The files of ``patches``, ``patchesStrategicMerge`` and ``patchesJson6902`` (`kustomize/api/types/kustomization.go`)."""
    if not isinstance(value, dict):
        return
    for field in ("patches", "patchesStrategicMerge", "patchesJson6902"):
        entries = value.get(field)
        for entry in entries if isinstance(entries, list) else ():
            path = entry.get("path") if isinstance(entry, dict) else entry
            if isinstance(path, str) and "\n" not in path:
                yield path
