"""Istio's agents on nodes: the CNI agent, which redirects pods, and ztunnel, through which pods of ambient send and get everything.

Source: `manifests/charts/istio-cni/templates/daemonset.yaml`, `manifests/charts/ztunnel/templates/daemonset.yaml`.
"""

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
