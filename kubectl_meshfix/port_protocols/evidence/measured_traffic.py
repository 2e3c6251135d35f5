"""What the proxies counted: only for ports without a declared protocol, which they sniff."""

from collections.abc import Collection, Iterator

from kubectl_meshfix.injection.membership import Mode, membership
from kubectl_meshfix.mesh import protocols
from kubectl_meshfix.mesh.measured_traffic import Measured
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.port_protocols.evidence.witness import Strength, Witness
from kubectl_meshfix.resources.core import Service, ServicePort

_COUNTED_AS = {
    Protocol.HTTP: "istio_requests_total counted HTTP requests",
    Protocol.GRPC: "istio_requests_total counted gRPC requests",
    Protocol.TCP: "istio_tcp_connections_opened_total counted connections that are not HTTP",
}


def counted(mesh: Mesh, service: Service, port: ServicePort, behind: Collection[Workload], numbers: Collection[int]) -> Iterator[Witness]:
    """The evidence of the last day's traffic for an undeclared port; ``numbers`` are its container ports.

    The metrics name the Service and rarely the port. Where they do not, they are evidence for a Service's only port; of several, for the
    undeclared one where no other can have been counted so. That rests on what is declared today, and is a claim.
    """
    rows = mesh.measured.get((service.namespace, service.name), frozenset())
    if not rows or protocols.verdict(port).protocol is not Protocol.UNSUPPORTED:
        return
    here = {row for row in rows if row.container_port in numbers}
    for protocol in _counted_protocols(mesh, here, behind):
        yield Witness(protocol=protocol, strength=Strength.MEASURED, text=f"{_COUNTED_AS[protocol]} to its container port in the last day")
    others = [protocols.verdict(other).protocol for other in service.spec.ports if other is not port and other.protocol == "TCP"]
    rest = {row for row in rows if row.container_port is None and not any(_may_be_counted_as(row, other) for other in others)}
    strength, suffix = (Strength.CLAIM, ", and no other port of it declares that") if others else (Strength.MEASURED, "")
    for protocol in _counted_protocols(mesh, rest, behind):
        yield Witness(protocol=protocol, strength=strength, text=f"{_COUNTED_AS[protocol]} to {service.ref} in the last day{suffix}")


def grpc_counted(mesh: Mesh, service: Service, port: ServicePort, numbers: Collection[int]) -> Iterator[Witness]:
    """The evidence that clients send gRPC to a declared HTTP port: proxies tell it by its content type, whatever is declared.

    Where the metrics do not name the port, they are evidence for a Service's only HTTP port.
    """
    rows = mesh.measured.get((service.namespace, service.name), frozenset())
    declared = [protocols.verdict(item).protocol for item in service.spec.ports if item.protocol == "TCP"]
    is_only = protocols.verdict(port).protocol in HTTP_LIKE and sum(one in HTTP_LIKE | {Protocol.UNSUPPORTED} for one in declared) == 1
    here = (row for row in rows if row.container_port in numbers or (row.container_port is None and is_only))
    if any(row.protocol is Protocol.GRPC for row in here):
        text = f"{_COUNTED_AS[Protocol.GRPC]} to {service.ref} in the last day"
        yield Witness(protocol=Protocol.GRPC, strength=Strength.MEASURED, text=text)


def _may_be_counted_as(row: Measured, declared: Protocol) -> bool:
    return declared is Protocol.UNSUPPORTED or (row.protocol in HTTP_LIKE) is (declared in HTTP_LIKE)


def _counted_protocols(mesh: Mesh, rows: Collection[Measured], behind: Collection[Workload]) -> list[Protocol]:
    """The protocols that the counters of one place are evidence for."""
    found = {row.protocol for row in rows}
    return sorted(found if _is_sniffed(mesh, rows, behind) else found - {Protocol.TCP})


def _is_sniffed(mesh: Mesh, rows: Collection[Measured], behind: Collection[Workload]) -> bool:
    """Whether "tcp" is about the bytes.

    ztunnel counts everything as tcp (`ztunnel/src/proxy/metrics.rs`), and so does a gateway's TCP route or TLS passthrough. The
    server's sidecar has sniffed them. What others counted only says that not everything was HTTP, where HTTP was counted as well.
    """
    modes = {membership(mesh, workload).mode for workload in behind}
    if Mode.AMBIENT in modes:
        return False
    by_servers = any(row.protocol is Protocol.TCP and row.reporter == "destination" for row in rows)
    return any(row.protocol in HTTP_LIKE for row in rows) or (by_servers and modes <= {Mode.SIDECAR, Mode.NATIVE_SIDECAR} and bool(modes))
