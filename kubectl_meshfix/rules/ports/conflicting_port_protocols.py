"""MF103: several Services give one container port different protocols."""

from collections import defaultdict
from collections.abc import Iterator

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety, manual
from kubectl_meshfix.injection.membership import WORKLOAD_INPUTS, Mode, in_mesh, membership
from kubectl_meshfix.mesh.ports import Target, targets
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.port_protocols import declaring, risks
from kubectl_meshfix.port_protocols.evidence import Strength, pods
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

ALIKE = (
    frozenset({Protocol.HTTP, Protocol.HTTP_PROXY}),
    frozenset({Protocol.HTTP2, Protocol.GRPC}),
    frozenset({Protocol.TCP, Protocol.TLS, Protocol.HTTPS, Protocol.REDIS, Protocol.MYSQL, Protocol.MONGO}),
)
"""Protocols a server's proxy treats alike, or, of the databases, but for their statistics (`networking.go`, `cluster_builder.go`)."""


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each container port of pods with a sidecar for which a younger Service's protocol loses (`listener_inbound.go`).

    Ambient's proxies go by the Service that is called, so there is nothing to lose there.
    """
    for workload in mesh.workloads:
        made = membership(mesh, workload)
        if not isinstance(made.injected, Unknown) and (made.mode is Mode.AMBIENT or not in_mesh(mesh, workload)):
            continue
        by_number: dict[int, list[Target]] = defaultdict(list)
        for target in targets(mesh, workload):
            if target.protocol is not Protocol.UDP:  # of a TCP port it is a mistake, which MF102 finds
                by_number[target.number].append(target)
        for number, sharing in sorted(by_number.items()):
            winner, *others = sharing
            losers = [other for other in others if other.protocol is not winner.protocol and other.service.name != winner.service.name]
            if losers:
                yield _finding(mesh, workload, number, winner, losers)


def _finding(mesh: Mesh, workload: Workload, number: int, winner: Target, losers: list[Target]) -> Finding:
    loser = next((item for item in losers if not _is_alike(winner.protocol, item.protocol)), losers[0])
    harmless = _is_alike(winner.protocol, loser.protocol)
    age = "older" if winner.service.metadata.creation_timestamp else "first by name (on a cluster, the oldest is)"
    effect = "which today makes no difference" if harmless else "while its callers' proxies go by it"
    return Finding(
        resource=workload.ref,
        path=_path(workload, number),
        message=f"Two Services disagree on container port {number}: {winner.service.name} says {_shown(winner.protocol)}, and wins because "
        f"it is {age}; what {loser.service.name} says, {_shown(loser.protocol)}, the server's proxy passes over without a word, {effect}.",
        evidence=tuple(f"{target.service.ref} port {target.port.port}: {_shown(target.protocol)}" for target in (winner, *losers)),
        fix=_fix(mesh, workload, number, (winner, *losers)),
        severity=Severity.INFO if harmless else None,
    )


def _is_alike(one: Protocol, other: Protocol) -> bool:
    return any({one, other} <= group for group in ALIKE)


def _path(workload: Workload, number: int) -> str:
    """Where the template declares the port, else where it would."""
    root = f"{workload.template_path}/spec/containers"
    declared = (
        f"{root}/{index}/ports/{position}/containerPort"
        for index, container in enumerate(workload.spec.containers)
        for position, port in enumerate(container.ports)
        if port.container_port == number
    )
    return next(declared, f"{root}/0/ports")


def _fix(mesh: Mesh, workload: Workload, number: int, sharing: tuple[Target, ...]) -> Fix:
    """Align all with what somebody says, else with what the pods are probed by, else with the protocol that is in force today."""
    told = {said.protocol for target in sharing if (said := mesh.overrides.protocol(target.service, target.port))}
    proven = {witness.protocol for witness in pods.containers(workload, number) if witness.strength is Strength.PROOF}
    declared = {target.protocol for target in sharing} - {Protocol.UNSUPPORTED}
    in_force = {sharing[0].protocol} - {Protocol.UNSUPPORTED}
    candidates = (
        (told, "you say so"),
        (proven if proven <= declared else set(), "the pods are probed by it"),
        (in_force, "it is in force today"),
        (declared, "one of them declares it"),
    )
    wanted, why = next(row for row in candidates if row[0])
    if len(wanted) > 1:
        return manual(f"Decide what container port {number} speaks.", why=f"{' and '.join(sorted(wanted))} are both declared for it.")
    (protocol,) = wanted
    patches: list[Patch] = []
    for target in sharing:
        if target.protocol is not protocol:
            patches += declaring.set_app_protocol(target.service, target.position, protocol, Safety.UNSAFE, "").patches
    names = ", ".join(sorted({patch.resource.name for patch in patches}))
    summary = f'Set appProtocol "{protocol}" on the port of {names}, because {why}.'
    return Fix(summary=summary, safety=Safety.UNSAFE, risk=risks.of_declaring(protocol), patches=tuple(patches))


def _shown(protocol: Protocol) -> str:
    return "nothing (it is sniffed)" if protocol is Protocol.UNSUPPORTED else str(protocol)


RULE = Rule(
    code="MF103",
    name="conflicting-port-protocols",
    severity=Severity.ERROR,
    inputs=(kinds.SERVICE, *kinds.WORKLOADS),
    optional=WORKLOAD_INPUTS,
    aliases=("IST0116",),
    summary="Services give one container port different protocols",
    check=check,
)
