"""Which objects an istiod reads: those of the namespaces that it discovers, and of Istio's own those that are for its revision."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kubectl_meshfix.chain.alternatives import any_of
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.mesh import control_plane, selectors
from kubectl_meshfix.mesh.control_plane import DEFAULT_REVISION, REVISION_LABEL, control_planes, tags
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import LabelSelector, Object, Ref

NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label that the API server gives every namespace, with its name."""


FILTERED: tuple[Kind, ...] = tuple(kind for kind in kinds.KINDS if kind.group in kinds.ISTIO and not kind.only_in_files)
"""The kinds that istiod reads by their revision (`pilot/pkg/config/kube/crdclient/client.go inRevision`)."""


def is_discovered(mesh: Mesh, namespace: str, revision: str | None = None) -> bool | Unknown:
    """Whether `discoverySelectors` select a namespace; all are where there are none (`pkg/kube/namespace/filter.go Filter`).

    Not even the root namespace is exempt. One invalid selector makes istiod ignore all of them.
    """
    mesh.require(kinds.NAMESPACE)
    wanted = control_plane.mesh_config(mesh, revision).discovery_selectors
    if not wanted or not all(map(selectors.is_valid, wanted)):
        return True
    memo, key = mesh.memo("discovered namespaces"), (namespace, revision)
    if key not in memo:
        memo[key] = any_of(_selects(mesh, selector, namespace) for selector in wanted)
    found: bool | Unknown = memo[key]
    return found


def is_for(obj: Object, revision: str | None) -> bool:
    """Whether an object of Istio's has no `istio.io/rev`, or that of a revision; tags do not count (`config.LabelsInRevision`)."""
    own = obj.labels.get(REVISION_LABEL)
    return own is None or own == (revision or DEFAULT_REVISION)


def reads(mesh: Mesh, obj: Object, revision: str | None = None) -> bool:
    """Whether an istiod knows an object; ``revision`` None is the main control plane.

    Where a namespace's labels are not known, it is taken to be discovered. The label of a revision counts on Istio's own kinds alone
    (`pilot/pkg/config/kube/crdclient/client.go inRevision`).
    """
    if is_discovered(mesh, obj.namespace, revision) is False:
        return False
    return not obj.ref.group.endswith("istio.io") or is_for(obj, revision_of(mesh, revision))


def revision_of(mesh: Mesh, revision: str | None) -> str | None:
    """The revision itself, for which a tag may stand; None is the main control plane's."""
    plane = control_plane.control_plane(mesh, revision) if revision else control_plane.main_control_plane(mesh)
    return plane.revision if plane else revision


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


def _selects(mesh: Mesh, selector: LabelSelector, namespace: str) -> bool | Unknown:
    space = mesh.namespace(namespace)
    labels: Mapping[str, str] = {NAMESPACE_NAME: namespace, **(space.labels if space else {})}
    named = [requirement for requirement in selectors.requirements(selector) if requirement.key == NAMESPACE_NAME]
    if space is None and (len(named) < len(selectors.requirements(selector)) and all(selectors.holds(item, labels) for item in named)):
        return Unknown(kind=UnknownKind.NOT_IN_FILES, of=Ref("v1", "Namespace", None, namespace), settled_by=f"Namespace {namespace}")
    return selectors.matches(selector, labels)
