"""What the proxies saw spoken: only of ports without a declared protocol, whose bytes they have to look at."""

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
    Protocol.HTTP: "istio_requests_total counts HTTP requests",
    Protocol.GRPC: "istio_requests_total counts gRPC requests",
    Protocol.TCP: "istio_tcp_connections_opened_total counts connections that were not recognised as HTTP",
}


def seen(mesh: Mesh, service: Service, port: ServicePort, behind: Collection[Workload], numbers: Collection[int]) -> Iterator[Witness]:
    """What the last day's traffic says of an undeclared port; ``numbers`` are the container ports that it leads to.

    The metrics name the Service and rarely the port. Where they do not, they speak for a Service's only port; of several, for the
    one that is not declared where no other can have been counted so, which rests on what is declared today, and is worth a word.
    """
    rows = mesh.measured.get((service.namespace, service.name), frozenset())
    if not rows or protocols.verdict(port).protocol is not Protocol.UNSUPPORTED:
        return
    here = {row for row in rows if row.container_port in numbers}
    for protocol in _telling(mesh, here, behind):
        yield Witness(protocol=protocol, strength=Strength.SEEN, text=f"{_COUNTED_AS[protocol]} to its container port within a day")
    others = [protocols.verdict(other).protocol for other in service.spec.ports if other is not port and other.protocol == "TCP"]
    rest = {row for row in rows if row.container_port is None and not any(_may_be_counted_as(row, other) for other in others)}
    strength, suffix = (Strength.WORD, ", and no other port of it is declared so") if others else (Strength.SEEN, "")
    for protocol in _telling(mesh, rest, behind):
        yield Witness(protocol=protocol, strength=strength, text=f"{_COUNTED_AS[protocol]} to {service.ref} within a day{suffix}")


def _may_be_counted_as(row: Measured, declared: Protocol) -> bool:
    return declared is Protocol.UNSUPPORTED or (row.protocol in HTTP_LIKE) is (declared in HTTP_LIKE)


def _telling(mesh: Mesh, rows: Collection[Measured], behind: Collection[Workload]) -> list[Protocol]:
    """The protocols that the counters of one place tell of."""
    said = {row.protocol for row in rows}
    return sorted(said if _is_sniffed(mesh, rows, behind) else said - {Protocol.TCP})


def _is_sniffed(mesh: Mesh, rows: Collection[Measured], behind: Collection[Workload]) -> bool:
    """Whether "tcp" tells of the bytes.

    ztunnel counts everything as tcp (`ztunnel/src/proxy/metrics.rs`), and so does a gateway's TCP route or TLS passthrough. The
    server's sidecar has looked. What others counted only says that not everything was HTTP, where HTTP was counted as well.
    """
    modes = {membership(mesh, workload).mode for workload in behind}
    if Mode.AMBIENT in modes:
        return False
    by_servers = any(row.protocol is Protocol.TCP and row.reporter == "destination" for row in rows)
    return any(row.protocol in HTTP_LIKE for row in rows) or (by_servers and modes <= {Mode.SIDECAR, Mode.NATIVE_SIDECAR} and bool(modes))
