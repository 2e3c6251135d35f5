"""Files are not one cluster: which objects are judged together where one stands in several places."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from kubectl_meshfix.sources.folder_tree import Part, Space, Standing, resolved, whole_path

SHARED_AT_MOST = 12
"""How many times the objects that belong to everything may be looked at, all objects together, before copies get less beside them."""

FEW = 50
"""Objects of a folder above that a copy gets beside it in any case."""


class Unit(msgspec.Struct, frozen=True):
    """Objects that are judged together, as indexes of what was given.

    ``left_out`` is what the files hold besides, and may belong to it. ``place`` is the folder or file it is the surroundings of; empty
    where there is only one unit. ``own`` are the members that it is there for, where the others are only what lies beside them.
    ``alternatives`` are those of a file of which people may apply another in its place.
    """

    members: Sequence[int]
    left_out: frozenset[Space] = frozenset()
    place: str = ""
    own: frozenset[int] = frozenset()
    alternatives: frozenset[int] = frozenset()


def units(objects: Sequence[Standing]) -> tuple[Unit, ...]:
    """The surroundings of all copies; one unit where no object stands twice and no samples could meet.

    In the tree of folders, children of a folder (its folders and its files) are apart from each other where they hold an object of one
    name, or where both are folders with objects that name no namespace: nobody applies those to one place. What is apart from nothing
    belongs to every unit. Children that are apart from others are a unit each; those of one name, such as the ``dev`` of two folders,
    share theirs where nothing keeps them apart. Of the rest a unit holds nothing: neither what lies beside a copy of what it has, nor
    what may belong to that or to another; of the latter it knows that it is there (``left_out``).

    In one file the order is certain: whoever applies it ends up with the last of several objects of one name. The last one counts for
    all others, and each earlier one is looked at in its place. So it is with equal copies of a Namespace, which many folders may bring
    along and which keep nothing apart.
    """
    if len({row.name for row in objects}) == len(objects) and not any(row.is_unplaced for row in objects):
        return (Unit(tuple(range(len(objects)))),)
    made, earlier = _last_ones(_units(resolved(objects), objects), objects)
    return (*made, *_with_earlier(made, earlier, objects)) if earlier else made


def _last_ones(made: Sequence[Unit], objects: Sequence[Standing]) -> tuple[tuple[Unit, ...], dict[int, int]]:
    """The units with one object of each name, the last, and for those that are in none of them the one that is in their place."""
    kept: list[Unit] = []
    replaced: dict[int, int] = {}
    for unit in made:
        last = {objects[index].name: index for index in unit.members}
        kept.append(msgspec.structs.replace(unit, members=tuple(sorted(last.values()))) if len(last) < len(unit.members) else unit)
        replaced |= {index: last[objects[index].name] for index in unit.members if last[objects[index].name] != index}
    for unit in kept if replaced else ():
        for index in unit.members:
            replaced.pop(index, None)
    return tuple(kept), replaced


def _units(whole: Part, objects: Sequence[Standing]) -> tuple[Unit, ...]:
    if not whole.variants:
        return (Unit(tuple(sorted(whole.common))),)
    if len(whole.common) * len(whole.variants) <= SHARED_AT_MOST * len(objects):
        return tuple(
            Unit(tuple(sorted((*whole.common, *item.members))), item.left, item.place, alternatives=item.alternatives)
            for item in whole.variants
        )
    return tuple(_small(whole, objects))


def _with_earlier(made: Sequence[Unit], earlier: Mapping[int, int], objects: Sequence[Standing]) -> Iterator[Unit]:
    """Units in which earlier objects of a file stand in for the last; of each name one at a time. Where those are many, they are small."""
    home = {index: number for number in reversed(range(len(made))) for index in made[number].members}
    ranks: Counter[int] = Counter()
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, successor in earlier.items():
        ranks[successor] += 1
        groups[home[successor], ranks[successor]].append(index)
    are_small = sum(len(made[number].members) for number, _ in groups) > SHARED_AT_MOST * len(objects)
    for (number, _), own in groups.items():
        unit, gone = made[number], {earlier[index] for index in own}
        beside = [index for index in unit.members if index not in gone] if not are_small or len(unit.members) <= FEW else []
        rest = frozenset(objects[index].space for index in unit.members) if not beside else frozenset[Space]()
        yield Unit(tuple(sorted((*beside, *own))), unit.left_out | rest, objects[own[0]].file, frozenset(own), unit.alternatives.union(own))


def _small(whole: Part, objects: Sequence[Standing]) -> Iterator[Unit]:
    """Units with no more of what is common than the few objects in the folders above; the common ones make one of their own."""
    spaces = Counter(objects[item].space for item in whole.common)
    by_folder: dict[str, list[int]] = defaultdict(list)
    for item in whole.common:
        by_folder[str(Path(whole_path(objects[item].file)).parent)].append(item)
    for variant in whole.variants:
        near = [item for folder in variant.folders if len(by_folder.get(folder, ())) <= FEW for item in by_folder.get(folder, ())]
        held = Counter(objects[item].space for item in near)
        left = frozenset(space for space, number in spaces.items() if number > held[space])
        yield Unit(tuple(sorted((*near, *variant.members))), variant.left | left, variant.place, alternatives=variant.alternatives)
    rest = frozenset(objects[item].space for variant in whole.variants for item in variant.members)
    yield Unit(tuple(sorted(whole.common)), rest)
