"""The door to kustomize: the environments of folders as they are built, what could not be built, and where each place comes from."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec

from kubectl_meshfix.errors import SourceError, UsageError
from kubectl_meshfix.mesh.problems import Location, Problem
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.sources.kustomizations import file_ref
from kubectl_meshfix.sources.kustomize.building import EMPTY, Builder, find_builder
from kubectl_meshfix.sources.kustomize.built import Builds, BuiltEnvironment, BuiltObject, FailedEnvironment, build_all
from kubectl_meshfix.sources.kustomize.kustomization import NAMES, Kustomization, file_in, local_files, read_kustomization
from kubectl_meshfix.sources.kustomize.leading_back import lead_back
from kubectl_meshfix.sources.kustomize.origins import Origins
from kubectl_meshfix.sources.kustomize.tree import Tree, folders_in, tree

STEADY = frozenset({"MF001", "MF002", "MF101", "MF102", "MF104", "MF204", "MF302", "MF303", "MF308", "MF702"})
"""Rules that speak of what is written in one object. All others say that something is missing, or compare objects, and a build that
was not made could prove them wrong: by labels, names, namespaces, images, generated objects or patches."""


class Part(msgspec.Struct, frozen=True):
    """One built object and the environment it is of."""

    environment: BuiltEnvironment
    built: BuiltObject


class Kustomized:
    """All that is known of kustomizations in some folders. ``builder`` is None where there is no program that builds.

    ``named`` are the paths that a person gave. ``parts`` are the built objects by the references that they were given in a mesh.
    """

    def __init__(self, found: Tree, builds: Builds, builder: Builder | None, named: Sequence[str]) -> None:
        self.tree, self.builds, self.builder = found, builds, builder
        self.origins = Origins(builder or Builder(command=()))
        self.parts: dict[Ref, Part] = {}
        self._roots = [os.path.realpath(path) for path in named]

    def may_write(self, file: str) -> bool:
        """Whether a file lies where the user pointed: what a kustomization reads from elsewhere is not rewritten."""
        real = os.path.realpath(file)
        return any(real == root or real.startswith(root.rstrip(os.sep) + os.sep) for root in self._roots)

    def could_be_wrong(self, code: str, ref: Ref, file: str = "") -> bool:
        """Whether what a rule says of an object is not worth saying, because a build that was not made could prove it wrong.

        ``file`` is the one that holds the object, where it is not built.
        """
        if code in STEADY:
            return False
        if part := self.parts.get(ref):
            return bool(part.environment.environment.instead_of)
        return self.builder is None and os.path.realpath(file) in self.tree.files

    @cached_property
    def files(self) -> frozenset[str]:
        """Files that kustomizations name, and those themselves, without links: parts of what is built, and not judged by themselves.

        Where nothing builds, manifests are judged as they are written, without the rules that are not STEADY; only patches and
        kustomizations are no objects.
        """
        return self.tree.files if self.builder else self.tree.fragments

    @property
    def sources(self) -> Iterator[str]:
        """Every file that was read for a build, spelt as its kustomization was found; one that several name is there several times."""
        for node in self.tree.nodes.values():
            yield from local_files(node)

    @property
    def objects(self) -> Iterator[Part]:
        """The built objects of kinds that are read, environment by environment."""
        for environment in self.builds.built:
            yield from (Part(environment, built) for built in environment.objects if built.is_read)

    def locate(self, part: Part, path: str) -> Location:
        """The file and line that a place of a built object comes from."""
        return lead_back(part.environment.environment, part.built, path, self.origins).location

    def strays(self, files: Iterable[str]) -> dict[str, Kustomization]:
        """Those of ``files`` that lie beside a kustomization which does not name them: they are no part of what the folder builds.

        Scaffolds keep patches there that are not in use. A folder above that has no kustomization of its own has no strays.
        """
        if self.builder is None:
            return {}
        found = {file: self.tree.nodes.get(os.path.realpath(os.path.dirname(file))) for file in files}  # noqa: PTH120
        return {file: node for file, node in found.items() if node and os.path.realpath(file) not in self.files}

    def problems(self) -> Iterator[Problem]:
        """What was not looked at: once for each environment that cannot be built, or once for all where nothing builds.

        A kustomization that names nothing is not built either, but hides nothing.
        """
        if self.builder is None and self.tree.within:
            first = self.tree.environments[0].kustomization.file if self.tree.environments else ""
            reason = (
                "neither kubectl nor kustomize is on the path, so nothing was built: manifests were checked as they are written, "
                "without rules that labels, names, namespaces, images or patches of a kustomization could prove wrong"
            )
            yield _problem(first, reason)
        for failed in (one for one in self.builds.failed if one.reason != EMPTY):
            builds_elsewhere = failed.is_remote or "--enable-helm" in failed.command
            advice = "Check what it builds." if builds_elsewhere else "Make kustomize build it, and run this again."
            reason = "it builds on remote files, which are not fetched" if failed.is_remote else said(failed)
            yield msgspec.structs.replace(
                _problem(failed.environment.kustomization.file, reason),
                evidence=failed.environment.remote,
                advice=advice,
                command=failed.command,
            )


def nothing_built(found: Kustomized, paths: Sequence[str]) -> UsageError | None:
    """The error for paths of which nothing was read because nothing could be built; None where that is not the reason."""
    if not found.builds.failed or found.parts:
        return None
    first = min(found.builds.failed, key=lambda one: one.reason == EMPTY)
    return UsageError(f"Nothing was checked in {', '.join(paths)}: {said(first)}.", f"Check what it builds with: {first.command}")


def said(failed: FailedEnvironment) -> str:
    """Why an environment was not checked, as part of a sentence."""
    return failed.reason if failed.is_remote else f"kustomize cannot build it: {failed.reason}"


def read_environments(
    paths: Sequence[str],
    *,
    recursive: bool = False,
    enters: Callable[[str], bool] = lambda name: not name.startswith("."),
    builder: Builder | None = None,
    is_missing: bool = False,
) -> Kustomized:
    """The environments of folders that were named, built. Without ``builder`` it is looked for; ``is_missing`` says that there is none.

    A kustomization's own file stands for its folder; other files, and standard input, have none.
    """
    named = dict.fromkeys(os.path.dirname(path) or "." if os.path.basename(path) in NAMES else path for path in paths)  # noqa: PTH119, PTH120
    folders = [folder for path in named for folder in folders_in(path, recursive=recursive, enters=enters)]
    return build_folders(folders, tuple(named), builder=builder, is_missing=is_missing)


def build_folders(folders: Iterable[str], named: Sequence[str], *, builder: Builder | None = None, is_missing: bool = False) -> Kustomized:
    """The environments among ``folders``, which were found below the ``named`` paths."""
    found = tree(folders)
    program = None if is_missing or not found.within else builder or find_builder()
    if program is not None:
        builds = build_all(found, found.environments, program)
        if not builds.is_builder_missing:
            return Kustomized(found, builds, program, named)
    return Kustomized(found, Builds(built=(), failed=()), None, named)


def read_environment(folder: str, builder: Builder | None = None) -> Kustomized:
    """What one folder builds, as ``-k`` asks for it. Raises SourceError where it is no kustomization or cannot be built."""
    must_be_kustomization(folder)
    found = read_environments([folder], builder=builder)
    if found.builder is None:
        raise SourceError("Neither kubectl nor kustomize is on the path, so nothing can be built.", "Install kubectl, or use -f.")
    for failed in found.builds.failed:
        raise SourceError(f"{folder} was not built: {said(failed)}.", f"Check what it builds with: {failed.command}")
    return found


def must_be_kustomization(folder: str) -> None:
    """Raise SourceError unless a folder has a kustomization that stands by itself."""
    if not Path(folder).is_dir():
        raise SourceError(f"{folder} is not a directory.", "Name a directory that has a kustomization.yaml; remote ones are not fetched.")
    if file_in(folder) is None:
        raise SourceError(f"{folder} has no kustomization.yaml.", f"For a directory of manifests: -f {folder}")
    own = read_kustomization(folder)
    if own is None:
        raise SourceError(f"The kustomization of {folder} cannot be read.", f"Check it with: kubectl kustomize {folder}")
    if own.is_component:
        raise SourceError(f"{folder} is a component, which is built only in a kustomization that names it.", "Name that folder with -k.")


def stray_problems(found: Mapping[str, Kustomization]) -> Iterator[Problem]:
    """What lies beside kustomizations and was not checked: once for each of them."""
    by_kustomization: dict[str, list[str]] = {}
    for file, node in found.items():
        by_kustomization.setdefault(node.file, []).append(os.path.basename(file))  # noqa: PTH119
    for own, names in sorted(by_kustomization.items()):
        more = f" and {len(names) - 2} more" if len(names) > 3 else ""
        shown = sorted(names)[: 2 if more else 3]
        verb = "it was" if len(names) == 1 else "they were"
        reason = f"it does not name {', '.join(shown)}{more} in its folder, so {verb} not checked"
        yield _problem(own, reason, "info")


def _problem(file: str, reason: str, level: Literal["warning", "info"] = "warning") -> Problem:
    place = Location(file=file, line=1, column=1)
    return Problem(resource=file_ref(file), path="", reason=reason, location=place, level=level, hides=level == "warning")
