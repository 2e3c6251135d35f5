"""Whether a namespace's ResourceQuotas leave room for a new pod (`k8s.io/apiserver/pkg/admission/plugin/resourcequota`)."""

import re
from collections.abc import Iterator
from decimal import Decimal

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import ResourceQuota

_POWERS = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_QUANTITY = r"(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?P<unit>[KMGTPE]i|[numkMGTPE]?|[eE][+-]?[0-9]+)"

_PROXY = {
    "cpu": "100m", "requests.cpu": "100m", "limits.cpu": "2000m",
    "memory": "128Mi", "requests.memory": "128Mi", "limits.memory": "1024Mi",
}  # fmt: skip
"""What a proxy asks for (`manifests/charts/istio-control/istio-discovery/values.yaml`: ``global.proxy.resources``)."""

_COUNTED = ("pods", "count/pods")
_DELETED_FIRST = (kinds.STATEFUL_SET, kinds.DAEMON_SET)


def quantity(text: str | float) -> Decimal | None:
    """A quantity as a number (`k8s.io/apimachinery/pkg/api/resource/quantity.go`); None for what is none."""
    found = re.fullmatch(_QUANTITY, str(text))
    if not found:
        return None
    number, unit = Decimal(found["number"]), found["unit"]
    if unit in _BINARY:
        return number * Decimal(1024) ** _BINARY[unit]
    return number.scaleb(_POWERS[unit] if unit in _POWERS else int(unit[1:]))


def without_room(mesh: Mesh, workload: Workload, *, adds_proxy: bool) -> str | None:
    """What a quota has no room for, in words; None where there is room as far as that can be told.

    Pods that are deleted before their successors are made leave what they had; a proxy comes on top of that.
    """
    for quota in mesh.within(ResourceQuota, workload.namespace):
        for name in _lacking(quota, is_deleted_first=workload.kind in _DELETED_FIRST, adds_proxy=adds_proxy):
            return f"{quota.ref} has no room for another pod's {name} (used: {quota.status.used.get(name)} of {quota.status.hard[name]})"
    return None


def _lacking(quota: ResourceQuota, *, is_deleted_first: bool, adds_proxy: bool) -> Iterator[str]:
    for name, hard in quota.status.hard.items():
        needed = quantity(_PROXY[name]) if adds_proxy and name in _PROXY else Decimal(0)
        if name in _COUNTED and not is_deleted_first:
            needed = Decimal(1)
        limit, used = quantity(hard), quantity(quota.status.used.get(name, "0"))
        if needed and limit is not None and used is not None and used + needed > limit:
            yield name
