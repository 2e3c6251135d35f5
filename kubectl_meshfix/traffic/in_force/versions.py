"""Which proxies are too old for their istiod, or newer, by the versions that both report."""

from collections import defaultdict
from collections.abc import Iterator

from kubectl_meshfix.injection import stale_proxies
from kubectl_meshfix.injection.membership import membership
from kubectl_meshfix.mesh.control_plane import Version, parse_version
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.meta import Ref, Struct

SUPPORTED = 1
"""Minor versions that a proxy may be older than its istiod (istio.io, Supported Releases, Control Plane/Data Plane Skew)."""


class Apart(Struct, frozen=True):
    """Pods of a workload whose proxies run one version, and their istiod another that does not support it."""

    workload: Workload
    pods: tuple[Pod, ...]
    proxy: Version
    istiod: Version

    @property
    def minors(self) -> int:
        """How many minor versions istiod is newer; negative where the proxy is."""
        return self.istiod.minor - self.proxy.minor


def apart(mesh: Mesh) -> Iterator[Apart]:
    """The proxies that are more minor versions older than their istiod than it supports, or newer than it.

    Pods of which new ones would get another proxy are left out: that is known without asking.
    """
    versions: dict[Ref, Version | None] = {item.pod: parse_version(item.version) for item in mesh.answers.istiods}
    found: dict[tuple[object, str, str], list[tuple[Pod, Version, Version]]] = defaultdict(list)
    for item in mesh.answers.connected:
        proxy, istiod = parse_version(item.version), versions.get(item.istiod)
        pod = mesh.get(Pod, item.namespace, item.name)
        if pod and proxy and istiod and not 0 <= istiod.minor - proxy.minor <= SUPPORTED:
            found[mesh.workload_of(pod).ref.key, proxy.text, istiod.text].append((pod, proxy, istiod))
    for rows in found.values():
        _, proxy, istiod = rows[0]
        workload = mesh.workload_of(rows[0][0])
        expected = membership(mesh, workload)
        is_sure = expected.surely_injected is True
        pods = tuple(pod for pod, _, _ in rows if not (is_sure and stale_proxies.difference(mesh, pod, expected)))
        if pods:
            yield Apart(workload=workload, pods=pods, proxy=proxy, istiod=istiod)
