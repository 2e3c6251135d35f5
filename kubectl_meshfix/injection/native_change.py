"""The change that starts the proxy before the pod's own init containers: a native sidecar, where one can be."""

from kubectl_meshfix.fixes import pod_template
from kubectl_meshfix.fixes.fix import Fix, Safety, at_risk, manual
from kubectl_meshfix.injection import risks
from kubectl_meshfix.injection.injector import ENV, OLDEST_KUBELET, are_kubelets_certain, why_not_native
from kubectl_meshfix.injection.labels import NATIVE
from kubectl_meshfix.mesh.control_plane import ControlPlane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds

_BY_SETTING = "Set {env}=true on istiod and restart the pods; native sidecars run before init containers."
_BY_HAND = "Run init container {container} as user {user}, or exclude its ports (traffic.sidecar.istio.io/excludeOutboundPorts)."
_IN_PLAIN_TEXT = "Let {container} do its work in the application's container, which has the proxy."


def make_native(  # noqa: PLR0913 -- whose sake it is for, and what is known of it
    mesh: Mesh, workload: Workload, plane: ControlPlane | None, container: str, *, user: int | None, all_fail: bool = False
) -> Fix:
    """The annotation for a native sidecar; else what is left to a person, for the sake of one init container.

    ``user`` is the proxy's, whose calls are not redirected; it is None where that is no help, because the server refuses plain text.
    Where ``all_fail``, all calls of init containers, and no kubelet can have native sidecars turned off, nothing that works changes.
    """
    obstacle = why_not_native(mesh, plane)
    if obstacle and obstacle.has_setting:
        return manual(_BY_SETTING.format(env=ENV), why=f"{obstacle.why}.")
    if obstacle:
        text = _IN_PLAIN_TEXT if user is None else _BY_HAND
        return manual(text.format(container=container, user=user), why=f"A native sidecar is not possible: {obstacle.why}.")
    unread = "" if mesh.knows(kinds.NODE) else f" All nodes need kubelet 1.{OLDEST_KUBELET} or newer; no nodes were read."
    summary = f'Add the annotation {NATIVE}: "true" to the pod template.{unread}'
    if workload.is_pod and mesh.live and workload.maker is None:
        return manual(summary, why="A running pod keeps its proxy: delete it and create it again.")
    operations = pod_template.set_annotation(workload, NATIVE, "true")
    if all_fail and are_kubelets_certain(mesh):
        return pod_template.change(mesh, workload, operations, summary, Safety.RESTART)
    return at_risk(pod_template.change(mesh, workload, operations, summary, Safety.UNSAFE), risks.NATIVE_SIDECAR)
