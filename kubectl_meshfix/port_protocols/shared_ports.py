"""Container ports to which several Services give different protocols; a server's proxy has one for each (`listener_inbound.go`)."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.fixes.corrections import few
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety, manual
from kubectl_meshfix.injection.membership import Mode, in_mesh, membership
from kubectl_meshfix.mesh.ports import Target, likeness, targets
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.port_protocols import declaring, risks, unnoticed
from kubectl_meshfix.port_protocols.evidence import pods, routes

ALIKE = (
    frozenset({Protocol.HTTP, Protocol.HTTP_PROXY}),
    frozenset({Protocol.HTTP2, Protocol.GRPC}),
    frozenset({Protocol.TCP, Protocol.TLS, Protocol.HTTPS, Protocol.REDIS, Protocol.MYSQL, Protocol.MONGO}),
)
"""Protocols a server's proxy treats alike, or, of the databases, but for their statistics (`networking.go`, `cluster_builder.go`)."""


class Conflict(msgspec.Struct, frozen=True):
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
        return next((item for item in self.others if not is_alike(self.first.protocol, item.protocol)), self.others[0])

    @property
    def is_harmless(self) -> bool:
        """Whether the server's proxy treats all of them alike."""
        return is_alike(self.first.protocol, self.other.protocol)


def conflicts(mesh: Mesh, workload: Workload) -> Iterator[Conflict]:
    """Each container port, of pods with a sidecar, for which Services declare different protocols.

    Ambient's proxies use the protocol of the Service that is called, so there is no conflict. A TCP port that is declared as UDP has
    no listener at all. One that declares nothing contradicts nobody.
    """
    memo: dict[Any, tuple[Conflict, ...]] = mesh.memo("conflicts of ports")
    key = likeness(mesh, workload)
    if key not in memo:
        memo[key] = tuple(_conflicts(mesh, workload))
    if not memo[key]:
        return
    found = membership(mesh, workload)
    if isinstance(found.injected, Unknown) or (found.mode is not Mode.AMBIENT and in_mesh(mesh, workload)):
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


def is_alike(one: Protocol, other: Protocol) -> bool:
    """Whether a server's proxy treats two protocols alike."""
    return any({one, other} <= group for group in ALIKE)


def align(mesh: Mesh, workload: Workload, conflict: Conflict) -> Fix:
    """Declare one protocol on all ports, where what is known of them leaves one; else by hand.

    In this order: an explicit one, what the pods' probes prove, what routes to the ports say, the one in force today, what is declared.
    But for an explicit one, it has to fit all that is declared, routed and proven.
    """
    ports = (conflict.first, *conflict.others)
    explicit = {override.protocol for target in ports if (override := mesh.overrides.protocol(target.service, target.port))}
    proven = {witness.protocol for witness in pods.probes(workload, conflict.number)}
    routed = {witness.protocol for target in ports for witness in routes.to_port(mesh, target.service, target.port)}
    declared = {target.protocol for target in ports}
    candidates = [
        *((protocol, "which the pods' probe uses") for protocol in sorted(proven & declared)),
        *((protocol, "as the routes to it do") for protocol in sorted(routed & declared)),
    ]
    if is_age_known(conflict) and conflict.before is None:
        candidates.append((conflict.first.protocol, "the protocol in force today"))
    elif not is_age_known(conflict):
        candidates += ((target.protocol, f"as {target.service.name} declares") for target in ports)
    known = declared | routed | proven
    fitting = ((protocol, why) for protocol, why in candidates if known.isdisjoint(_excluded_by(protocol)))
    chosen = next(((protocol, "as you set") for protocol in explicit), None) if explicit else next(fitting, None)
    if chosen is None or len(explicit) > 1:
        summary = f"Decide which protocol container port {conflict.number} speaks, or give each Service a port of its own."
        return manual(summary, why=f"{few(sorted(map(str, explicit if len(explicit) > 1 else declared)))} are declared for it.")
    return _declare(mesh, ports, *chosen)


def _excluded_by(protocol: Protocol) -> frozenset[Protocol]:
    """What a container port does not speak where one protocol is declared for all of it.

    TCP takes routes and metrics from what is HTTP. HTTP/1.1 fails gRPC, and HTTP/2 fails WebSockets and servers of HTTP/1.1.
    """
    if protocol not in HTTP_LIKE:
        return HTTP_LIKE
    return HTTP_LIKE - risks.HTTP2 if protocol in risks.HTTP2 else risks.HTTP2


def _declare(mesh: Mesh, ports: tuple[Target, ...], protocol: Protocol, why: str) -> Fix:
    patches: list[Patch] = []
    for target in ports:
        if target.protocol is not protocol:
            patches += declaring.set_app_protocol(target.service, target.position, protocol, Safety.UNSAFE, "").patches
    names = sorted({patch.resource.name for patch in patches})
    takes_http10 = all(unnoticed.takes_http10(mesh, target.service) for target in ports)
    is_headless = any(target.service.spec.cluster_ip == "None" and target.protocol not in HTTP_LIKE for target in ports)
    also = risks.POD_ADDRESSES if is_headless and protocol in HTTP_LIKE else ""
    return Fix(
        summary=f'Set appProtocol "{protocol}" on the port of {few(names)}, {why}.',
        safety=Safety.UNSAFE,
        risk=risks.of_declaring(protocol, takes_http10=takes_http10, also=also),
        patches=tuple(patches),
    )


def is_age_known(conflict: Conflict) -> bool:
    """Whether the first Service is known to be the oldest; without ages, as in files, it is first by name."""
    return bool(conflict.first.service.metadata.creation_timestamp)
