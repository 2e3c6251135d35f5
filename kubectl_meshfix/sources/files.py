"""Manifests, from paths to meshes: files as they are written, and in place of kustomizations what those build."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kubectl_meshfix.documents.reading.manifests import Manifests
from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.engine import Snapshot
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.sources.manifest_files import STDIN, Texts, read_texts
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.sources.nothing_read import nothing_read

if TYPE_CHECKING:
    from kubectl_meshfix.sources.kustomize.environments import Kustomized

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""Files that make a folder one for kustomize, which is loaded only where there is one."""


class Read(msgspec.Struct, frozen=True):
    """What was read: the meshes, where objects stand in files, and what kustomize builds; None where there are no kustomizations."""

    snapshot: Snapshot
    manifests: Manifests
    environments: "Kustomized | None" = None


def read_manifests(
    paths: Sequence[str], *, recursive: bool = False, namespace: str = "", ignore: bool = True
) -> tuple[Snapshot, Manifests]:
    """Read manifests that are not to be changed, or only by themselves. See ``read_files``."""
    found = read_files(paths, recursive=recursive, namespace=namespace, ignore=ignore)
    return found.snapshot, found.manifests


def read_files(paths: Sequence[str], *, recursive: bool = False, namespace: str = "", ignore: bool = True, helm: bool = False) -> Read:
    """Read manifests, and build kustomizations.

    Raises SourceError where a path cannot be read at all, UsageError where nothing of it is checked.

    ``namespace`` is for documents that name none. In a folder, files that hold no objects are passed over, and with ``ignore`` those that
    a ``.gitignore`` names; a file that is named is always read.
    """
    texts = read_texts(paths, recursive=recursive, ignore=ignore, helm=helm)
    environments = take_out_kustomizations(paths, texts)
    snapshot, manifests = from_texts(
        texts.texts, namespace=namespace, problems=texts.problems, named=frozenset(paths), environments=environments
    )
    is_judged = snapshot.meshes.hold_any(kind for kind in kinds.KINDS if kind not in kinds.UNJUDGED)
    is_empty = not is_judged and not (environments and environments.parts)
    if is_empty and environments:
        from kubectl_meshfix.sources.kustomize.environments import nothing_built  # noqa: PLC0415

        if error := nothing_built(environments, paths):
            raise error
    if is_empty and not any(problem.level == "error" for problem in snapshot.mesh.problems):
        raise nothing_read(paths, texts, snapshot.mesh.problems, recursive=recursive)
    return Read(snapshot, manifests, environments)


def take_out_kustomizations(paths: Sequence[str], texts: Texts) -> "Kustomized | None":
    """What the kustomizations of folders build; their files are taken out of ``texts``, but for manifests that were named themselves."""
    folders = sorted({os.path.dirname(name) or "." for name in texts.texts if name != STDIN})  # noqa: PTH120
    roots = [os.path.realpath(os.path.dirname(path) if os.path.basename(path) in KUSTOMIZATIONS else path) for path in paths]  # noqa: PTH119, PTH120
    folders = [folder for folder in folders if any(Path(folder, name).is_file() for name in KUSTOMIZATIONS)]
    folders = [folder for folder in folders if any(Path(os.path.realpath(folder)).is_relative_to(root) for root in roots)]
    if not folders:
        return None
    from kubectl_meshfix.sources.kustomize.environments import build_folders, stray_problems  # noqa: PLC0415

    environments = build_folders(folders, roots)
    texts.problems.extend(environments.problems())
    unnamed = {name for name in texts.texts if name not in paths or os.path.basename(name) in KUSTOMIZATIONS}  # noqa: PTH119
    strays = environments.strays(name for name in unnamed if "apiVersion" in texts.texts[name] and "kind" in texts.texts[name])
    texts.problems.extend(stray_problems({file: node for file, node in strays.items() if _holds_objects(texts.texts[file])}))
    for name in unnamed:
        if name in strays or os.path.realpath(name) in environments.files:
            del texts.texts[name]
    return environments


def _holds_objects(text: str) -> bool:
    """Whether a text holds an object of a kind that some rule looks at, as far as it can be read."""
    reading = read(text)
    values = (document.value for document in reading.documents if isinstance(document.value, dict))
    return bool(reading.problems) or any(
        kind not in kinds.UNJUDGED for value in values if (kind := kinds.of(str(value.get("apiVersion")), str(value.get("kind"))))
    )
