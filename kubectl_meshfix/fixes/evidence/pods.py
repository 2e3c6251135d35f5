"""What the pods behind a Service say of a port: probes, the names of container ports, and images."""

from collections.abc import Iterator

from kubectl_meshfix.fixes import words
from kubectl_meshfix.fixes.evidence.witness import Strength, Witness
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Container, Probe


def containers(workload: Workload, number: int) -> Iterator[Witness]:
    """What the containers that keep running say of a container port."""
    beside = (item for item in workload.spec.init_containers if item.restart_policy == "Always")
    for container in (*workload.spec.containers, *beside):
        declared = next((item for item in container.ports if item.container_port == number and item.protocol == "TCP"), None)
        for probe in container.probes:
            yield from _probe(workload, container, probe, number)
        if declared and (said := words.said_by(declared.name)):
            text = f'{workload.ref} calls container port {number} "{declared.name}"'
            yield Witness(protocol=said, strength=Strength.WORD, text=text, speaks_first=words.is_server_first(declared.name))
        image = words.image_name(container.image)
        if image in words.IMAGES and number in words.IMAGES[image][1]:
            text = f"{workload.ref} runs the image {container.image}"
            yield Witness(
                protocol=words.IMAGES[image][0], strength=Strength.HINT, text=text, speaks_first=image in words.SERVER_FIRST_IMAGES
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
