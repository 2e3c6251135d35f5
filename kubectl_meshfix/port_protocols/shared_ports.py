"""Container ports to which several Services give different protocols; a server's proxy has one for each (`listener_inbound.go`)."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.fixes.corrections import few
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety, manual
from kubectl_meshfix.injection.membership import Mode, in_mesh, membership
from kubectl_meshfix.mesh.ports import Target, likeness, targets
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.port_protocols import declaring, risks
from kubectl_meshfix.port_protocols.evidence import Strength, pods

ALIKE = (
    frozenset({Protocol.HTTP, Protocol.HTTP_PROXY}),
    frozenset({Protocol.HTTP2, Protocol.GRPC}),
    frozenset({Protocol.TCP, Protocol.TLS, Protocol.HTTPS, Protocol.REDIS, Protocol.MYSQL, Protocol.MONGO}),
)
"""Protocols a server's proxy treats alike, or, of the databases, but for their statistics (`networking.go`, `cluster_builder.go`)."""


class Conflict(NamedTuple):
    """Service ports of one container port: the ``first``, whose protocol the server's proxy uses, and those that declare another.

    A port ``before`` them declares nothing: then the server's proxy sniffs the container port.
    """

    number: int
    first: Target
    others: tuple[Target, ...]
    before: Target | None = None

    @property
    def other(self) -> Target:
        """One of the others, which the server's proxy treats differently if there is such a one."""
        return next((item for item in self.others if not _is_alike(self.first.protocol, item.protocol)), self.others[0])

    @property
    def is_harmless(self) -> bool:
        """Whether the server's proxy treats all of them alike."""
        return _is_alike(self.first.protocol, self.other.protocol)


def conflicts(mesh: Mesh, workload: Workload) -> Iterator[Conflict]:
    """Each container port, of pods with a sidecar, for which Services declare different protocols.

    Ambient's proxies use the protocol of the Service that is called, so there is no conflict. A TCP port that is declared as UDP has
    no listener at all. One that declares nothing contradicts nobody.
    """
    found = membership(mesh, workload)
    if not isinstance(found.injected, Unknown) and (found.mode is Mode.AMBIENT or not in_mesh(mesh, workload)):
        return
    memo: dict[Any, tuple[Conflict, ...]] = mesh.memo("conflicts of ports")
    key = likeness(workload)
    if key not in memo:
        memo[key] = tuple(_conflicts(mesh, workload))
    yield from memo[key]


def _conflicts(mesh: Mesh, workload: Workload) -> Iterator[Conflict]:
    by_number: dict[int, list[Target]] = defaultdict(list)
    for target in targets(mesh, workload):
        if target.protocol is not Protocol.UDP:
            by_number[target.number].append(target)
    for number, (oldest, *_) in sorted(by_number.items()):
        first, *rest = [item for item in by_number[number] if item.protocol is not Protocol.UNSUPPORTED] or [oldest]
        others = (item for item in rest if item.protocol is not first.protocol and item.service.name != first.service.name)
        if differing := tuple(others):
            yield Conflict(number, first, differing, oldest if oldest is not first else None)


def _is_alike(one: Protocol, other: Protocol) -> bool:
    return any({one, other} <= group for group in ALIKE)


def align(mesh: Mesh, workload: Workload, conflict: Conflict) -> Fix:
    """Declare one protocol on all ports: an explicit one, else what the pods' probes prove, else the one that is in force today."""
    ports = (conflict.first, *conflict.others)
    explicit = {override.protocol for target in ports if (override := mesh.overrides.protocol(target.service, target.port))}
    proven = {witness.protocol for witness in pods.containers(workload, conflict.number) if witness.strength is Strength.PROOF}
    declared = {target.protocol for target in ports}
    in_force = {conflict.first.protocol} if conflict.before is None else set()
    candidates = (
        (explicit, "as you set"),
        (proven if proven <= declared else set(), "which the pods' probe uses"),
        (in_force, "the protocol in force today" if is_age_known(conflict) else f"as {conflict.first.service.name} declares"),
        (declared, "as they declare"),
    )
    wanted, why = next(row for row in candidates if row[0])
    if len(wanted) > 1:
        summary = f"Decide which protocol container port {conflict.number} speaks."
        return manual(summary, why=f"{' and '.join(sorted(wanted))} are both declared for it.")
    (protocol,) = wanted
    patches: list[Patch] = []
    for target in ports:
        if target.protocol is not protocol:
            patches += declaring.set_app_protocol(target.service, target.position, protocol, Safety.UNSAFE, "").patches
    names = sorted({patch.resource.name for patch in patches})
    summary = f'Set appProtocol "{protocol}" on the port of {few(names)}, {why}.'
    return Fix(summary=summary, safety=Safety.UNSAFE, risk=risks.of_declaring(protocol), patches=tuple(patches))


def is_age_known(conflict: Conflict) -> bool:
    """Whether the first Service is known to be the oldest; without ages, as in files, it is first by name."""
    return bool(conflict.first.service.metadata.creation_timestamp)
