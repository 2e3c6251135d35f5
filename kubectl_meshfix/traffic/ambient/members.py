"""Which workloads are in ambient mode, and what else the proxies are that Istio's objects select."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from kubectl_meshfix.chain.steps import answer
from kubectl_meshfix.injection.inputs import WORKLOAD_INPUTS
from kubectl_meshfix.injection.labels import DATAPLANE_MODE, REDIRECTION
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace, Pod
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Key
from kubectl_meshfix.traffic.parties import parties_of
from kubectl_meshfix.traffic.terms.parties import Plane

INPUTS: tuple[Kind, ...] = tuple(dict.fromkeys((*WORKLOAD_INPUTS, kinds.NAMESPACE, *control_plane.INPUTS)))
"""Kinds that tell which proxy a workload has. Any of them may be missing or unreadable."""


class Selected(msgspec.Struct, frozen=True):
    """The workloads that labels select, by their proxies. ``is_sure`` says whether the proxy of each of them is known."""

    by_plane: Mapping[Plane, Sequence[Workload]]
    is_sure: bool

    def of(self, plane: Plane) -> Sequence[Workload]:
        """Those with one kind of proxy."""
        return self.by_plane.get(plane, ())

    def only(self, *planes: Plane) -> bool:
        """Whether there are some, and all of them are known to have one of some kinds of proxies."""
        return self.is_sure and bool(self.by_plane) and self.by_plane.keys() <= set(planes)


def selected(mesh: Mesh, labels: Mapping[str, str], namespace: str | None) -> Selected:
    """The workloads that an object selects in a namespace, or anywhere; all of them without labels. It is worked out once."""
    workloads = mesh.workloads_selected(labels, namespace)
    memo, key = mesh.memo("workloads that objects select"), (namespace, frozenset(labels.items()))
    if key not in memo:
        memo[key] = _selected(mesh, workloads)
    known: Selected = memo[key]
    return known


def _selected(mesh: Mesh, workloads: Iterable[Workload]) -> Selected:
    found: dict[Plane, list[Workload]] = {}
    is_sure = True
    for workload in workloads:
        plane = plane_of(mesh, workload)
        if plane is None:
            is_sure = False
        else:
            found.setdefault(plane, []).append(workload)
    return Selected(found, is_sure)


def plane_of(mesh: Mesh, workload: Workload) -> Plane | None:
    """The proxy of a workload's pods; None where nobody knows."""
    memo: dict[Key, Plane | None] = mesh.memo("planes of workloads")
    key = workload.ref.key
    if key not in memo:
        ways = answer(parties_of(mesh, workload)) if _shows_pods(mesh, workload) else ()
        memo[key] = ways[0].value.plane if len(ways) == 1 else None
    return memo[key]


def _shows_pods(mesh: Mesh, workload: Workload) -> bool:
    """Whether the pods of a workload were read where a cluster has them: they tell better than its template."""
    return not mesh.live or mesh.knows(kinds.POD, workload.namespace)


def is_used(mesh: Mesh) -> bool:
    """Whether anything is in ambient mode: a namespace or a pod asks for it, or a pod was enrolled."""
    return mesh.cached("ambient mode is used", _is_used)


def is_ambient(mesh: Mesh, namespace: str) -> bool:
    """Whether pods of a namespace enter ambient mode, unless they ask for something else."""
    space = mesh.namespace(namespace)
    return bool(space and space.labels.get(DATAPLANE_MODE) == "ambient")


def place(mesh: Mesh, namespace: str) -> str | None:
    """Where objects of a namespace select pods; None for anywhere, from the root namespace."""
    return None if namespace == control_plane.root_namespace(mesh) else namespace


def _is_used(mesh: Mesh) -> bool:
    return (
        any(space.labels.get(DATAPLANE_MODE) == "ambient" for space in mesh.all(Namespace))
        or any(workload.labels.get(DATAPLANE_MODE) == "ambient" for workload in mesh.workloads)
        or any(pod.metadata.annotations.get(REDIRECTION) == "enabled" for pod in mesh.all(Pod))
    )
