"""What the pods behind a Service say of a port: probes, the names of container ports, and images."""

from collections.abc import Iterator

from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.port_protocols import protocol_hints
from kubectl_meshfix.port_protocols.evidence.witness import Strength, Witness
from kubectl_meshfix.resources.core import Container, Probe


def containers(workload: Workload, number: int) -> Iterator[Witness]:
    """What the containers that keep running say of a container port."""
    beside = (item for item in workload.spec.init_containers if item.restart_policy == "Always")
    for container in (*workload.spec.containers, *beside):
        declared = next((item for item in container.ports if item.container_port == number and item.protocol == "TCP"), None)
        for probe in container.probes:
            yield from _probe(workload, container, probe, number)
        if declared and (said := protocol_hints.said_by(declared.name)):
            text = f'{workload.ref} calls container port {number} "{declared.name}"'
            yield Witness(protocol=said, strength=Strength.WORD, text=text, speaks_first=protocol_hints.is_server_first(declared.name))
        image = protocol_hints.image_name(container.image)
        if image in protocol_hints.IMAGES and number in protocol_hints.IMAGES[image][1]:
            text = f"{workload.ref} runs the image {container.image}"
            yield Witness(
                protocol=protocol_hints.IMAGES[image][0],
                strength=Strength.HINT,
                text=text,
                speaks_first=image in protocol_hints.SERVER_FIRST_IMAGES,
            )


def _probe(workload: Workload, container: Container, probe: Probe, number: int) -> Iterator[Witness]:
    def leads_here(target: int | str) -> bool:
        return target == number or any(item.name == target and item.container_port == number for item in container.ports)

    if probe.http_get and leads_here(probe.http_get.port):
        protocol = Protocol.HTTPS if probe.http_get.scheme == "HTTPS" else Protocol.HTTP
        text = f"{workload.ref} is probed there by httpGet" + (" over HTTPS" if protocol is Protocol.HTTPS else "")
        yield Witness(protocol=protocol, strength=Strength.PROOF, text=text)
    if probe.grpc and leads_here(probe.grpc.port):
        yield Witness(protocol=Protocol.GRPC, strength=Strength.PROOF, text=f"{workload.ref} is probed there by grpc")
