"""Ports by which the replicas of one application call each other, as their names and numbers tell."""

import re

from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import ContainerPort

_WORDS = frozenset(
    (
        *("akka", "bus", "cluster", "clustering", "dist", "election", "epmd", "follower", "gossip", "hazelcast", "inter", "interbroker"),
        *("intercom", "internode", "intra", "jgroups", "leader", "memberlist", "peer", "peers", "quorum", "raft", "remoting"),
        *("replication", "serf", "transport"),
    )
)
_NUMBERS = frozenset((2380, 2888, 3888, 4369, 4567, 4568, 5701, 6222, 7800, 7946, 8201, 8300, 8301, 9094, 9300, 16379, 25672, 33061))
"""etcd, ZooKeeper, Erlang, Galera, Hazelcast, NATS, JGroups, memberlist, Vault, Consul, Alertmanager, Elasticsearch, Redis, RabbitMQ
and MySQL: what their servers call each other by."""


def peer_ports(workload: Workload) -> tuple[ContainerPort, ...]:
    """The TCP ports of a workload's containers that its own replicas call: by the port's name, where it has none by its number."""
    ports = (port for container in workload.spec.containers for port in container.ports)
    return tuple(port for port in ports if port.protocol == "TCP" and _is_for_peers(port))


def _is_for_peers(port: ContainerPort) -> bool:
    if not port.name:
        return port.container_port in _NUMBERS
    return not _WORDS.isdisjoint(re.split(r"[^a-z0-9]+", port.name.lower()))
