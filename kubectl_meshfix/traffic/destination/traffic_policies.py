"""What the DestinationRules that a proxy uses say of one port of a host, or of a subset."""

from collections.abc import Sequence
from typing import NamedTuple

from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.resources.istio_networking.destinations import (
    ClientTLS,
    ConnectionPool,
    DestinationRule,
    LoadBalancer,
    OutlierDetection,
    PortTrafficPolicy,
    Subset,
    TrafficPolicy,
)
from kubectl_meshfix.resources.mesh_config import DefaultTrafficPolicy

PASSTHROUGH = "PASSTHROUGH"
"""``loadBalancer.simple``: no endpoint is chosen, the address that was called is."""


class Placed(NamedTuple):
    """A policy and where it stands; ``settings`` of a port stand for all of the policy's own."""

    settings: TrafficPolicy | PortTrafficPolicy
    at: Where

    @property
    def is_of_port(self) -> bool:
        """Whether it is for one port alone."""
        return isinstance(self.settings, PortTrafficPolicy)


class Found(NamedTuple):
    """A subset, and the rule that defines it at a position."""

    subset: Subset
    rule: DestinationRule
    position: int

    @property
    def at(self) -> Where:
        """Where it stands."""
        return Where(self.rule.ref, join("spec", "subsets", self.position))


class Settings(NamedTuple):
    """What applies to connections, each with the place that decides; None for what nobody sets. The mesh's defaults have no place."""

    tls: tuple[ClientTLS, Where] | None = None
    pool: tuple[ConnectionPool, Where | None] | None = None
    outlier: tuple[OutlierDetection, Where | None] | None = None
    balancer: tuple[LoadBalancer, Where] | None = None


def subset_of(rules: Sequence[DestinationRule], name: str) -> Found | None:
    """The first definition of a subset in merged rules (`pilot/pkg/model/destination_rule.go mergeDestinationRule`)."""
    found = (Found(subset, rule, i) for rule in rules for i, subset in enumerate(rule.spec.subsets) if subset.name == name)
    return next(found, None)


def top_policy(rules: Sequence[DestinationRule]) -> Placed | None:
    """The policy of merged rules: that of the first that has one."""
    found = (Placed(rule.spec.traffic_policy, Where(rule.ref, "/spec/trafficPolicy")) for rule in rules if rule.spec.traffic_policy)
    return next(found, None)


def subset_policy(found: Found) -> Placed | None:
    """The policy of a subset alone."""
    policy = found.subset.traffic_policy
    return Placed(policy, Where(found.rule.ref, f"{found.at.path}/trafficPolicy")) if policy else None


def of_port(policy: Placed | None, port: int) -> Placed | None:
    """What a policy says for a port: what it lists for that port, wholesale, else all of it (`util.go GetPortLevelTrafficPolicy`)."""
    for i, level in enumerate(policy.settings.port_level_settings if policy and isinstance(policy.settings, TrafficPolicy) else ()):
        if policy and level.port and level.port.number == port:
            return Placed(level, Where(policy.at.resource, f"{policy.at.path}/portLevelSettings/{i}"))
    return policy


def settled(top: Placed | None, own: Placed | None, port: int, defaults: DefaultTrafficPolicy) -> Settings:
    """What holds for a port, of a host or of a subset whose ``own`` policy is given.

    A policy for the port replaces all that stands beside it. A subset's replaces what it sets; for the port, everything
    (`pilot/pkg/networking/util/util.go MergeSubsetTrafficPolicy`). ``defaults`` are the mesh's, for what the rules leave unset
    (`cluster_traffic_policy.go applyDefaultTrafficPolicy`).
    """
    outer, inner = _settings(of_port(top, port)), of_port(own, port)
    if outer.pool is None and defaults.connection_pool:
        outer = outer._replace(pool=(defaults.connection_pool, None))
    if outer.outlier is None and defaults.outlier_detection:
        outer = outer._replace(outlier=(defaults.outlier_detection, None))
    mine = _settings(inner)
    if inner is not None and inner.is_of_port:
        return mine
    return Settings(mine.tls or outer.tls, mine.pool or outer.pool, mine.outlier or outer.outlier, mine.balancer or outer.balancer)


def tls_of_endpoints(top: Placed | None, own: Placed | None, port: int) -> str | None:
    """The mode that istiod goes by when it marks endpoints for the mesh's TLS; None where no policy sets one.

    It is not that of the cluster: here a policy for the port without ``tls`` leaves that of the whole policy in force
    (`pilot/pkg/xds/endpoints/mtls_checker.go tlsModeForDestinationRule`).
    """
    for policy in (own, top):
        if policy is not None:
            level = of_port(policy, port)
            tls = (level.settings.tls if level else None) or policy.settings.tls
            if tls is not None:
                return tls.mode or "DISABLE"
    return None


def _settings(placed: Placed | None) -> Settings:
    if placed is None:
        return Settings()
    said, at = placed

    def under(name: str) -> Where:
        return Where(at.resource, f"{at.path}/{name}")

    return Settings(
        (said.tls, under("tls")) if said.tls else None,
        (said.connection_pool, under("connectionPool")) if said.connection_pool else None,
        (said.outlier_detection, under("outlierDetection")) if said.outlier_detection else None,
        (said.load_balancer, under("loadBalancer")) if said.load_balancer else None,
    )
