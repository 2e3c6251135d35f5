"""Which proxies' certificates should have been renewed by now."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from kubectl_meshfix.injection.in_force.hearing import hear
from kubectl_meshfix.injection.proxy import injected_revision, proxy_container
from kubectl_meshfix.mesh.control_plane import plane_of_revision
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Pod
from kubectl_meshfix.resources.go_duration import seconds
from kubectl_meshfix.resources.meta import Struct

_LIFETIME, _RATIO = 24 * 3600.0, 0.5


class Overdue(Struct, frozen=True):
    """Pods of a workload whose certificates are late, and the shortest time that one of them is still valid; negative once it is not."""

    workload: Workload
    pods: tuple[Pod, ...]
    seconds: float

    @property
    def is_over(self) -> bool:
        """Whether one is not valid any more."""
        return self.seconds <= 0


def overdue(mesh: Mesh) -> Iterator[Overdue]:
    """Workloads with certificates that have ended, or of which only half of the time is left in which pilot-agent renews them.

    It begins to when half of the lifetime is left and tries again until it has one (`security/pkg/nodeagent/cache/secretcache.go
    rotateTime`). How long istiod's live is known; of others only that they have ended is reported.
    """
    found: dict[object, list[tuple[Pod, float]]] = defaultdict(list)
    for (namespace, name), item in hear(mesh).proxies.items():
        pod = mesh.get(Pod, namespace, name)
        if pod and item.certificate_seconds is not None and item.certificate_seconds < seconds_due(mesh, pod):
            found[mesh.workload_of(pod).ref.key].append((pod, item.certificate_seconds))
    for rows in found.values():
        yield Overdue(workload=mesh.workload_of(rows[0][0]), pods=tuple(pod for pod, _ in rows), seconds=min(left for _, left in rows))


def seconds_due(mesh: Mesh, pod: Pod) -> float:
    """For how long a pod's certificate should still be valid at least; 0 where nobody knows when it is renewed."""
    container = proxy_container(pod.spec)
    env = {var.name: var.value for var in container.env} if container else {}
    plane = plane_of_revision(mesh, injected_revision(pod) or None)
    istiods = plane.env if plane else None
    if not env.get("CA_ADDR", "").startswith("istiod") or istiods is None or istiods.get("EXTERNAL_CA"):
        return 0.0
    lifetime = min(_seconds(env, "SECRET_TTL", _LIFETIME), _seconds(istiods, "MAX_WORKLOAD_CERT_TTL", _LIFETIME * 90))
    try:
        ratio = float(env.get("SECRET_GRACE_PERIOD_RATIO") or _RATIO)
    except ValueError:
        ratio = _RATIO
    return lifetime * ratio / 2


def _seconds(env: Mapping[str, str], name: str, default: float) -> float:
    found = seconds(env.get(name, ""))
    return default if found is None else found
