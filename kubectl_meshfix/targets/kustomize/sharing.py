"""Whether an edit of a manifest would show in objects that do not need it, as far as the objects themselves tell."""

import os
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.editing.changes import same
from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.sources.kustomize.alignment import align
from kubectl_meshfix.sources.kustomize.built import BuiltEnvironment, BuiltObject, Identity
from kubectl_meshfix.sources.kustomize.leading_back import at, existing
from kubectl_meshfix.sources.kustomize.origins import Origins, Source
from kubectl_meshfix.targets.kustomize.options import InDocument, Wanted


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
            if built.is_read and (source := origins.of(one.environment, built)) and os.path.realpath(source.file) in files:
                found[os.path.realpath(source.file), source.document.index].append(Holder(one, built, source))
    return found


def shows_elsewhere(option: InDocument, alike: Sequence[Wanted], found: Holders, wanted: Sequence[Wanted]) -> bool:
    """Whether an object that does not need an edit would have it all the same: what it has at the place is what the manifest says.

    One of which something else is ``wanted`` at that place is left to be tried: its own patch may come after the manifest. What is only
    looked at instead of an environment that cannot be built needs nothing of its own, and is a part of it: there it may show.
    """
    needing = {_name(one.environment, one.built) for one in alike}
    others = [(_name(one.environment, one.built), one.operations) for one in wanted]
    for holder in found.get((os.path.realpath(option.file), option.document), ()):
        name = _name(holder.environment, holder.built)
        if name in needing or holder.environment.environment.instead_of:
            continue
        value, source = holder.built.value, holder.source.value
        settled = {_place(one, value, source) for other, operations in others if other == name for one in operations if one.op != "test"}
        for operation in option.operations:
            own = Operation(operation.op, operation.path.removeprefix(holder.source.prefix), operation.value)
            is_inside = operation.path.startswith(holder.source.prefix) and own.op != "test"
            if is_inside and own.path not in settled and _shows(own, source, value):
                return True
    return False


def _name(environment: BuiltEnvironment, built: BuiltObject) -> tuple[str, Identity]:
    return environment.environment.key, built.identity


def _place(operation: Operation, built: Any, source: Any) -> str:
    """Where in the manifest an operation on a built object would be."""
    *above, last = pointer.split(operation.path)
    parent = align(built, source, pointer.join(*above))
    return parent.path + pointer.join(*parent.rest[:1]) if parent.rest else parent.path + pointer.join(last)


def _shows(operation: Operation, source: Any, built: Any) -> bool:
    if existing(source, operation.path) == operation.path:
        aligned = align(source, built, operation.path)
        return aligned.is_whole and same(aligned.value, at(source, operation.path))
    *above, last = pointer.split(operation.path)
    parent = align(source, built, pointer.join(*above))
    return parent.is_whole and not (isinstance(parent.value, dict) and last in parent.value)
