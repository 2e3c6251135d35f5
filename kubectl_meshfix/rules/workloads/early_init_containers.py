"""Init containers that need the network before the proxy runs: which have none, which are refused, and which pods show it."""

from collections.abc import Iterator, Sequence

import msgspec

from kubectl_meshfix.injection.early import InitCall, bypass, init_calls
from kubectl_meshfix.injection.kubelet import failing_init_containers
from kubectl_meshfix.injection.membership import Mode, membership
from kubectl_meshfix.injection.proxy import has_native_proxy, has_proxy
from kubectl_meshfix.injection.proxy_ids import ids_of
from kubectl_meshfix.injection.template import cut_off_calls
from kubectl_meshfix.mesh.control_plane import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.injector_config import InjectorValues
from kubectl_meshfix.traffic.server.plain_text import Refusal, refused_by


class Early(msgspec.Struct, frozen=True):
    """An init container whose calls fail: because nothing takes them yet (``is_cut_off``), or because a server refuses plain text.

    ``bypass`` says why the proxy never gets the calls that are refused, whenever it starts; empty where it would get them.
    """

    call: InitCall
    is_cut_off: bool
    refusal: Refusal | None = None
    bypass: str = ""


def early_calls(mesh: Mesh, workload: Workload) -> Iterator[Early]:
    """Those of a workload with a sidecar; where that is a native one, only those that bypass it."""
    calls = init_calls(workload.spec) if workload.spec.init_containers and not has_proxy(workload.spec) else ()
    made = membership(mesh, workload) if calls else None
    if made is None or made.surely_injected is not True:
        return
    plane = control_plane(mesh, made.revision) if made.revision else None
    ids = ids_of(plane, mesh.namespace(workload.namespace))
    values = plane.injector.values if plane and plane.injector else InjectorValues()
    is_native = made.mode is Mode.NATIVE_SIDECAR
    cut_off = () if is_native else cut_off_calls(plane, calls, workload.annotations, ids)
    for call in calls:
        refused: Early | None = None
        for host in () if call.only_connects else call.hosts:
            around = bypass(call, host, workload.annotations, values, ids)
            if (around or not is_native) and (refusal := refused_by(mesh, workload.namespace, host.name, host.port)):
                refused = Early(call, call in cut_off, refusal, around)
                break
        if refused or call in cut_off:
            yield refused or Early(call, is_cut_off=True)


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
