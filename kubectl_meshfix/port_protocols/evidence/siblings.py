"""Evidence of other ports with the same container port: a pod's proxy has one protocol for it (`listener_inbound.go`)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec

from kubectl_meshfix.mesh import protocols
from kubectl_meshfix.mesh.ports import together
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.port_protocols.evidence.witness import Strength, Witness
from kubectl_meshfix.resources.core import Service, ServicePort

EvidenceOf = Callable[[Mesh, Service, ServicePort], Iterable[Witness]]
"""The evidence for one port alone."""

SHOWN = 10
"""So many ports that say the same are named; of Services that share a container port, each would else name all others."""

_SAME = ", same container port"

_Identity = tuple[int, int]


class _Port(msgspec.Struct, frozen=True):
    """A port among those that share a container port, and the numbers of the pieces of evidence that are meant."""

    service: Service
    port: ServicePort
    numbers: list[int]


def same_container_port(mesh: Mesh, service: Service, port: ServicePort, evidence_of: EvidenceOf) -> Iterator[Witness]:
    """What the others declare; for those that declare nothing, their own evidence, so that all of them get one protocol.

    ``tcp`` is no proof: everything works as tcp. Of many that say the same the first are named, and how many more there are.
    """
    memos: dict[Any, dict[Any, Any]] = mesh.memo("evidence of ports beside others")
    memo = memos.setdefault((id(mesh.overrides), id(mesh.measured)), {})

    def evidence(other: Service, item: ServicePort, *, is_same: bool) -> Sequence[Witness]:
        key = (_identity(other, item), is_same)
        if key not in memo:
            memo[key] = tuple(_of_other(mesh, other, item, evidence_of, is_same=is_same))
        kept: Sequence[Witness] = memo[key]
        return kept

    found, own = together(mesh, service, port), _identity(service, port)
    if len(found) <= SHOWN:
        for other, item in found:
            if _identity(other, item) != own:
                yield from evidence(other, item, is_same=other is service)
        return
    if id(found) not in memo:
        memo[id(found)] = _alike((other, item, evidence(other, item, is_same=False)) for other, item in found)
    groups: Sequence[Mapping[_Identity, _Port]] = memo[id(found)]
    for group in groups:
        others = [row for row in islice(group.values(), SHOWN + 1) if _identity(row.service, row.port) != own][:SHOWN]
        left = len(group) - (own in group) - len(others)
        said = [evidence(row.service, row.port, is_same=row.service is service)[number] for row in others for number in row.numbers]
        yield from said[:-1]
        yield from (msgspec.structs.replace(one, text=_and_more(one.text, left)) if left else one for one in said[-1:])


def _identity(service: Service, port: ServicePort) -> _Identity:
    """A port of a Service of the snapshot, as long as that lives; Services whose ports are equal may share them."""
    return id(service), id(port)


def _alike(rows: Iterable[tuple[Service, ServicePort, Sequence[Witness]]]) -> Sequence[Mapping[_Identity, _Port]]:
    """The ports whose evidence says the same, each by its identity."""
    groups: dict[object, dict[_Identity, _Port]] = {}
    for service, port, said in rows:
        for number, witness in enumerate(said):
            group = groups.setdefault((witness.protocol, witness.strength, witness.speaks_first, witness.allows_http2), {})
            group.setdefault(_identity(service, port), _Port(service, port, [])).numbers.append(number)
    return tuple(groups.values())


def _and_more(text: str, left: int) -> str:
    before, _, after = text.rpartition(_SAME)
    return f"{before} and {left} more{_SAME}{after}"


def _of_other(mesh: Mesh, other: Service, item: ServicePort, evidence_of: EvidenceOf, *, is_same: bool) -> Iterator[Witness]:
    where = f"port {item.port} of {'this Service' if is_same else other.ref}{_SAME}"
    override, verdict = mesh.overrides.protocol(other, item), protocols.verdict(item)
    if override:
        yield Witness(protocol=override.protocol, strength=Strength.PROOF, text=f"{override.by} ({where})")
    elif verdict.decided_by in ("name", "appProtocol") and verdict.protocol not in (Protocol.UNSUPPORTED, Protocol.UDP):
        strength = Strength.CLAIM if verdict.protocol is Protocol.TCP else Strength.PROOF
        yield Witness(protocol=verdict.protocol, strength=strength, text=where)
    else:
        for witness in evidence_of(mesh, other, item):
            yield msgspec.structs.replace(witness, text=f"{witness.text} ({where})")
