"""Localities that DestinationRules prefer, and whether they can be preferred."""

from collections.abc import Iterator

from kubectl_meshfix.mesh.control_plane import mesh_config
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule, PortTrafficPolicy, TrafficPolicy

Policy = TrafficPolicy | PortTrafficPolicy


def without_outlier_detection(mesh: Mesh, rule: DestinationRule) -> Iterator[str]:
    """The JSON pointers of policies that prefer localities in vain: without outlier detection endpoints get no priorities.

    ``distribute`` needs none, and the mesh may set one for all (`pilot/pkg/networking/core/loadbalancer/loadbalancer.go ApplyToCluster`,
    `cluster_traffic_policy.go applyDefaultTrafficPolicy`). A subset takes that of the whole rule.
    """
    if mesh_config(mesh).default_traffic_policy.outlier_detection:
        return
    top = rule.spec.traffic_policy
    for policy, path in _policies(top, "/spec/trafficPolicy"):
        if _prefers(policy) and not policy.outlier_detection:
            yield path
    for i, subset in enumerate(rule.spec.subsets):
        for policy, path in _policies(subset.traffic_policy, f"/spec/subsets/{i}/trafficPolicy"):
            is_inherited = isinstance(policy, TrafficPolicy) and top is not None and top.outlier_detection is not None
            if _prefers(policy) and not policy.outlier_detection and not is_inherited:
                yield path


def _policies(policy: TrafficPolicy | None, path: str) -> Iterator[tuple[Policy, str]]:
    if policy:
        yield policy, path
        yield from ((level, f"{path}/portLevelSettings/{i}") for i, level in enumerate(policy.port_level_settings))


def _prefers(policy: Policy) -> bool:
    setting = policy.load_balancer.locality_lb_setting if policy.load_balancer else None
    return setting is not None and setting.enabled is not False and not setting.distribute
