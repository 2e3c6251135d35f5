"""What other ports say that lead to the same container port: a pod's proxy has one protocol for it (`listener_inbound.go`)."""

from collections.abc import Callable, Iterable, Iterator

import msgspec

from kubectl_meshfix.mesh import protocols
from kubectl_meshfix.mesh.ports import beside
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.port_protocols.evidence.witness import Strength, Witness
from kubectl_meshfix.resources.core import Service, ServicePort

Hear = Callable[[Mesh, Service, ServicePort], Iterable[Witness]]
"""What is said of one port alone."""


def heard(mesh: Mesh, service: Service, port: ServicePort, hear: Hear) -> Iterator[Witness]:
    """What the others declare; of those that declare nothing, what is said of them, so that all of them are given one protocol.

    ``tcp`` is no proof: everything works as tcp.
    """
    for other, item in beside(mesh, service, port):
        where = f"{other.ref}" if other is not service else "it"
        told, verdict = mesh.overrides.protocol(other, item), protocols.verdict(item)
        if told:
            text = f"{told.by} says so of port {item.port} of {where}, which leads to the same container port"
            yield Witness(protocol=told.protocol, strength=Strength.PROOF, text=text)
        elif verdict.decided_by in ("name", "appProtocol") and verdict.protocol not in (Protocol.UNSUPPORTED, Protocol.UDP):
            strength = Strength.WORD if verdict.protocol is Protocol.TCP else Strength.PROOF
            text = f"{other.ref} declares the same container port on its port {item.port}"
            yield Witness(protocol=verdict.protocol, strength=strength, text=text)
        else:
            for witness in hear(mesh, other, item):
                text = f"{witness.text}, at port {item.port} of {where}, which leads to the same container port"
                yield msgspec.structs.replace(witness, text=text)
