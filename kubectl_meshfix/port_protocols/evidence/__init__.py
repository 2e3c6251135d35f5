"""Evidence for a port's protocol: every witness is listed, the strongest decide, and a contradiction is never settled by a guess."""

from collections.abc import Iterator, Sequence
from typing import Any

from kubectl_meshfix.injection.inputs import WORKLOAD_INPUTS
from kubectl_meshfix.mesh.ports import container_port
from kubectl_meshfix.mesh.protocols import SERVER_FIRST_NUMBERS
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
    kinds.GATEWAY,
    kinds.KUBERNETES_GATEWAY,
    kinds.HTTP_ROUTE,
    kinds.GRPC_ROUTE,
    kinds.TCP_ROUTE,
    kinds.TLS_ROUTE,
    kinds.BACKEND_TLS_POLICY,
    kinds.INGRESS,
    kinds.SERVICE_MONITOR,
    kinds.POD_MONITOR,
)
"""Kinds that may hold a witness."""


def infer(mesh: Mesh, service: Service, port: ServicePort) -> Inference:
    """The protocol of a Service's port, from a flag or the settings, else from everything that was read."""
    override = mesh.overrides.protocol(service, port)
    if override:
        witness = Witness(protocol=override.protocol, strength=Strength.EXPLICIT, text=override.by)
        counted = tuple(_counted(mesh, service, port))
        is_measured = {row.protocol for row in counted if row.strength is Strength.MEASURED} == {override.protocol}
        return Inference(protocol=override.protocol, is_proven=True, witnesses=(witness, *counted), is_measured=is_measured)
    return weigh(_witnesses(mesh, service, port))


def _witnesses(mesh: Mesh, service: Service, port: ServicePort) -> Iterator[Witness]:
    yield from _of_pods(mesh, service, port)
    yield from _of_port(mesh, service, port)
    yield from siblings.same_container_port(mesh, service, port, _of_port)


def _of_pods(mesh: Mesh, service: Service, port: ServicePort) -> Sequence[Witness]:
    """The evidence of the pods behind a port: the same for all Services of one selector."""
    memo: dict[Any, Sequence[Witness]] = mesh.memo("evidence of pods")
    key = (service.namespace, frozenset(service.spec.selector.items()), port.target_port or port.port, port.protocol)
    if key not in memo:
        found = places(mesh, service, port)
        if not found:
            return ()
        memo[key] = [
            witness
            for workload, number in found
            for witness in (*pods.containers(workload, number), *scraping.of_pods(mesh, workload, number))
        ]
    return memo[key]


def places(mesh: Mesh, service: Service, port: ServicePort) -> Sequence[tuple[Workload, int]]:
    """The container ports of a Service's port, with their workloads: one list for all Services of one selector."""
    memo: dict[Any, Sequence[tuple[Workload, int]]] = mesh.memo("places of a port")
    key = (service.namespace, frozenset(service.spec.selector.items()), port.target_port or port.port, port.protocol)
    if key not in memo:
        behind = _behind(mesh, service)
        if not behind:  # files hold very many such Services: an entry for each would be as large as all that was read of them
            return ()
        memo[key] = [(workload, number) for workload in behind if (number := container_port(port, workload.spec))]
    return memo[key]


def _numbers(mesh: Mesh, service: Service, port: ServicePort) -> frozenset[int]:
    """The numbers of a port's container ports."""
    memo: dict[int, frozenset[int]] = mesh.memo("numbers of places")
    found = places(mesh, service, port)
    key = id(found)  # they are kept as long as their answer
    if key not in memo:
        memo[key] = frozenset(number for _, number in found)
    return memo[key]


def _behind(mesh: Mesh, service: Service) -> Sequence[Workload]:
    return mesh.workloads_selected(service.spec.selector, service.namespace) if service.spec.selector else ()


def _of_port(mesh: Mesh, service: Service, port: ServicePort) -> Sequence[Witness]:
    """The evidence for a Service's port itself, and not for the pods behind it; worked out once, however many ask for it."""
    memo: dict[Any, Sequence[Witness]] = mesh.memo("evidence of a port")
    key = (service.ref.key, port.port, port.protocol, port.name, id(mesh.measured))
    if key not in memo:
        memo[key] = tuple(_about_port(mesh, service, port))
    return memo[key]


def _about_port(mesh: Mesh, service: Service, port: ServicePort) -> Iterator[Witness]:
    targeted = _numbers(mesh, service, port)
    yield from scraping.of_service(mesh, service, port, places(mesh, service, port))
    yield from routes.to_port(mesh, service, port)
    yield from _counted(mesh, service, port)
    yield from _own_names(port)
    for number in sorted({port.port, *targeted} & protocol_hints.NUMBERS.keys()):
        first = number in SERVER_FIRST_NUMBERS
        yield Witness(protocol=protocol_hints.NUMBERS[number], strength=Strength.HINT, text=f"port number {number}", speaks_first=first)


def _counted(mesh: Mesh, service: Service, port: ServicePort) -> Iterator[Witness]:
    return measured_traffic.counted(mesh, service, port, _behind(mesh, service), _numbers(mesh, service, port))


def _own_names(port: ServicePort) -> Iterator[Witness]:
    for field, word in (("appProtocol", port.app_protocol or ""), ("port name", port.name)):
        if protocol := protocol_hints.protocol_in(word):
            text = f'{field} "{word}"'
            yield Witness(protocol=protocol, strength=Strength.CLAIM, text=text, speaks_first=protocol_hints.is_server_first(word))
