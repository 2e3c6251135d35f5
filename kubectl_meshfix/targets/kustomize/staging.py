"""A copy of kustomizations in a temporary folder, where edits are tried before any file of the user's is touched."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kubectl_meshfix.documents.reading.limited import read_file
from kubectl_meshfix.sources.kustomize.building import Builder, build
from kubectl_meshfix.sources.kustomize.built import AT_ONCE, BuiltEnvironment, BuiltObject, Identity, objects_of
from kubectl_meshfix.sources.kustomize.kustomization import local_files
from kubectl_meshfix.sources.kustomize.tree import Environment
from kubectl_meshfix.sources.programs import Failed

Objects = Mapping[Identity, BuiltObject]


class Staging:
    """The copy of as many environments as are asked for. Files have the places to each other that they have on the disk."""

    def __init__(self, folder: str, environments: tuple[Environment, ...], builder: Builder) -> None:
        self.folder = os.path.realpath(folder)
        self.builder = builder
        self._files = {
            one.key: frozenset(os.path.realpath(file) for part in one.parts for file in local_files(part)) for one in environments
        }
        every = sorted({file for files in self._files.values() for file in files})
        self.root = os.path.commonpath([os.path.dirname(file) for file in every]) if every else os.sep  # noqa: PTH120
        self._copied: set[str] = set()
        self._outcomes: dict[tuple[str, frozenset[tuple[str, str]]], Objects | Failed] = {}

    def files(self, environment: Environment) -> frozenset[str]:
        """The files of an environment, without links."""
        return self._files[environment.key]

    def build(self, environments: Sequence[Environment], texts: Mapping[str, str]) -> list[Objects | Failed]:
        """What each environment builds with other ``texts``, by file without links; the copy is as before afterwards."""
        changed = {one.key: self._changed(one, texts) for one in environments}
        new = [one for one in environments if (one.key, changed[one.key]) not in self._outcomes]
        for one, outcome in zip(new, self._tried(new, texts), strict=True):
            self._outcomes[one.key, changed[one.key]] = outcome
        return [self._outcomes[one.key, changed[one.key]] for one in environments]

    def _changed(self, environment: Environment, texts: Mapping[str, str]) -> frozenset[tuple[str, str]]:
        """Those of the texts that an environment may read: its own files, and new ones in their folders."""
        folders = {os.path.dirname(file) for file in self.files(environment)}  # noqa: PTH120
        return frozenset((file, text) for file, text in texts.items() if os.path.dirname(file) in folders)  # noqa: PTH120

    def _tried(self, environments: Sequence[Environment], texts: Mapping[str, str]) -> list[Objects | Failed]:
        for file in {file for one in environments for file in self.files(one)} - self._copied:
            self._write(file, read_file(file, only_regular=True))
            self._copied.add(file)
        try:
            for file, text in texts.items():
                self._write(file, text.encode())
            with ThreadPoolExecutor(AT_ONCE) as pool:
                return list(pool.map(self._built, environments))
        finally:
            for file in texts:
                if file in self._copied:
                    self._write(file, read_file(file, only_regular=True))
                else:
                    self._place(file).unlink(missing_ok=True)

    def unlike(self, environments: Sequence[BuiltEnvironment]) -> frozenset[str]:
        """Environments of which the copy builds something else than their folder does, by key: nothing can be tried in it."""
        outcomes = self.build([one.environment for one in environments], {})
        pairs = zip(environments, outcomes, strict=True)
        return frozenset(one.environment.key for one, outcome in pairs if outcome != {built.identity: built for built in one.objects})

    def _built(self, environment: Environment) -> Objects | Failed:
        outcome = build(self.builder, str(self._place(environment.key)))
        return outcome if isinstance(outcome, Failed) else {one.identity: one for one in objects_of(outcome.text)}

    def _write(self, file: str, content: bytes) -> None:
        place = self._place(file)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)

    def _place(self, path: str) -> Path:
        return Path(self.folder, os.path.relpath(path, self.root))
