"""Why the probes of a workload are not moved to the proxy's agent, and how they would be."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.fixes import pod_template
from kubectl_meshfix.fixes.fix import Fix, Safety, manual
from kubectl_meshfix.injection.early import EXCLUDE_INBOUND_PORTS
from kubectl_meshfix.injection.membership import membership
from kubectl_meshfix.injection.probes import REWRITE, PortProbe, came_late, requests, rewrites
from kubectl_meshfix.injection.proxy import has_proxy
from kubectl_meshfix.mesh.control_plane import ControlPlane, control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload


class Unmoved(msgspec.Struct, frozen=True):
    """Probes that reach the proxy as kubelet sends them: where that is decided in the workload, why it is so, and what changes it."""

    probes: tuple[PortProbe, ...]
    path: str
    why: str
    fix: Fix
    came_late: bool = False


def unmoved(mesh: Mesh, workload: Workload) -> Iterator[Unmoved]:
    """The probes of pods with a sidecar that nobody moves: because that is turned off, or because their containers came too late."""
    made = membership(mesh, workload)
    if made.surely_injected is not True:
        return
    plane = control_plane(mesh, made.revision) if made.revision else None
    if not has_proxy(workload.spec) and not rewrites(plane, workload.annotations):
        if probes := tuple(requests(workload.spec)):
            yield _turned_off(mesh, workload, plane, probes)
        return
    late = tuple(dict.fromkeys(probe for pod in mesh.pods_of(workload) for probe in came_late(pod, workload.spec)))
    if late:
        is_there = any(container.name == late[0].container for container in workload.spec.containers)
        path = f"{workload.template_path}{late[0].path if is_there else '/spec/containers'}"
        why = "other probes of the pod are rewritten" if is_there else f"{late[0].container} is not in the pod template"
        yield Unmoved(late, path, why, _excluded(late), came_late=True)


def _turned_off(mesh: Mesh, workload: Workload, plane: ControlPlane | None, probes: tuple[PortProbe, ...]) -> Unmoved:
    """The annotation goes where nothing else turns rewriting off; else it says so itself."""
    value = workload.annotations.get(REWRITE)
    path = workload.template_path + probes[0].path if value is None else pod_template.annotation_path(workload, REWRITE)
    why = "istiod's value sidecarInjectorWebhook.rewriteAppHTTPProbe is false" if value is None else f'{REWRITE}: "{value}"'
    if rewrites(plane, {}):
        operations, text = pod_template.remove_annotation(workload, REWRITE), f"Remove the annotation {REWRITE}."
    else:
        operations, text = pod_template.set_annotation(workload, REWRITE, "true"), f'Add the annotation {REWRITE}: "true".'
    if workload.is_pod and mesh.live:
        return Unmoved(probes, path, why, manual(text, why="A running pod keeps its probes: delete it and create it again."))
    return Unmoved(probes, path, why, pod_template.change(mesh, workload, operations, text, Safety.RESTART))


def _excluded(late: tuple[PortProbe, ...]) -> Fix:
    ports = ",".join(sorted({str(probe.port) for probe in late}))
    return manual(
        f'Exclude the port ({EXCLUDE_INBOUND_PORTS}: "{ports}"), or let Istio\'s webhook run again (reinvocationPolicy: IfNeeded).'
    )
