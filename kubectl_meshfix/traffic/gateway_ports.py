"""On which ports a gateway's pods are reached, and which of its servers nobody outside can connect to."""

from collections.abc import Iterator
from typing import NamedTuple

from kubectl_meshfix.mesh.ports import container_port
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking import Gateway, Server
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.gateway_pods import pods_of


class Offered(NamedTuple):
    """The Services that lead to a gateway's pods, and the numbers by which a server may name what they offer, over TCP."""

    services: tuple[Service, ...] = ()
    numbers: frozenset[int] = frozenset()


def offered(mesh: Mesh, gateway: Gateway) -> Offered:
    """What the Services of a gateway's pods offer; nothing where the pods listen on their node, and need no Service.

    Both a Service's port and the container port behind it count: istiod takes a server's number for a Service's port and listens on the
    target port, else it listens on the number as it stands (`pilot/pkg/model/gateway.go resolvePorts`).
    """
    behind = pods_of(mesh, gateway) if gateway.spec.selector else ()
    if any(map(_is_on_its_node, behind)):
        return Offered()
    services: dict[Ref, Service] = {}
    numbers: set[int] = set()
    for workload in behind:
        for service in mesh.services_selecting(workload.namespace, workload.labels):
            services[service.ref] = service
            for port in service.spec.ports:
                if port.protocol == "TCP":
                    numbers |= {port.port, container_port(port, workload.spec) or port.port}
    return Offered(tuple(services[ref] for ref in sorted(services)), frozenset(numbers))


def unreachable(mesh: Mesh, gateway: Gateway) -> Iterator[tuple[int, Server]]:
    """The servers, with their positions, whose port no Service of the gateway's pods offers.

    Where there is no Service at all, a cluster is known to have none (`analyzers/gateway/gateway.go`); files may lack it.
    """
    services, numbers = offered(mesh, gateway)
    is_known = services and all(mesh.holds_all(kinds.SERVICE, service.namespace) for service in services)
    if not services and mesh.live and gateway.spec.selector:
        behind = pods_of(mesh, gateway)
        is_known = bool(behind) and all(
            mesh.knows(kinds.SERVICE, workload.namespace) and not _is_on_its_node(workload) for workload in behind
        )
    for position, server in enumerate(gateway.spec.servers if is_known else ()):
        number = server.port.number
        if number and number not in numbers and not _is_for_its_pod(server):
            yield position, server


def _is_on_its_node(workload: Workload) -> bool:
    """Whether its pods use their node's network, or a port of their node."""
    ports = (port for container in workload.spec.containers for port in container.ports)
    return workload.spec.host_network or any(port.host_port for port in ports)


def _is_for_its_pod(server: Server) -> bool:
    """Whether a server listens on the loopback address or on a Unix socket: for processes of its own pod, which need no Service."""
    return server.bind.startswith(("127.", "unix:"))
