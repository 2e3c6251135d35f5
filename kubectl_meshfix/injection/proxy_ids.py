"""The user and group that Istio's proxies run as, whose traffic is not redirected to the proxy."""

import re
from typing import NamedTuple

from kubectl_meshfix.mesh.control_plane import ControlPlane
from kubectl_meshfix.resources.core import Namespace

ISTIO_ID = 1337
USERS, GROUPS = "openshift.io/sa.scc.uid-range", "openshift.io/sa.scc.supplemental-groups"


class ProxyIds(NamedTuple):
    """The proxy's ``user`` and ``group`` in a pod, an id that is ``free`` for an application, and where they are from, in words."""

    user: int
    group: int
    free: int
    source: str


def ids_of(plane: ControlPlane | None, namespace: Namespace | None) -> ProxyIds:
    """The ids of the proxies that a control plane injects in a namespace (`pkg/kube/inject/inject.go GetProxyIDs`).

    On OpenShift they are the last ones of the namespace's ranges, and the first one is what OpenShift itself would give.
    """
    space = namespace or Namespace()
    annotations = space.metadata.annotations
    users = _block(annotations.get(USERS, ""))
    if not (plane and plane.injector and plane.injector.values.platform == "openshift" and users):
        return ProxyIds(ISTIO_ID, ISTIO_ID, ISTIO_ID + 1, "the default outside of OpenShift")
    groups = _block(annotations.get(GROUPS, "").partition(",")[0]) or users
    return ProxyIds(users[1], groups[1], users[0], f"the last of the range in the annotation {USERS} of Namespace {space.name}")


def _block(text: str) -> tuple[int, int] | None:
    """First and last number of ``start/size`` or ``start-end`` (`pkg/kube/inject/openshift.go ParseBlock`)."""
    found = re.match(r"(\d+)([/-])(\d+)", text)
    if not found:
        return None
    start, second = int(found[1]), int(found[3])
    return (start, start + second - 1) if found[2] == "/" else (start, second)
