"""The user and group that Istio's proxies run as, whose traffic is not redirected to the proxy, and who else runs as them."""

from collections.abc import Iterator
from typing import NamedTuple

from kubectl_meshfix.injection.membership import membership
from kubectl_meshfix.injection.proxy import PROXY
from kubectl_meshfix.injection.proxy_ids import ProxyIds, ids_of
from kubectl_meshfix.mesh.control_plane import plane_of_revision
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import PodSpec


def proxy_ids(mesh: Mesh, workload: Workload) -> ProxyIds:
    """The ids of the proxies in a workload's pods."""
    revision = membership(mesh, workload).revision
    plane = plane_of_revision(mesh, revision)
    return ids_of(plane, mesh.namespace(workload.namespace))


class Place(NamedTuple):
    """Where a pod sets an id of the proxy: the pointer of the ``number`` inside of the pod, its containers, and user or group.

    ``heirs`` are the pointers of the containers that take it from the pod, and ``is_shared`` says that init containers take it too.
    """

    path: str
    containers: tuple[str, ...]
    what: str
    number: int
    heirs: tuple[str, ...] = ()
    is_shared: bool = False

    @property
    def is_of_pod(self) -> bool:
        """Whether it holds for all containers that set none of their own."""
        return self.path.startswith("/spec/securityContext/")


def places(spec: PodSpec, ids: ProxyIds) -> Iterator[Place]:
    """Where a pod sets the proxy's ids for its containers.

    Init containers are left out unless they keep running: with Istio's CNI plugin, they reach the network by the proxy's id.
    """
    found = [(f"/spec/containers/{index}", item) for index, item in enumerate(spec.containers)]
    found += [(f"/spec/initContainers/{index}", item) for index, item in enumerate(spec.init_containers) if item.restart_policy == "Always"]
    running = [(path, item) for path, item in found if item.name != PROXY]
    rows = (("user", "runAsUser", "run_as_user", ids.user), ("group", "runAsGroup", "run_as_group", ids.group))
    for what, field, attribute, number in rows:
        own = [(path, item.name, getattr(item.security_context, attribute, None)) for path, item in running]
        heirs = tuple((path, name) for path, name, value in own if value is None)
        if heirs and getattr(spec.security_context, attribute, None) == number:
            paths, names = zip(*heirs, strict=True)
            before = (item for item in spec.init_containers if item.restart_policy != "Always")
            is_shared = any(getattr(item.security_context, attribute, None) is None for item in before)
            yield Place(f"/spec/securityContext/{field}", names, what, number, paths, is_shared)
        yield from (Place(f"{path}/securityContext/{field}", (name,), what, number) for path, name, value in own if value == number)
