"""Whether an edit of a manifest would show in objects that do not need it, as far as the objects themselves tell."""

import os
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.sources.kustomize.built import BuiltEnvironment, BuiltObject, Identity
from kubectl_meshfix.sources.kustomize.origins import Origins, Source
from kubectl_meshfix.targets.kustomize.options import InDocument, Wanted
from kubectl_meshfix.targets.kustomize.translating import translated


class Holder(msgspec.Struct, frozen=True):
    """A built object and the place in a manifest that it comes from."""

    environment: BuiltEnvironment
    built: BuiltObject
    source: Source


Holders = dict[tuple[str, int], list[Holder]]
"""All objects of each document, by file without links and the document's index."""


def holders(environments: Sequence[BuiltEnvironment], origins: Origins, options: Sequence[InDocument]) -> Holders:
    """The objects of those documents that may be edited, in all environments."""
    files = {os.path.realpath(option.file) for option in options}
    found: Holders = defaultdict(list)
    for one in environments:
        if not files & {os.path.realpath(listed.file) for listed in origins.listed(one.environment)}:
            continue
        for built in one.objects:
            if built.is_read and (source := origins.of(one.environment, built)):
                found[os.path.realpath(source.file), source.document.index].append(Holder(one, built, source))
    return found


def shows_elsewhere(option: InDocument, found: Holders, wanted: Sequence[Wanted]) -> bool:
    """Whether an object that does not need an edit would have it all the same: what it has at the place is what the manifest says.

    One of which anything is ``wanted`` at that place needs it, or is left to be tried: its own patch may come after the manifest. What is
    only looked at instead of an environment that cannot be built needs nothing of its own, and is a part of it: there it may show.
    """
    others = [(_name(one.environment, one.built), one.operations) for one in wanted]
    for holder in found.get((os.path.realpath(option.file), option.document), ()):
        if holder.environment.environment.instead_of:
            continue
        name = _name(holder.environment, holder.built)
        value, source, prefix = holder.built.value, holder.source.value, holder.source.prefix
        own = [one for other, operations in others if other == name for one in operations if one.op != "test"]
        settled = {prefix + place.path for one in own for place in translated([one], value, source) or ()}
        changing = [one for one in option.operations if one.op != "test" and one.path.startswith(f"{prefix}/") and one.path not in settled]
        if any(translated([Operation(one.op, one.path.removeprefix(prefix), one.value)], source, value) for one in changing):
            return True
    return False


def _name(environment: BuiltEnvironment, built: BuiltObject) -> tuple[str, Identity]:
    return environment.environment.key, built.identity
