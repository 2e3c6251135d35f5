"""Fixes of what kustomize builds, written where the build shows exactly them: tried in a copy, place by place."""

import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kubectl_meshfix.documents.editing.changes import same
from kubectl_meshfix.documents.editing.splice import DocumentPatch, splice_each
from kubectl_meshfix.documents.patch import Operation, PatchConflictError, patched
from kubectl_meshfix.fixes.fix import Patch
from kubectl_meshfix.fixes.merge import joined
from kubectl_meshfix.resources.meta import Ref, Struct
from kubectl_meshfix.sources.kustomize.building import Builder
from kubectl_meshfix.sources.kustomize.built import BuiltEnvironment, Identity
from kubectl_meshfix.sources.kustomize.origins import Origins
from kubectl_meshfix.sources.programs import Failed
from kubectl_meshfix.targets.kustomize.options import InDocument, InOverlay, Option, Wanted, options
from kubectl_meshfix.targets.kustomize.overlay_patch import OverlayPatch, entries_added, overlay_patch
from kubectl_meshfix.targets.kustomize.staging import Objects, Staging

_ANYTHING = Ref("", "", None, "")

ELSEWHERE = "the kustomization changes this place afterwards, or its change would show in other places too"
OTHER_PART = "another part of its fix cannot be made"
UNTRIED = "its kustomization cannot be built in a copy, so the change cannot be tried first"
NO_PLACE = "neither the manifest it comes from nor its kustomization may be rewritten; name the folder above with -f"


class PlacedEdit(Struct, frozen=True):
    """A file as it is and as it shall be; ``before`` is None for one that is new. ``wanted`` are indexes of what was asked for."""

    file: str
    before: str | None
    after: str
    wanted: tuple[int, ...]


class Placed(Struct, frozen=True):
    """The edits, tried together, and why what is left can only be made by hand, by index of what was asked for."""

    edits: tuple[PlacedEdit, ...]
    refused: Mapping[int, str]


class _Draft(NamedTuple):
    """Edits that have not been tried yet, and what could not be written into a text."""

    edits: tuple[PlacedEdit, ...]
    errors: Mapping[int, str]


def place(
    wanted: Sequence[Wanted],
    environments: Sequence[BuiltEnvironment],
    origins: Origins,
    builder: Builder,
    may_write: Callable[[str], bool] = lambda _file: True,
) -> Placed:
    """Find a place for each fix, such that every environment that needs it shows it, no other shows anything of it, and nothing else moves.

    Each fix is tried in the manifest first, then in the patch that sets the place, then as a patch of the environment; the edits are
    made in a temporary copy of the kustomizations and built there. What fits nowhere is refused, and with it the rest of its fix.
    """
    if not wanted:
        return Placed(edits=(), refused={})
    with tempfile.TemporaryDirectory(prefix="meshfix-") as folder:
        return _Placing(
            wanted, environments, origins, Staging(folder, tuple(one.environment for one in environments), builder), may_write
        ).run()


class _Placing:
    """The choices that are left for each fix, while they are tried."""

    def __init__(
        self,
        wanted: Sequence[Wanted],
        environments: Sequence[BuiltEnvironment],
        origins: Origins,
        staging: Staging,
        may_write: Callable[[str], bool],
    ) -> None:
        self.wanted, self.environments, self.origins, self.staging = wanted, environments, origins, staging
        self.left = [list(options(one, origins, may_write)) for one in wanted]
        self.refused = {index: NO_PLACE for index, left in enumerate(self.left) if not left}
        self.tried: dict[str, bool] = {}

    def run(self) -> Placed:
        """Try, and give up places that do not work, until all that is left works together."""
        while True:
            self._refuse_halves()
            chosen = [index for index in range(len(self.wanted)) if index not in self.refused]
            draft = self._drafted(chosen)
            wrong = dict(draft.errors) or self._untried(draft) or self._wrong(draft, chosen)
            if not wrong:
                return Placed(edits=draft.edits, refused=self.refused)
            for index in sorted({other for one in wrong for other in self._alike(one)}):
                self._give_up(index, next((wrong[one] for one in wrong if index in self._alike(one)), ELSEWHERE))

    def _option(self, index: int) -> Option:
        return self.left[index][0]

    def _alike(self, index: int) -> list[int]:
        """All that share one edit of a document."""
        option = self._option(index)
        if isinstance(option, InOverlay):
            return [index]
        return [other for other, left in enumerate(self.left) if other not in self.refused and left[0] == option]

    def _give_up(self, index: int, reason: str) -> None:
        if index in self.refused:
            return
        if reason == UNTRIED or len(self.left[index]) == 1:
            self.refused[index] = reason
        else:
            del self.left[index][0]

    def _refuse_halves(self) -> None:
        halves = {self.wanted[index].fix for index in self.refused}
        for index, one in enumerate(self.wanted):
            if one.fix in halves and index not in self.refused:
                self.refused[index] = OTHER_PART

    def _drafted(self, chosen: Sequence[int]) -> _Draft:
        """The texts of all files that the chosen ones change, each in its present place."""
        errors: dict[int, str] = {}
        in_files: dict[str, list[tuple[int, InDocument]]] = defaultdict(list)
        in_overlays: dict[tuple[str, Identity], list[int]] = defaultdict(list)
        for index in chosen:
            option = self._option(index)
            if isinstance(option, InDocument):
                in_files[option.file].append((index, option))
            else:
                in_overlays[self.wanted[index].environment.environment.key, self.wanted[index].built.identity].append(index)
        edits = [edit for file, rows in sorted(in_files.items()) if (edit := self._file_edit(file, rows, errors))]
        return _Draft((*edits, *self._overlay_edits(list(in_overlays.values()), errors)), errors)

    def _file_edit(self, file: str, rows: Sequence[tuple[int, InDocument]], errors: dict[int, str]) -> PlacedEdit | None:
        text = self.origins.text(file)
        by_document: dict[int, list[Operation]] = {}
        made: list[InDocument] = []
        for index, option in rows:
            if option in made:
                continue
            merged = joined({_ANYTHING: by_document.get(option.document, [])}, [Patch(resource=_ANYTHING, operations=option.operations)])
            if merged is None:
                errors[index] = ELSEWHERE
            else:
                by_document[option.document] = merged[_ANYTHING]
                made.append(option)
        patches = [DocumentPatch(document, _tests_first(operations)) for document, operations in by_document.items()]
        spliced = splice_each(text, patches)
        for patch, error in zip(patches, spliced.errors, strict=True):
            if error:
                errors.update((index, error.message.rstrip(".")) for index, option in rows if option.document == patch.document)
        return (
            PlacedEdit(file=file, before=text, after=spliced.text, wanted=tuple(index for index, _ in rows))
            if spliced.text != text
            else None
        )

    def _overlay_edits(self, groups: Sequence[Sequence[int]], errors: dict[int, str]) -> Iterator[PlacedEdit]:
        """New patch files, and one edit of each kustomization that names them."""
        by_kustomization: dict[str, list[tuple[OverlayPatch, Sequence[int]]]] = defaultdict(list)
        taken: list[str] = []
        for group in groups:
            first = self.wanted[group[0]]
            own = first.environment.environment.kustomization
            operations = self._joined(group)
            if operations is None:
                errors.update(dict.fromkeys(group, ELSEWHERE))
                continue
            patch = overlay_patch(own, first.built, operations, taken)
            taken.append(patch.file)
            by_kustomization[own.key].append((patch, group))
            yield PlacedEdit(file=patch.file, before=None, after=patch.text, wanted=tuple(group))
        for key, rows in by_kustomization.items():
            own = next(one.environment.kustomization for one in self.environments if one.environment.key == key)
            added = entries_added(own, [patch.entry for patch, _ in rows])
            spliced = splice_each(own.text, [DocumentPatch(0, added)])
            everyone = tuple(index for _, group in rows for index in group)
            if spliced.errors[0]:
                errors.update(dict.fromkeys(everyone, spliced.errors[0].message.rstrip(".")))
            yield PlacedEdit(file=own.file, before=own.text, after=spliced.text, wanted=everyone)

    def _joined(self, group: Sequence[int]) -> list[Operation] | None:
        """What several fixes do to one object, together."""
        patches = [Patch(resource=_ANYTHING, operations=self.wanted[index].operations) for index in group]
        merged = joined({}, patches)
        return None if merged is None else _tests_first(merged[_ANYTHING])

    def _concerned(self, draft: _Draft) -> list[BuiltEnvironment]:
        """The environments that may show an edit: those that read one of the files, and those whose kustomization is one of them."""
        edited = {_linkless(edit.file) for edit in draft.edits}
        return [one for one in self.environments if self.staging.files(one.environment) & edited]

    def _untried(self, draft: _Draft) -> dict[int, str]:
        """Fixes of environments in whose copy nothing can be tried."""
        new = [one for one in self._concerned(draft) if one.environment.key not in self.tried]
        if new:
            unlike = self.staging.unlike(new)
            self.tried |= {one.environment.key: one.environment.key not in unlike for one in new}
        broken = [one for one in self._concerned(draft) if not self.tried[one.environment.key]]
        files = {file for one in broken for file in self.staging.files(one.environment)}
        return {index: UNTRIED for edit in draft.edits if _linkless(edit.file) in files for index in edit.wanted}

    def _wrong(self, draft: _Draft, chosen: Sequence[int]) -> dict[int, str]:
        """Fixes that do not show as they should, or show where they should not."""
        wrong: dict[int, str] = {}
        unclear: list[BuiltEnvironment] = []
        concerned = self._concerned(draft)
        for one, objects in zip(concerned, self._built(concerned, draft), strict=True):
            if isinstance(objects, Failed):
                unclear.append(one)
                continue
            blamed, is_clear = self._differences(one, objects, chosen)
            wrong |= dict.fromkeys(blamed, ELSEWHERE)
            unclear += [] if is_clear else [one]
        if not wrong:
            for one in unclear:
                wrong |= dict.fromkeys(self._culprits(one, draft, chosen), ELSEWHERE)
        return wrong

    def _built(self, environments: Sequence[BuiltEnvironment], draft: _Draft) -> list[Objects | Failed]:
        texts = {_linkless(edit.file): edit.after for edit in draft.edits}
        return self.staging.build([one.environment for one in environments], texts)

    def _differences(self, one: BuiltEnvironment, objects: Objects, chosen: Sequence[int]) -> tuple[set[int], bool]:
        """Who is to blame for what is not as it should be in an environment, and whether that explains all of it."""
        before = {built.identity: built for built in one.objects}
        is_clear = before.keys() == objects.keys()
        blamed: set[int] = set()
        for identity, built in before.items():
            own = [
                index
                for index in chosen
                if self.wanted[index].environment.environment.key == one.environment.key and self.wanted[index].built.identity == identity
            ]
            after = objects.get(identity)
            if after is None or (not own and after == built):
                continue
            if own and self._is_as_wanted(built.value, after.value, own):
                continue
            suspects = own or self._from_same_document(one, identity, chosen)
            if len(suspects) == 1:
                blamed.update(suspects)
            is_clear = is_clear and len(suspects) == 1
        return blamed, is_clear

    def _is_as_wanted(self, before: Any, after: Any, own: Sequence[int]) -> bool:
        operations = self._joined(own)
        try:
            return operations is not None and same(patched(before, operations), after)
        except PatchConflictError:
            return False

    def _from_same_document(self, one: BuiltEnvironment, identity: Identity, chosen: Sequence[int]) -> list[int]:
        """Fixes of other environments in the manifest that an object comes from."""
        built = next(built for built in one.objects if built.identity == identity)
        source = self.origins.of(one.environment, built)
        return [
            index
            for index in chosen
            if source
            and isinstance(option := self._option(index), InDocument)
            and (os.path.realpath(option.file), option.document) == (os.path.realpath(source.file), source.document.index)
        ]

    def _culprits(self, one: BuiltEnvironment, draft: _Draft, chosen: Sequence[int]) -> set[int]:
        """Of an environment that does not build, or differs where nobody asked for it: the fixes that do that alone, else all."""
        files = self.staging.files(one.environment)
        suspects = sorted({index for edit in draft.edits if _linkless(edit.file) in files for index in edit.wanted} & set(chosen))
        found: set[int] = set()
        for index in suspects:
            if index in found or len(suspects) == 1:
                continue
            alike = self._alike(index)
            (objects,) = self._built([one], self._drafted(alike))
            if isinstance(objects, Failed) or self._differences(one, objects, alike) != (set(), True):
                found.update(alike)
        return found or set(suspects)


def _linkless(file: str) -> str:
    return os.path.realpath(file)


def _tests_first(operations: Sequence[Operation]) -> list[Operation]:
    return [*(one for one in operations if one.op == "test"), *(one for one in operations if one.op != "test")]
