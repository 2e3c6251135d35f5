"""The places where a fix of a built object may be written, best first."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.reading.list_kind import within
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.sources.kustomize.built import BuiltEnvironment, BuiltObject
from kubectl_meshfix.sources.kustomize.origins import Origins
from kubectl_meshfix.sources.kustomize.patches import Setting, setting
from kubectl_meshfix.targets.kustomize.translating import translated


class InDocument(Struct, frozen=True):
    """Operations on a document of a manifest or of a patch. Those that several environments need alike are one edit."""

    file: str
    document: int
    operations: tuple[Operation, ...]


class InOverlay(Struct, frozen=True):
    """A new patch of the environment's own kustomization."""


Option = InDocument | InOverlay


class Wanted(Struct, frozen=True):
    """What a fix does to one built object. Those of one ``fix`` are made all, or none."""

    environment: BuiltEnvironment
    built: BuiltObject
    operations: tuple[Operation, ...]
    fix: int


def options(wanted: Wanted, origins: Origins, may_write: Callable[[str], bool]) -> Iterator[Option]:
    """Where to try a fix: the manifest, the patch that sets what is wrong, a patch in the overlay."""
    value = wanted.built.value
    source = origins.of(wanted.environment.environment, wanted.built)
    if source and may_write(source.file):
        operations = translated(wanted.operations, value, source.value)
        if operations:
            yield InDocument(source.file, source.document.index, tuple(within(operations, source.prefix)))
    if (found := _in_patch(wanted, value, origins)) and may_write(found.file):
        yield found
    if may_write(wanted.environment.environment.kustomization.file):
        yield InOverlay()


def _in_patch(wanted: Wanted, value: Any, origins: Origins) -> InDocument | None:
    """The one patch in a file that sets all that a fix replaces or removes."""
    changing = [one for one in wanted.operations if one.op in ("replace", "remove")]
    settings = [setting(wanted.environment.environment, wanted.built, value, one.path, origins) for one in changing]
    places = [one for one in settings if one is not None and not one.patch.is_inline]
    if not places or len(places) < len(changing):
        return None
    first = places[0].patch
    if any((place.patch.file, place.patch.document.index) != (first.file, first.document.index) for place in places):
        return None
    content = first.document.value
    operations = _replaced(changing, places) if isinstance(content, list) else translated(wanted.operations, value, content)
    return InDocument(first.file, first.document.index, operations) if operations else None


def _replaced(changing: Sequence[Operation], places: Sequence[Setting]) -> tuple[Operation, ...] | None:
    """Values in a list of operations that are replaced; nothing else is done to such a list."""
    if any(one.op != "replace" for one in changing):
        return None
    return tuple(Operation("replace", place.path, one.value) for one, place in zip(changing, places, strict=True))
