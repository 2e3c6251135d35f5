"""Files are not one cluster: which objects are judged together where one stands in several places."""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from kubectl_meshfix.resources.kinds import Kind

Space = tuple[Kind, str]
"""A kind and a namespace: what files may hold more of than one surroundings does."""

Name = tuple[str, str, str, str]
"""Group, kind, namespace and name: equal for the copies of one object."""

SHARED_AT_MOST = 12
"""How many times the objects that belong to everything may be looked at, all objects together, before copies get less beside them."""

FEW = 50
"""Objects of a folder above that a copy gets beside it in any case."""


class Standing(NamedTuple):
    """One object of a file: its name, the kind and namespace it is of, and whether it names no namespace where it could."""

    file: str
    name: Name
    space: Space
    is_unplaced: bool


class Unit(NamedTuple):
    """Objects that are judged together, as indexes of what was given.

    ``left_out`` is what the files hold besides, and may belong to it. ``place`` is the folder or file it is the surroundings of; empty
    where there is only one unit. ``own`` are the members that it is there for, where the others are only what lies beside them.
    """

    members: tuple[int, ...]
    left_out: frozenset[Space] = frozenset()
    place: str = ""
    own: frozenset[int] = frozenset()


def units(objects: Sequence[Standing]) -> tuple[Unit, ...]:
    """The surroundings of all copies; one unit where no object stands twice and no samples could meet.

    In the tree of folders, children of a folder (its folders and its files) are apart from each other where they hold an object of one
    name, or where both are folders with objects that name no namespace: nobody applies those to one place. What is apart from nothing
    belongs to every unit. Children that are apart from others are a unit each; those of one name, such as the ``dev`` of two folders,
    share theirs where nothing keeps them apart. Of the rest a unit holds nothing: neither what lies beside a copy of what it has, nor
    what may belong to that or to another; of the latter it knows that it is there (``left_out``).

    In one file the order is certain: whoever applies it ends up with the last of several objects of one name. The last one counts for
    all others, and each earlier one is looked at in its place.
    """
    last = {(row.file, row.name): index for index, row in enumerate(objects)}
    earlier = {index: last[row.file, row.name] for index, row in enumerate(objects) if last[row.file, row.name] != index}
    root = _Folder("", "")
    for index, row in enumerate(objects):
        if index not in earlier:
            root.add(Path(_whole_path(row.file)).parts, row.file, index)
    made = _units(_resolved(root, objects), objects)
    return (*made, *_with_earlier(made, earlier, objects)) if earlier else made


def _units(whole: "_Part", objects: Sequence[Standing]) -> tuple[Unit, ...]:
    if not whole.variants:
        return (Unit(tuple(sorted(whole.common))),)
    if len(whole.common) * len(whole.variants) <= SHARED_AT_MOST * len(objects):
        return tuple(Unit(tuple(sorted((*whole.common, *item.members))), item.left, item.place) for item in whole.variants)
    return tuple(_small(whole, objects))


def _with_earlier(made: Sequence[Unit], earlier: Mapping[int, int], objects: Sequence[Standing]) -> Iterator[Unit]:
    """Units in which earlier objects of a file stand in for the last; of each name one at a time. Where those are many, they are small."""
    home = {index: unit for unit in reversed(made) for index in unit.members}
    ranks: Counter[int] = Counter()
    groups: dict[tuple[Unit, int], list[int]] = defaultdict(list)
    for index, successor in earlier.items():
        ranks[successor] += 1
        groups[home[successor], ranks[successor]].append(index)
    are_small = sum(len(unit.members) for unit, _ in groups) > SHARED_AT_MOST * len(objects)
    for (unit, _), own in groups.items():
        files = {objects[index].file for index in own} if are_small else None
        gone = {earlier[index] for index in own}
        beside = [index for index in unit.members if index not in gone and (files is None or objects[index].file in files)]
        rest = frozenset(objects[index].space for index in unit.members) if are_small else frozenset[Space]()
        yield Unit(tuple(sorted((*beside, *own))), unit.left_out | rest, objects[own[0]].file, frozenset(own))


class _Variant(msgspec.Struct, frozen=True):
    """What one unit holds besides what all hold; ``folders`` are those above, nearest first."""

    label: str
    place: str
    folders: tuple[str, ...]
    members: tuple[int, ...]
    left: frozenset[Space] = frozenset()


class _Part(msgspec.Struct, frozen=True):
    """A folder, a file or an object: what of it all units hold, and in what they differ."""

    label: str
    place: str
    common: tuple[int, ...] = ()
    variants: tuple[_Variant, ...] = ()
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

    def add(self, parts: Sequence[str], file: str, index: int) -> None:
        """An object of a file below this folder."""
        here = self
        for part in parts[:-1]:
            here = here.folders.setdefault(part, _Folder(part, os.path.join(here.path, part)))  # noqa: PTH118
        here.files.setdefault(parts[-1], (file, []))[1].append(index)


def _resolved(folder: _Folder, objects: Sequence[Standing], above: tuple[str, ...] = ()) -> _Part:
    chain = (folder.path, *above)
    parts = [_resolved(child, objects, chain) for _, child in sorted(folder.folders.items())]
    for name, (file, indexes) in sorted(folder.files.items()):
        parts.append(_Part(name, file, tuple(indexes), folders=chain))
    return _joined(_Part(folder.name, folder.path, folders=above, is_folder=True), parts, objects)


def _joined(whole: _Part, parts: Sequence[_Part], objects: Sequence[Standing]) -> _Part:
    """A part with its children: what is apart from nothing is common to all, and each of the others makes its variants."""
    copies = _sharing_names(parts, objects)
    samples = [index for index, part in enumerate(parts) if part.is_folder and any(objects[item].is_unplaced for item in part.members())]
    loose = frozenset(samples) if len(samples) > 1 else frozenset[int]()
    apart = {index for index in range(len(parts)) if copies[index]} | loose
    common = tuple(item for index, part in enumerate(parts) if index not in apart for item in part.common)
    choices: list[tuple[int, _Variant]] = []
    for index, part in enumerate(parts):
        if index not in apart:
            choices += [(index, variant) for variant in part.variants]
        elif part.variants:
            choices += [(index, msgspec.structs.replace(item, members=(*part.common, *item.members))) for item in part.variants]
        else:
            choices.append((index, _Variant(part.label, part.place, part.folders, part.common)))
    groups = list(_grouped(choices, lambda one, other: other in copies[one] or (one in loose and other in loose)))
    variants = _variants(groups, parts, apart, copies, objects)
    return msgspec.structs.replace(whole, common=common, variants=tuple(variants))


@cache
def _whole_path(file: str) -> str:
    """Where a file is, without a look at the disk; standard input stands in the current folder."""
    return os.path.normpath(Path.cwd() / file)


def _sharing_names(parts: Sequence[_Part], objects: Sequence[Standing]) -> list[set[int]]:
    """For each part those that hold an object of the same name."""
    by_name: dict[Name, list[int]] = defaultdict(list)
    for index, part in enumerate(parts):
        for name in {objects[item].name for item in part.members()}:
            by_name[name].append(index)
    sharing: list[set[int]] = [set() for _ in parts]
    for group in {tuple(group) for group in by_name.values() if len(group) > 1}:
        for index in group:
            sharing[index].update(group)
    for index, others in enumerate(sharing):
        others.discard(index)
    return sharing


def _grouped(choices: Sequence[tuple[int, _Variant]], are_apart: Callable[[int, int], bool]) -> Iterator[list[tuple[int, _Variant]]]:
    """Variants of one label together, as far as nothing keeps their parts apart."""
    by_label: dict[str, list[list[tuple[int, _Variant]]]] = defaultdict(list)
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
    groups: Iterable[list[tuple[int, _Variant]]],
    parts: Sequence[_Part],
    apart: set[int],
    copies: Sequence[set[int]],
    objects: Sequence[Standing],
) -> Iterator[_Variant]:
    """Each group as one variant, which knows what of the other parts it lacks without having a copy of it."""
    spaces = [
        frozenset(
            objects[item].space for item in (part.members() if index in apart else (item for one in part.variants for item in one.members))
        )
        for index, part in enumerate(parts)
    ]
    total = Counter(space for held in spaces for space in held)
    for group in groups:
        seen = {index for one, _ in group for index in (one, *copies[one])}
        known = Counter(space for index in seen for space in spaces[index])
        left = frozenset(space for space, number in total.items() if number > known[space])
        _, first = group[0]
        yield _Variant(
            label=first.label,
            place=first.place,
            folders=tuple(dict.fromkeys(folder for _, variant in group for folder in variant.folders)),
            members=tuple(item for _, variant in group for item in variant.members),
            left=left.union(*(variant.left for _, variant in group)),
        )


def _small(whole: _Part, objects: Sequence[Standing]) -> Iterator[Unit]:
    """Units with no more of what is common than the few objects in the folders above; the common ones make one of their own."""
    spaces = Counter(objects[item].space for item in whole.common)
    by_folder: dict[str, list[int]] = defaultdict(list)
    for item in whole.common:
        by_folder[str(Path(_whole_path(objects[item].file)).parent)].append(item)
    for variant in whole.variants:
        near = [item for folder in variant.folders if len(by_folder.get(folder, ())) <= FEW for item in by_folder.get(folder, ())]
        held = Counter(objects[item].space for item in near)
        left = frozenset(space for space, number in spaces.items() if number > held[space])
        yield Unit(tuple(sorted((*near, *variant.members))), variant.left | left, variant.place)
    if whole.common:
        rest = frozenset(objects[item].space for variant in whole.variants for item in variant.members)
        yield Unit(tuple(sorted(whole.common)), rest)
