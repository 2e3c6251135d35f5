"""Evidence of other ports with the same container port: a pod's proxy has one protocol for it (`listener_inbound.go`)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from kubectl_meshfix.mesh import protocols
from kubectl_meshfix.mesh.ports import beside
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.port_protocols.evidence.witness import Strength, Witness
from kubectl_meshfix.resources.core import Service, ServicePort

EvidenceOf = Callable[[Mesh, Service, ServicePort], Iterable[Witness]]
"""The evidence for one port alone."""


def same_container_port(mesh: Mesh, service: Service, port: ServicePort, evidence_of: EvidenceOf) -> Iterator[Witness]:
    """What the others declare; for those that declare nothing, their own evidence, so that all of them get one protocol.

    ``tcp`` is no proof: everything works as tcp.
    """
    memos: dict[Any, dict[Any, Sequence[Witness]]] = mesh.memo("evidence of ports beside others")
    memo = memos.setdefault((id(mesh.overrides), id(mesh.measured)), {})
    for other, item in beside(mesh, service, port):
        key = (id(item), other is service)  # a port of the snapshot lives as long as its answers
        if key not in memo:
            memo[key] = tuple(_of_other(mesh, other, item, evidence_of, is_same=other is service))
        yield from memo[key]


def _of_other(mesh: Mesh, other: Service, item: ServicePort, evidence_of: EvidenceOf, *, is_same: bool) -> Iterator[Witness]:
    where = f"port {item.port} of {'this Service' if is_same else other.ref}, same container port"
    override, verdict = mesh.overrides.protocol(other, item), protocols.verdict(item)
    if override:
        yield Witness(protocol=override.protocol, strength=Strength.PROOF, text=f"{override.by} ({where})")
    elif verdict.decided_by in ("name", "appProtocol") and verdict.protocol not in (Protocol.UNSUPPORTED, Protocol.UDP):
        strength = Strength.CLAIM if verdict.protocol is Protocol.TCP else Strength.PROOF
        yield Witness(protocol=verdict.protocol, strength=strength, text=where)
    else:
        for witness in evidence_of(mesh, other, item):
            yield msgspec.structs.replace(witness, text=f"{witness.text} ({where})")
