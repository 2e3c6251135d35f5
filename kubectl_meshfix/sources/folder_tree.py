"""The tree of folders that objects stand in: what of it belongs together, and what is apart because of copies."""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object

Space = tuple[Kind, str]
"""A kind and a namespace: what files may hold more of than one surroundings does."""

Name = tuple[str, str, str, str]
"""Group, kind, namespace and name: equal for the copies of one object."""


class Standing(msgspec.Struct, frozen=True):
    """One object of a file: its name, the kind and namespace it is of, and whether it names no namespace where it could.

    Copies with one ``content`` keep nothing apart; where it is empty, all copies do.
    """

    file: str
    name: Name
    space: Space
    is_unplaced: bool
    content: str = ""


def name_of(obj: Object) -> Name:
    """An object's name, which its copies have too."""
    return obj.ref.group, obj.kind, obj.namespace, obj.name


def standing(obj: Object, file: str) -> Standing:
    """An object of a file."""
    content = repr((obj.labels, obj.metadata.annotations)) if isinstance(obj, Namespace) else ""
    return Standing(file, name_of(obj), (kinds.of_object(obj), obj.namespace), bool(obj.metadata.home), content)


def resolved(objects: Sequence[Standing]) -> "Part":
    """The root of the tree that the objects stand in."""
    root = _Folder("", "")
    by_file: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(objects):
        by_file[row.file].append(index)
    for file, indexes in by_file.items():
        root.add(Path(whole_path(file)).parts, file, indexes)
    return _resolved(root, objects)


class Variant(msgspec.Struct, frozen=True):
    """What one unit holds besides what all hold; ``folders`` are those above, nearest first.

    ``alternatives`` are the members in files that lie beside a copy of what they hold: of such files people apply one.
    """

    label: str
    place: str
    folders: tuple[str, ...]
    members: tuple[int, ...]
    left: frozenset[Space] = frozenset()
    alternatives: frozenset[int] = frozenset()


class Part(msgspec.Struct, frozen=True):
    """A folder, a file or an object: what of it all units hold, and in what they differ."""

    label: str
    place: str
    common: tuple[int, ...] = ()
    variants: tuple[Variant, ...] = ()
    folders: tuple[str, ...] = ()
    is_folder: bool = False

    def members(self) -> Iterator[int]:
        """Every object."""
        yield from self.common
        for variant in self.variants:
            yield from variant.members


class _Folder:
    """A folder as far as files were read in it."""

    def __init__(self, name: str, path: str) -> None:
        self.name, self.path = name, path
        self.folders: dict[str, _Folder] = {}
        self.files: dict[str, tuple[str, list[int]]] = {}

    def add(self, parts: Sequence[str], file: str, indexes: Sequence[int]) -> None:
        """The objects of a file below this folder."""
        here = self
        for part in parts[:-1]:
            here = here.folders.setdefault(part, _Folder(part, os.path.join(here.path, part)))  # noqa: PTH118
        here.files.setdefault(parts[-1], (file, []))[1].extend(indexes)


def _resolved(folder: _Folder, objects: Sequence[Standing], above: tuple[str, ...] = ()) -> Part:
    chain = (folder.path, *above)
    parts = [_resolved(child, objects, chain) for _, child in sorted(folder.folders.items())]
    for name, (file, indexes) in sorted(folder.files.items()):
        parts.append(Part(name, file, tuple(indexes), folders=chain))
    return _joined(Part(folder.name, folder.path, folders=above, is_folder=True), parts, objects)


def _joined(whole: Part, parts: Sequence[Part], objects: Sequence[Standing]) -> Part:
    """A part with its children: what is apart from nothing is common to all, and each of the others makes its variants."""
    copies = _sharing_names(parts, objects)
    samples = [index for index, part in enumerate(parts) if part.is_folder and any(objects[item].is_unplaced for item in part.members())]
    loose = frozenset(samples) if len(samples) > 1 else frozenset[int]()
    apart = {index for index in range(len(parts)) if copies[index]} | loose
    common = tuple(item for index, part in enumerate(parts) if index not in apart for item in part.common)
    choices: list[tuple[int, Variant]] = []
    for index, part in enumerate(parts):
        if index not in apart:
            choices += [(index, variant) for variant in part.variants]
        elif part.variants:
            choices += [(index, msgspec.structs.replace(item, members=(*part.common, *item.members))) for item in part.variants]
        else:
            own = frozenset[int]() if part.is_folder else frozenset(part.common)
            choices.append((index, Variant(part.label, part.place, part.folders, part.common, alternatives=own)))
    groups = list(_grouped(choices, lambda one, other: other in copies[one] or (one in loose and other in loose)))
    variants = _variants(groups, parts, apart, copies, objects)
    return msgspec.structs.replace(whole, common=common, variants=tuple(variants))


def whole_path(file: str) -> str:
    """Where a file is, without a look at the disk; standard input stands in the current folder."""
    return os.path.normpath(Path.cwd() / file)


def _sharing_names(parts: Sequence[Part], objects: Sequence[Standing]) -> list[set[int]]:
    """For each part those that hold an object of the same name and another content."""
    first: dict[Name, int] = {}
    several: dict[Name, set[int]] = {}
    for index, part in enumerate(parts):
        for item in part.members():
            if (before := first.setdefault(objects[item].name, index)) != index:
                several.setdefault(objects[item].name, {before}).add(index)
    contents: dict[Name, set[str]] = defaultdict(set)
    for item in (item for part in parts for item in part.members()) if several else ():
        if objects[item].name in several:
            contents[objects[item].name].add(objects[item].content)
    sharing: list[set[int]] = [set() for _ in parts]
    for group in {frozenset(group) for name, group in several.items() if len(contents[name]) > 1 or "" in contents[name]}:
        for index in group:
            sharing[index].update(group)
    for index, others in enumerate(sharing):
        others.discard(index)
    return sharing


def _grouped(choices: Sequence[tuple[int, Variant]], are_apart: Callable[[int, int], bool]) -> Iterator[list[tuple[int, Variant]]]:
    """Variants of one label together, as far as nothing keeps their parts apart."""
    by_label: dict[str, list[list[tuple[int, Variant]]]] = defaultdict(list)
    for index, variant in choices:
        groups = by_label[variant.label]
        group = next((group for group in groups if not any(index == one or are_apart(index, one) for one, _ in group)), None)
        if group is None:
            groups.append([(index, variant)])
        else:
            group.append((index, variant))
    for groups in by_label.values():
        yield from groups


def _variants(
    groups: Iterable[list[tuple[int, Variant]]],
    parts: Sequence[Part],
    apart: set[int],
    copies: Sequence[set[int]],
    objects: Sequence[Standing],
) -> Iterator[Variant]:
    """Each group as one variant, which knows what of the other parts it lacks without having a copy of it.

    A folder that holds a copy is another environment. A file that does is another step, and what stands in it besides may be there.
    """
    spaces = [
        frozenset(
            objects[item].space for item in (part.members() if index in apart else (item for one in part.variants for item in one.members))
        )
        for index, part in enumerate(parts)
    ]
    total = Counter(space for held in spaces for space in held)
    more = _in_other_files(parts, copies, objects)
    for group in groups:
        seen = {index for one, _ in group for index in (one, *copies[one])}
        known = Counter(space for index in seen for space in spaces[index])
        left = frozenset(space for space, number in total.items() if number > known[space])
        _, first = group[0]
        yield Variant(
            label=first.label,
            place=first.place,
            folders=tuple(dict.fromkeys(folder for _, variant in group for folder in variant.folders)),
            members=tuple(item for _, variant in group for item in variant.members),
            left=left.union(*(variant.left for _, variant in group), *(more[index] for index, _ in group)),
            alternatives=frozenset(item for _, variant in group for item in variant.alternatives),
        )


def _in_other_files(parts: Sequence[Part], copies: Sequence[set[int]], objects: Sequence[Standing]) -> list[frozenset[Space]]:
    """For each file with copies in other files: the spaces of which these hold objects of other names. Nothing for all other parts."""
    names: list[dict[Space, set[Name]]] = [{} for _ in parts]
    whole: dict[Space, set[Name]] = defaultdict(set)
    for index, part in enumerate(parts):
        if copies[index] and not part.is_folder:
            for item in part.common:
                names[index].setdefault(objects[item].space, set()).add(objects[item].name)
                whole[objects[item].space].add(objects[item].name)
    return [
        frozenset(space for space, held in whole.items() if len(held) > len(own.get(space, ()))) if own else frozenset() for own in names
    ]
