"""What speaks for a port's protocol: every witness is named, the strongest are heard, a contradiction is never settled by a guess."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.injection.membership import WORKLOAD_INPUTS
from kubectl_meshfix.mesh.ports import container_port
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.port_protocols import protocol_hints
from kubectl_meshfix.port_protocols.evidence import measured_traffic, pods, routes, scraping, siblings
from kubectl_meshfix.port_protocols.evidence.witness import Inference, Strength, Witness, weigh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service, ServicePort
from kubectl_meshfix.resources.kinds import Kind

__all__ = ["KINDS", "Inference", "Strength", "Witness", "infer"]

KINDS: tuple[Kind, ...] = (
    *WORKLOAD_INPUTS,
    kinds.VIRTUAL_SERVICE,
    kinds.KUBERNETES_GATEWAY,
    kinds.HTTP_ROUTE,
    kinds.GRPC_ROUTE,
    kinds.TCP_ROUTE,
    kinds.TLS_ROUTE,
    kinds.INGRESS,
    kinds.SERVICE_MONITOR,
    kinds.POD_MONITOR,
)
"""Kinds that may hold a witness."""


def infer(mesh: Mesh, service: Service, port: ServicePort) -> Inference:
    """The protocol of a Service's port, from everything that was read, or from what somebody said of it."""
    told = mesh.overrides.protocol(service, port)
    if told:
        witness = Witness(protocol=told.protocol, strength=Strength.TOLD, text=told.by)
        return Inference(protocol=told.protocol, is_proven=True, witnesses=(witness,))
    return weigh(_hear(mesh, service, port))


def _hear(mesh: Mesh, service: Service, port: ServicePort) -> Iterator[Witness]:
    for workload, number in _places(mesh, service, port):
        yield from pods.containers(workload, number)
        yield from scraping.of_pods(mesh, workload, number)
    yield from _of_port(mesh, service, port)
    yield from siblings.heard(mesh, service, port, _of_port)


def _places(mesh: Mesh, service: Service, port: ServicePort) -> Sequence[tuple[Workload, int]]:
    """The container ports that a Service's port leads to."""
    return [(workload, number) for workload in _behind(mesh, service) if (number := container_port(port, workload.spec))]


def _behind(mesh: Mesh, service: Service) -> Sequence[Workload]:
    return mesh.workloads_selected(service.spec.selector, service.namespace) if service.spec.selector else ()


def _of_port(mesh: Mesh, service: Service, port: ServicePort) -> Iterator[Witness]:
    """What is said of a Service's own port, and not of the pods behind it."""
    places = _places(mesh, service, port)
    targeted = {number for _, number in places}
    yield from scraping.of_service(mesh, service, port, places)
    yield from routes.leading(mesh, service, port)
    yield from measured_traffic.seen(mesh, service, port, _behind(mesh, service), targeted)
    yield from _own_words(port)
    for number in sorted({port.port, *targeted} & protocol_hints.NUMBERS.keys()):
        first = number in protocol_hints.SERVER_FIRST_NUMBERS
        yield Witness(protocol=protocol_hints.NUMBERS[number], strength=Strength.HINT, text=f"port number {number}", speaks_first=first)


def _own_words(port: ServicePort) -> Iterator[Witness]:
    for field, word in (("appProtocol", port.app_protocol or ""), ("name", port.name)):
        if said := protocol_hints.said_by(word):
            text = f'the port\'s {field} "{word}"'
            yield Witness(protocol=said, strength=Strength.WORD, text=text, speaks_first=protocol_hints.is_server_first(word))
