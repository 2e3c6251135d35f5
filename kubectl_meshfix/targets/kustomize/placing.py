"""Fixes of what kustomize builds, written where the build shows exactly them: tried in a copy, place by place."""

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kubectl_meshfix.documents.editing.changes import same
from kubectl_meshfix.documents.patch import PatchConflictError, patched
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.sources.kustomize.built import BuiltEnvironment, BuiltObject, Identity
from kubectl_meshfix.sources.kustomize.origins import Origins
from kubectl_meshfix.sources.programs import Failed
from kubectl_meshfix.targets.kustomize.drafting import Draft, PlacedEdit, drafted, together
from kubectl_meshfix.targets.kustomize.options import InDocument, Option, Wanted, options
from kubectl_meshfix.targets.kustomize.sharing import holders, shows_elsewhere
from kubectl_meshfix.targets.kustomize.staging import Objects, Staging

ELSEWHERE = "the kustomization changes this place afterwards, or its change would show in other places too"
OTHER_PART = "another part of its fix cannot be made"
UNTRIED = "its kustomization cannot be built in a copy, so the change cannot be tried first"
NO_PLACE = "neither the manifest it comes from nor its kustomization may be rewritten; name the folder above with -f"


class Placed(Struct, frozen=True):
    """The edits, tried together, and why what is left can only be made by hand, by index of what was asked for."""

    edits: tuple[PlacedEdit, ...]
    refused: Mapping[int, str]


def place(
    wanted: Sequence[Wanted],
    environments: Sequence[BuiltEnvironment],
    origins: Origins,
    may_write: Callable[[str], bool] = lambda _file: True,
) -> Placed:
    """Find a place for each fix, such that every environment that needs it shows it, no other shows anything of it, and nothing else moves.

    Each fix is tried in the manifest first, then in the patch that sets the place, then as a patch of the environment; the edits are
    made in a temporary copy of the kustomizations and built there. What fits nowhere is refused, and with it the rest of its fix.
    """
    with tempfile.TemporaryDirectory(prefix="meshfix-") as folder:
        staging = Staging(folder, tuple(one.environment for one in environments), origins.builder)
        return _Placing(wanted, environments, origins, staging, may_write).run()


class _Placing:
    """The places that are left for each fix, best first, while they are tried."""

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
        self._leave_shared()
        while True:
            self._refuse_halves()
            draft = self._drafted(index for index in range(len(self.wanted)) if index not in self.refused)
            wrong = dict(draft.errors) or self._untried(draft) or self._wrong(draft)
            if not wrong:
                return Placed(edits=draft.edits, refused=self.refused)
            for index, reason in {other: reason for one, reason in wrong.items() for other in self._alike(one)}.items():
                self._give_up(index, reason)

    def _leave_shared(self) -> None:
        """Give up documents where an edit shows in objects that do not need it, which needs no build to be known."""
        known = holders(self.environments, self.origins, [one for left in self.left for one in left if isinstance(one, InDocument)])

        def is_shared(index: int) -> bool:
            option = self.left[index][0]
            return isinstance(option, InDocument) and shows_elsewhere(option, known, self.wanted)

        while gone := [index for index in range(len(self.left)) if index not in self.refused and is_shared(index)]:
            for index in gone:
                self._give_up(index, ELSEWHERE)

    def _alike(self, index: int) -> list[int]:
        """All that share one edit of a document."""
        option = self.left[index][0]
        if not isinstance(option, InDocument):
            return [index]
        return [other for other, left in enumerate(self.left) if other not in self.refused and left[0] == option]

    def _give_up(self, index: int, reason: str) -> None:
        if reason == UNTRIED or len(self.left[index]) == 1:
            self.refused[index] = reason
        else:
            del self.left[index][0]

    def _refuse_halves(self) -> None:
        halves = {self.wanted[index].fix for index in self.refused}
        for index, one in enumerate(self.wanted):
            if one.fix in halves and index not in self.refused:
                self.refused[index] = OTHER_PART

    def _drafted(self, chosen: Iterable[int]) -> Draft:
        choices: dict[int, Option] = {index: self.left[index][0] for index in chosen}
        return drafted(self.wanted, choices, self.origins)

    def _concerned(self, draft: Draft) -> list[BuiltEnvironment]:
        """The environments that may show an edit: those that read one of the files, or whose kustomization is one."""
        edited = {os.path.realpath(edit.file) for edit in draft.edits}
        return [one for one in self.environments if self.staging.files(one.environment) & edited]

    def _untried(self, draft: Draft) -> dict[int, str]:
        """Fixes of environments in whose copy nothing can be tried."""
        new = [one for one in self._concerned(draft) if one.environment.key not in self.tried]
        if new:
            unlike = self.staging.unlike(new)
            self.tried |= {one.environment.key: one.environment.key not in unlike for one in new}
        broken = [one for one in self._concerned(draft) if not self.tried[one.environment.key]]
        files = {file for one in broken for file in self.staging.files(one.environment)}
        return {index: UNTRIED for edit in draft.edits if os.path.realpath(edit.file) in files for index in edit.wanted}

    def _wrong(self, draft: Draft) -> dict[int, str]:
        """Fixes that do not show as they should, or show where they should not."""
        blamed: set[int] = set()
        unclear: list[BuiltEnvironment] = []
        chosen = sorted({index for edit in draft.edits for index in edit.wanted})
        concerned = self._concerned(draft)
        for one, objects in zip(concerned, self._built(concerned, draft), strict=True):
            known = self._blamed(one, objects, chosen)
            if known is None:
                unclear.append(one)
            else:
                blamed |= known
        if not blamed:
            for one in unclear:
                blamed |= self._culprits(one, draft)
        return dict.fromkeys(blamed, ELSEWHERE)

    def _built(self, environments: Sequence[BuiltEnvironment], draft: Draft) -> list[Objects | Failed]:
        return self.staging.build(
            [one.environment for one in environments], {os.path.realpath(edit.file): edit.after for edit in draft.edits}
        )

    def _blamed(self, one: BuiltEnvironment, objects: Objects | Failed, chosen: Sequence[int]) -> set[int] | None:
        """Fixes to blame for what is not as it should be in an environment; None where that does not tell."""
        before = {built.identity: built for built in one.objects}
        if isinstance(objects, Failed) or before.keys() != objects.keys():
            return None
        blamed: set[int] = set()
        for identity, built in before.items():
            own = [index for index in chosen if self._is_about(index, one, identity)]
            after = objects[identity]
            if self._is_as_wanted(built.value, after.value, own) if own else after == built or self._may_show(one, built, chosen):
                continue
            if len(own) != 1:
                return None
            blamed |= set(own)
        return blamed

    def _is_about(self, index: int, one: BuiltEnvironment, identity: Identity) -> bool:
        wanted = self.wanted[index]
        return wanted.built.identity == identity and wanted.environment.environment.key == one.environment.key

    def _is_as_wanted(self, before: Any, after: Any, own: Sequence[int]) -> bool:
        operations = together([self.wanted[index].operations for index in own])
        try:
            return operations is not None and same(patched(before, operations), after)
        except PatchConflictError:
            return False

    def _may_show(self, one: BuiltEnvironment, built: BuiltObject, chosen: Sequence[int]) -> bool:
        """Whether an object may have what others need: in what is only a part of an environment that cannot be built."""
        source = self.origins.of(one.environment, built) if one.environment.instead_of else None
        places = [option for index in chosen if isinstance(option := self.left[index][0], InDocument)]
        return source is not None and any((option.file, option.document) == (source.file, source.document.index) for option in places)

    def _culprits(self, one: BuiltEnvironment, draft: Draft) -> set[int]:
        """Of an environment that does not build, or differs where nobody asked for it: the fixes that do that alone, else all."""
        files = self.staging.files(one.environment)
        suspects = sorted({index for edit in draft.edits if os.path.realpath(edit.file) in files for index in edit.wanted})
        found: set[int] = set()
        for alike in dict.fromkeys(tuple(self._alike(index)) for index in suspects):
            (objects,) = self._built([one], self._drafted(alike))
            if self._blamed(one, objects, alike) != set():
                found.update(alike)
        return found or set(suspects)
