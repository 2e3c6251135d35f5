"""Istio's agents on nodes: the CNI agent, which redirects pods, and ztunnel, through which pods of ambient send and get everything.

Source: `manifests/charts/istio-cni/templates/daemonset.yaml`, `manifests/charts/ztunnel/templates/daemonset.yaml`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple

from kubectl_meshfix.mesh import moments
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.resources.workloads import DaemonSet

_NAME = "app.kubernetes.io/name"
_INSTALLER, _ZTUNNEL = "install-cni", "ztunnel"


def is_cni(item: DaemonSet) -> bool:
    """Whether a DaemonSet is the CNI agent, by a label and its container."""
    labels, containers = item.spec.template.labels, item.spec.template.spec.containers
    is_called = labels.get("k8s-app") == "istio-cni-node" or labels.get(_NAME) == "istio-cni"
    return is_called and any(each.name == _INSTALLER for each in containers)


def is_ztunnel(item: DaemonSet) -> bool:
    """Whether a DaemonSet is ztunnel, by a label and its container's arguments."""
    labels, containers = item.spec.template.labels, item.spec.template.spec.containers
    return _ZTUNNEL in (labels.get("app"), labels.get(_NAME)) and any(_ZTUNNEL in each.args for each in containers)


def is_agent(obj: Object) -> bool:
    """Whether an object is the DaemonSet of either."""
    return isinstance(obj, DaemonSet) and (is_cni(obj) or is_ztunnel(obj))


class Lacking(NamedTuple):
    """An agent that is not ready on nodes with pods that need it: by node, the pods."""

    agent: DaemonSet
    nodes: Mapping[str, tuple[Pod, ...]]


YOUNG = timedelta(minutes=5)
"""As long as this an agent's new pod may take to become ready."""


def lacking(mesh: Mesh, agent: DaemonSet, needing: Iterable[Pod]) -> Lacking | None:
    """The nodes on which an agent has no ready pod, and which of the pods that need one are there; None where there is none of these.

    An agent's pod that is a few minutes old may still start. Nothing is said where the agent's own pods were not read, or do not exist.
    """
    ours = [pod for pod in mesh.within(Pod, agent.namespace) if mesh.owner(pod) is agent and pod.spec.node_name]
    if not ours and not (mesh.live and mesh.knows(kinds.POD, agent.namespace)):
        return None
    served = {pod.spec.node_name for pod in ours if pod.is_ready or _is_young(mesh, pod)}
    missing: dict[str, list[Pod]] = defaultdict(list)
    for pod in needing:
        if pod.spec.node_name and pod.spec.node_name not in served and pod.status.phase == "Running":
            missing[pod.spec.node_name].append(pod)
    return Lacking(agent, {name: tuple(missing[name]) for name in sorted(missing)}) if missing else None


def _is_young(mesh: Mesh, pod: Pod) -> bool:
    old = moments.age(mesh, pod)
    return old is not None and old < YOUNG
