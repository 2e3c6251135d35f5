"""The ports of a pod that belong to Istio's proxy (istio.io, "Ports used by Istio"), and those that its containers declare."""

from collections.abc import Iterator

from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import ContainerPort

RESERVED = {
    15000: "Envoy's admin interface",
    15001: "Envoy's outbound listener",
    15002: "the check for failed iptables rules",
    15004: "the proxy's debug port",
    15006: "Envoy's inbound listener",
    15008: "HBONE",
    15020: "merged Prometheus metrics",
    15021: "the proxy's health check",
    15053: "the DNS proxy",
    15090: "Envoy's Prometheus metrics",
}
"""Ports of a meshed pod that belong to the proxy (`pilot/pkg/model/context.go` skips four of them)."""

DNS = 15053
"""The one reserved port that the proxy has for UDP too."""

SERVED = frozenset({15020, 15021, 15090})
"""Ports of the proxy that answer from outside: a Service may target them for scrapers and health checks."""


def declared_ports(workload: Workload) -> Iterator[tuple[str, str, ContainerPort]]:
    """The pointer of every declared port's number, its container's name, and the port; of containers that keep running."""
    for group, containers in (("containers", workload.spec.containers), ("initContainers", workload.spec.init_containers)):
        for index, container in enumerate(containers):
            if group == "containers" or container.restart_policy == "Always":
                for position, port in enumerate(container.ports):
                    path = f"{workload.template_path}/spec/{group}/{index}/ports/{position}/containerPort"
                    yield path, container.name, port


def is_reserved(number: int, protocol: str) -> bool:
    """Whether the proxy listens on a port of this L4 protocol."""
    return number in RESERVED and (protocol == "TCP" or (protocol == "UDP" and number == DNS))
