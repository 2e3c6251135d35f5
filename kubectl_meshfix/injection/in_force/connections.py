"""Which proxies are connected to no istiod, and which of them have none that is ready."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta

from kubectl_meshfix.injection.in_force.hearing import Heard, hear
from kubectl_meshfix.injection.proxy import injected_revision, running_proxies
from kubectl_meshfix.mesh.answers import NONE_ASKED
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL, ControlPlane, plane_of_revision
from kubectl_meshfix.mesh.moments import moment
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.meta import Key, Ref, Struct

ISTIOD = "istiod"
START = timedelta(minutes=1)
"""What a proxy may need until it is connected."""


class Unconnected(Struct, frozen=True):
    """The pods of a workload whose proxies no istiod serves, among how many of it that run.

    ``revision`` is the one that injected them, ``plane`` its control plane, None where none is known; ``is_served`` says whether one of
    its istiods is ready.
    """

    workload: Workload
    pods: tuple[Pod, ...]
    of: int
    revision: str
    plane: ControlPlane | None
    is_served: bool


def unconnected(mesh: Mesh) -> Iterator[Unconnected]:
    """The workloads with proxies that are connected to no istiod: none that answered serves them, and they do not say otherwise.

    Where not every istiod answered, only what the proxies say themselves counts. Where none of their istiods is ready, it does not: a proxy
    that tries again and again has a stream to its own agent meanwhile. A proxy that has only begun to run is not counted.
    """
    heard = hear(mesh)
    planes: dict[str, tuple[ControlPlane | None, bool]] = {}
    groups: dict[tuple[Key, str], list[Pod]] = defaultdict(list)
    running: dict[Key, int] = defaultdict(int)
    for pod in running_proxies(mesh):
        owner, revision = mesh.workload_of(pod).ref.key, injected_revision(pod)
        running[owner] += 1
        if revision not in planes:
            planes[revision] = _plane(mesh, revision)
        if _is_without(mesh, pod, heard, is_served=planes[revision][1]):
            groups[owner, revision].append(pod)
    for (owner, revision), pods in groups.items():
        plane, is_served = planes[revision]
        workload = mesh.workload_of(pods[0])
        yield Unconnected(workload=workload, pods=tuple(pods), of=running[owner], revision=revision, plane=plane, is_served=is_served)


def is_unconnected(mesh: Mesh, pod: Pod) -> bool:
    """Whether one pod's proxy is connected to no istiod, as `unconnected` has it."""
    return _is_without(mesh, pod, hear(mesh), is_served=_plane(mesh, injected_revision(pod))[1])


def _is_without(mesh: Mesh, pod: Pod, heard: Heard, *, is_served: bool) -> bool:
    proxy = heard.proxies.get((pod.namespace, pod.name))
    said = proxy.is_connected if proxy else None
    is_cut_off = mesh.answers.is_every_istiod and (said is not True or not is_served)
    return not heard.served.get((pod.namespace, pod.name)) and (is_cut_off or said is False) and _has_begun(mesh, pod)


def _plane(mesh: Mesh, revision: str) -> tuple[ControlPlane | None, bool]:
    """The control plane of a revision, and whether one of its istiods may be ready: of one that runs elsewhere nobody knows."""
    plane = plane_of_revision(mesh, revision or None)
    return plane, plane is None or plane.deployment is None or bool(ready_istiods(mesh, plane))


def serves_nobody(mesh: Mesh, istiod: Ref) -> bool:
    """Whether somebody asked, and proxies of this istiod's Deployment are connected to none while it has no ready pod."""
    if mesh.answers == NONE_ASKED:
        return False
    return any(found.plane is not None and found.plane.deployment == istiod and not found.is_served for found in unconnected(mesh))


def ready_istiods(mesh: Mesh, plane: ControlPlane) -> Sequence[Pod]:
    """The pods of a control plane that are ready."""
    return [
        pod
        for pod in mesh.within(Pod, plane.namespace)
        if pod.labels.get("app") == ISTIOD and pod.labels.get(REVISION_LABEL, plane.revision) == plane.revision and pod.is_ready
    ]


def _has_begun(mesh: Mesh, pod: Pod) -> bool:
    """Whether the pod has had the time to get ready: a proxy is connected before it is."""
    now, began = moment(mesh.taken_at), moment(pod.status.start_time)
    return pod.is_ready or bool(now and began and now - began > START)
