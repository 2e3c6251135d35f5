"""The user and group that Istio's proxies run as, which the redirection of a pod's traffic exempts."""

import re
from typing import NamedTuple

from kubectl_meshfix.injection.membership import membership
from kubectl_meshfix.mesh.control_plane import control_plane, main_control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload

ISTIO_ID = 1337
USERS, GROUPS = "openshift.io/sa.scc.uid-range", "openshift.io/sa.scc.supplemental-groups"


class ProxyIds(NamedTuple):
    """The proxy's ``user`` and ``group`` in a pod, an id that is ``free`` for an application, and where they are from, in words."""

    user: int
    group: int
    free: int
    source: str


def proxy_ids(mesh: Mesh, workload: Workload) -> ProxyIds:
    """The ids of the proxies in a workload's pods (`pkg/kube/inject/inject.go GetProxyIDs`).

    On OpenShift they are the last ones of the namespace's ranges, and the first one is what OpenShift itself would give.
    """
    revision = membership(mesh, workload).revision
    plane = control_plane(mesh, revision) if revision else main_control_plane(mesh)
    namespace = mesh.namespace(workload.namespace)
    annotations = namespace.metadata.annotations if namespace else {}
    users = _block(annotations.get(USERS, ""))
    if not (plane and plane.injector and plane.injector.values.platform == "openshift" and users):
        return ProxyIds(ISTIO_ID, ISTIO_ID, ISTIO_ID + 1, "as everywhere but on OpenShift")
    groups = _block(annotations.get(GROUPS, "").partition(",")[0]) or users
    return ProxyIds(users[1], groups[1], users[0], f"the last ones that Namespace {workload.namespace} has by its annotation {USERS}")


def _block(text: str) -> tuple[int, int] | None:
    """First and last number of ``start/size`` or ``start-end`` (`pkg/kube/inject/openshift.go ParseBlock`)."""
    found = re.match(r"(\d+)([/-])(\d+)", text)
    if not found:
        return None
    start, second = int(found[1]), int(found[3])
    return (start, start + second - 1) if found[2] == "/" else (start, second)
