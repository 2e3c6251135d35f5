"""The texts of files after fixes, each written in the place that was chosen for it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from kubectl_meshfix.documents.editing.splice import DocumentPatch, splice_each
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.fixes.fix import Patch
from kubectl_meshfix.fixes.merge import joined
from kubectl_meshfix.resources.meta import Ref, Struct
from kubectl_meshfix.sources.kustomize.built import Identity
from kubectl_meshfix.sources.kustomize.kustomization import Kustomization
from kubectl_meshfix.sources.kustomize.origins import Origins
from kubectl_meshfix.targets.kustomize.options import InDocument, Option, Wanted
from kubectl_meshfix.targets.kustomize.overlay_patch import OverlayPatch, entries_added, overlay_patch

_ANYTHING = Ref("", "", None, "")

NOT_TOGETHER = "another fix changes the same place in another way"


class PlacedEdit(Struct, frozen=True):
    """A file as it is and as it shall be; ``before`` is None for one that is new. ``wanted`` are indexes of what was asked for."""

    file: str
    before: str | None
    after: str
    wanted: tuple[int, ...]


class Draft(msgspec.Struct, frozen=True):
    """Edits that have not been tried yet, and what could not be written into a text, by index of what was asked for."""

    edits: tuple[PlacedEdit, ...]
    errors: Mapping[int, str]


class _Overlay(msgspec.Struct, frozen=True):
    patch: OverlayPatch
    own: Kustomization
    wanted: tuple[int, ...]


def drafted(wanted: Sequence[Wanted], choices: Mapping[int, Option], origins: Origins) -> Draft:
    """Every file that the chosen fixes change. New files come before the kustomizations that name them."""
    errors: dict[int, str] = {}
    in_files: dict[str, list[tuple[int, InDocument]]] = defaultdict(list)
    in_overlays: dict[tuple[str, Identity], list[int]] = defaultdict(list)
    for index, option in choices.items():
        if isinstance(option, InDocument):
            in_files[option.file].append((index, option))
        else:
            in_overlays[wanted[index].environment.environment.key, wanted[index].built.identity].append(index)
    edits = [edit for file, rows in sorted(in_files.items()) if (edit := _file_edit(file, origins.text(file), rows, errors))]
    return Draft((*edits, *_overlay_edits(wanted, list(in_overlays.values()), errors)), errors)


def together(parts: Sequence[Sequence[Operation]]) -> list[Operation] | None:
    """What several fixes do to one object; None where they contradict each other."""
    merged = joined({}, [Patch(resource=_ANYTHING, operations=tuple(part)) for part in parts])
    if merged is None:
        return None
    operations = merged.get(_ANYTHING, [])
    return [*(one for one in operations if one.op == "test"), *(one for one in operations if one.op != "test")]


def _file_edit(file: str, text: str, rows: Sequence[tuple[int, InDocument]], errors: dict[int, str]) -> PlacedEdit | None:
    made: list[InDocument] = []
    merged: dict[int, list[Operation]] = {}
    for index, option in rows:
        if option in made:
            continue
        operations = together([*(one.operations for one in made if one.document == option.document), option.operations])
        if operations is None:
            errors[index] = NOT_TOGETHER
        else:
            made.append(option)
            merged[option.document] = operations
    patches = [DocumentPatch(document, operations) for document, operations in merged.items()]
    spliced = splice_each(text, patches)
    for patch, error in zip(patches, spliced.errors, strict=True):
        if error:
            errors.update((index, error.message.rstrip(".")) for index, option in rows if option.document == patch.document)
    if spliced.text == text:
        return None
    return PlacedEdit(file=file, before=text, after=spliced.text, wanted=tuple(index for index, _ in rows))


def _overlay_edits(wanted: Sequence[Wanted], groups: Sequence[Sequence[int]], errors: dict[int, str]) -> Iterator[PlacedEdit]:
    """New patch files, and one edit of each kustomization that names them."""
    by_kustomization: dict[str, list[_Overlay]] = defaultdict(list)
    taken: list[str] = []
    for group in groups:
        first = wanted[group[0]]
        own = first.environment.environment.kustomization
        operations = together([wanted[index].operations for index in group])
        if operations is None:
            errors.update(dict.fromkeys(group, NOT_TOGETHER))
            continue
        patch = overlay_patch(own, first.built, operations, taken)
        taken.append(patch.file)
        by_kustomization[own.key].append(_Overlay(patch, own, tuple(group)))
        yield PlacedEdit(file=patch.file, before=None, after=patch.text, wanted=tuple(group))
    for rows in by_kustomization.values():
        own = rows[0].own
        spliced = splice_each(own.text, [DocumentPatch(0, entries_added(own, [row.patch.entry for row in rows]))])
        everyone = tuple(index for row in rows for index in row.wanted)
        if spliced.errors[0]:
            errors.update(dict.fromkeys(everyone, spliced.errors[0].message.rstrip(".")))
        yield PlacedEdit(file=own.file, before=own.text, after=spliced.text, wanted=everyone)
