"""Istio's objects that no istiod reads, because of the revision in their label."""

from collections.abc import Iterator
from typing import NamedTuple

from kubectl_meshfix.mesh.control_plane import REVISION_LABEL, control_planes, tags
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object

FILTERED: tuple[Kind, ...] = tuple(kind for kind in kinds.KINDS if kind.group in kinds.ISTIO and not kind.only_in_files)
"""The kinds that istiod reads by their revision (`pilot/pkg/config/kube/crdclient/client.go inRevision`)."""


class Unread(NamedTuple):
    """An object for a revision that no istiod has. ``meant`` is the one for which that is a tag, or a slip; None where nothing is near."""

    obj: Object
    revision: str
    meant: str | None
    is_tag: bool


def unread(mesh: Mesh) -> Iterator[Unread]:
    """Each object whose `istio.io/rev` is no revision of an istiod that is known. Tags do not count (`config.LabelsInRevision`)."""
    there = {plane.revision for plane in control_planes(mesh)}
    if not there:
        return
    pointing = tags(mesh)
    for kind in FILTERED:
        for obj in mesh.all(kind.struct):
            label = obj.labels.get(REVISION_LABEL)
            if label is None or label in there:
                continue
            owner = pointing.get(label)
            meant = owner if owner in there else nearest(label, sorted(there))
            yield Unread(obj, label, meant, is_tag=label in pointing)
