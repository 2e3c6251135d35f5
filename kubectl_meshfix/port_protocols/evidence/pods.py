"""Evidence of the pods behind a Service: probes, names of container ports, and images."""

from collections.abc import Iterator

from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.port_protocols import protocol_hints
from kubectl_meshfix.port_protocols.evidence.witness import Strength, Witness
from kubectl_meshfix.resources.core import Container, Probe


def probes(workload: Workload, number: int) -> Iterator[Witness]:
    """The evidence of probes alone, which is all that proves something."""
    for container in _running(workload):
        for probe in container.probes:
            yield from _probe(workload, container, probe, number)


def containers(workload: Workload, number: int) -> Iterator[Witness]:
    """The evidence of containers that keep running for the protocol of a container port."""
    for container in _running(workload):
        declared = next((item for item in container.ports if item.container_port == number and item.protocol == "TCP"), None)
        for probe in container.probes:
            yield from _probe(workload, container, probe, number)
        if declared and (protocol := protocol_hints.protocol_in(declared.name)):
            text = f'container port {number} "{declared.name}" of {workload.ref}'
            yield Witness(protocol=protocol, strength=Strength.CLAIM, text=text, speaks_first=protocol_hints.is_server_first(declared.name))
        image = protocol_hints.image_name(container.image)
        if image in protocol_hints.IMAGES and number in protocol_hints.IMAGES[image][1]:
            text = f"image {container.image} of {workload.ref}"
            yield Witness(
                protocol=protocol_hints.IMAGES[image][0],
                strength=Strength.HINT,
                text=text,
                speaks_first=image in protocol_hints.SERVER_FIRST_IMAGES,
            )


def _running(workload: Workload) -> tuple[Container, ...]:
    return (*workload.spec.containers, *(item for item in workload.spec.init_containers if item.restart_policy == "Always"))


def _probe(workload: Workload, container: Container, probe: Probe, number: int) -> Iterator[Witness]:
    def leads_here(target: int | str) -> bool:
        return target == number or any(item.name == target and item.container_port == number for item in container.ports)

    if probe.http_get and not probe.http_get.host and leads_here(probe.http_get.port):
        protocol = Protocol.HTTPS if probe.http_get.scheme == "HTTPS" else Protocol.HTTP
        text = f"httpGet probe{' over HTTPS' if protocol is Protocol.HTTPS else ''} of {workload.ref}"
        yield Witness(protocol=protocol, strength=Strength.PROOF, text=text, allows_http2=protocol is Protocol.HTTP)
    if probe.grpc and leads_here(probe.grpc.port):
        yield Witness(protocol=Protocol.GRPC, strength=Strength.PROOF, text=f"grpc probe of {workload.ref}")
