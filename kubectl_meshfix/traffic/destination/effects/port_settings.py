"""Settings of DestinationRules for single ports: ports that the host lacks, and what such settings leave out."""

from collections.abc import Iterator, Mapping

import msgspec

from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.destinations import DestinationRule, LoadBalancer, PortTrafficPolicy, TrafficPolicy
from kubectl_meshfix.traffic.destination.destination_rules import full_host
from kubectl_meshfix.traffic.destination.effects.originating import MODES
from kubectl_meshfix.traffic.destination.traffic_policies import PASSTHROUGH
from kubectl_meshfix.traffic.registry import Entry, Port, registry

_FIELDS = {
    "tls": "tls",
    "connection_pool": "connectionPool",
    "outlier_detection": "outlierDetection",
    "load_balancer": "loadBalancer",
}
"""What a policy sets for the whole host and for a port, by the names here and in JSON."""


class PortSettings(msgspec.Struct, frozen=True):
    """Settings for one port at a JSON pointer, in the policy at another."""

    settings: PortTrafficPolicy
    path: str
    policy: TrafficPolicy
    policy_path: str

    @property
    def number(self) -> int:
        """The port that they name, 0 for none."""
        return self.settings.port.number if self.settings.port else 0


def port_settings(rule: DestinationRule) -> Iterator[PortSettings]:
    """All settings for single ports of a rule, those of its subsets too."""
    policies = [(rule.spec.traffic_policy, "/spec/trafficPolicy")]
    policies += [(subset.traffic_policy, f"/spec/subsets/{i}/trafficPolicy") for i, subset in enumerate(rule.spec.subsets)]
    for policy, path in policies:
        for i, settings in enumerate(policy.port_level_settings if policy else ()):
            if policy:
                yield PortSettings(settings, f"{path}/portLevelSettings/{i}", policy, path)


def entries_of(mesh: Mesh, rule: DestinationRule) -> tuple[Entry, ...]:
    """Who registers a rule's host; nobody for a wildcard, and where one stands for another host, whose ports are not its own."""
    host = full_host(rule)
    found = tuple(registry(mesh).exact.get(host, ()))
    return () if host.startswith("*") or any(entry.is_alias for entry in found) else found


def _ports(mesh: Mesh, rule: DestinationRule) -> Mapping[int, Port]:
    """The ports of a rule's host by their numbers, worked out once for each host."""
    memo: dict[str, Mapping[int, Port]] = mesh.memo("ports of hosts with DestinationRules")
    host = full_host(rule)
    if host not in memo:
        memo[host] = {port.number: port for entry in entries_of(mesh, rule) for port in entry.ports}
    return memo[host]


def lacking(mesh: Mesh, rule: DestinationRule) -> Iterator[tuple[PortSettings, tuple[Port, ...]]]:
    """The settings for ports that the host does not have, with those that it has: they are compared with the Service's port, not with the
    container's (`pilot/pkg/networking/util/util.go GetPortLevelTrafficPolicy`).
    """
    ports = _ports(mesh, rule)
    having = tuple(ports.values())
    for found in port_settings(rule):
        if ports and found.number and found.number not in ports:
            yield found, having


def left_out(mesh: Mesh, rule: DestinationRule) -> Iterator[tuple[PortSettings, tuple[str, ...]]]:
    """The settings for a port that lack what the policy around them sets, and the fields in JSON: it does not hold for that port.

    TLS of a proxy's own is not missed on a port on which clients speak TLS themselves, nor is a simple load balancer, for which Istio's
    default does as well.
    """
    ports = _ports(mesh, rule)
    for found in port_settings(rule):
        names = [name for name in _FIELDS if getattr(found.policy, name) is not None and getattr(found.settings, name) is None]
        tls = found.policy.tls
        if tls and tls.mode in MODES and (port := ports.get(found.number)) and port.protocol in (Protocol.HTTPS, Protocol.TLS):
            names = [name for name in names if name != "tls"]
        if _is_simple(found.policy.load_balancer):
            names = [name for name in names if name != "load_balancer"]
        if names:
            yield found, tuple(_FIELDS[name] for name in names)


def _is_simple(balancer: LoadBalancer | None) -> bool:
    """Whether a load balancer only says how to spread requests, and prefers nothing."""
    return balancer is not None and balancer.simple not in ("", PASSTHROUGH) and balancer.locality_lb_setting is None
