"""Init containers that need the network before the proxy runs: which have none, which are refused, and which pods show it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kubectl_meshfix.injection.early import InitCall, init_calls
from kubectl_meshfix.injection.injector import cut_off_calls
from kubectl_meshfix.injection.kubelet import failing_init_containers
from kubectl_meshfix.injection.membership import Mode, membership
from kubectl_meshfix.injection.proxy import has_native_proxy, has_proxy
from kubectl_meshfix.injection.proxy_ids import ids_of
from kubectl_meshfix.mesh.control_plane import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.traffic.policy.plain_text import Refusal, refused_by


class Early(NamedTuple):
    """An init container that calls too early, and the server that refuses it; None where it reaches nothing at all."""

    call: InitCall
    refusal: Refusal | None = None


def early_calls(mesh: Mesh, workload: Workload) -> Iterator[Early]:
    """Those of a workload whose pods get a sidecar that is no native one, or may be none."""
    calls = init_calls(workload.spec) if workload.spec.init_containers and not has_proxy(workload.spec) else ()
    made = membership(mesh, workload) if calls else None
    if made is None or made.injected is not True or made.mode is not Mode.SIDECAR:
        return
    plane = control_plane(mesh, made.revision) if made.revision else None
    cut_off = cut_off_calls(plane, calls, workload.annotations, ids_of(plane, mesh.namespace(workload.namespace)))
    for call in calls:
        if call in cut_off:
            yield Early(call)
        elif not call.only_connects:
            refusals = (refused_by(mesh, workload.namespace, host.name, host.port) for host in call.hosts)
            if refusal := next(filter(None, refusals), None):
                yield Early(call, refusal)


def failures(mesh: Mesh, workload: Workload, found: Sequence[Early]) -> Iterator[str]:
    """What pods with an ordinary sidecar show of these init containers."""
    names = {item.call.container for item in found}
    for pod in mesh.pods_of(workload):
        if has_proxy(pod.spec) and not has_native_proxy(pod.spec):
            yield from (
                f"{pod.ref}: {status.name} fails, {status.restart_count} restarts"
                for _, status in failing_init_containers(pod)
                if status.name in names
            )
