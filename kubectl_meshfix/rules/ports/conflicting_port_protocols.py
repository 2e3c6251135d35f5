"""MF103: several Services give one container port different protocols."""

from collections import defaultdict
from collections.abc import Iterator

from kubectl_meshfix.fixes import ports
from kubectl_meshfix.fixes.evidence import KINDS, Strength, infer
from kubectl_meshfix.fixes.fix import Fix, Patch, Safety
from kubectl_meshfix.mesh.ports import Target, targets
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload's container port for which a younger Service's protocol loses (`listener_inbound.go buildInboundChainConfigs`)."""
    for workload in mesh.workloads:
        by_number: dict[int, list[Target]] = defaultdict(list)
        for target in targets(mesh, workload):
            if target.port.protocol != "UDP":
                by_number[target.number].append(target)
        for number, sharing in sorted(by_number.items()):
            winner, *others = sharing
            losers = [other for other in others if other.protocol is not winner.protocol and other.service.name != winner.service.name]
            if losers:
                yield _finding(mesh, workload, number, winner, losers)


def _finding(mesh: Mesh, workload: Workload, number: int, winner: Target, losers: list[Target]) -> Finding:
    told = [f"{target.service.ref} port {target.port.port}: {_shown(target.protocol)}" for target in (winner, *losers)]
    loser = losers[0]
    age = "older" if winner.service.metadata.creation_timestamp else "first by name (age decides on a cluster)"
    return Finding(
        resource=workload.ref,
        path=workload.template_path or "/spec",
        message=f"Services disagree on the protocol of container port {number}: {winner.service.name} says {_shown(winner.protocol)} and "
        f"wins because it is {age}; {loser.service.name} says {_shown(loser.protocol)} and is silently ignored by the server's proxy, "
        "while clients still follow it.",
        evidence=tuple(told),
        fix=_fix(mesh, workload, (winner, *losers)),
    )


def _fix(mesh: Mesh, workload: Workload, sharing: tuple[Target, ...]) -> Fix:
    """Align all with the protocol that the pods themselves bear witness to, else with the one that is in force today."""
    winner = sharing[0]
    witnesses = [witness for witness in infer(mesh, winner.service, winner.port).witnesses if workload.name in witness.text]
    proven = {witness.protocol for witness in witnesses if witness.strength is Strength.PROOF}
    declared = {target.protocol for target in sharing} - {Protocol.UNSUPPORTED}
    protocol = proven.pop() if len(proven) == 1 and proven <= declared else winner.protocol
    if protocol is Protocol.UNSUPPORTED:
        protocol = min(declared)
    patches: list[Patch] = []
    for target in sharing:
        if target.protocol is not protocol:
            patches += ports.set_app_protocol(target.service, target.position, protocol, Safety.UNSAFE, "").patches
    names = ", ".join(sorted({patch.resource.name for patch in patches}))
    return Fix(summary=f'Set appProtocol "{protocol}" on the port of {names}.', safety=Safety.UNSAFE, patches=tuple(patches))


def _shown(protocol: Protocol) -> str:
    return "nothing (sniffed)" if protocol is Protocol.UNSUPPORTED else str(protocol)


RULE = Rule(
    code="MF103",
    name="conflicting-port-protocols",
    severity=Severity.ERROR,
    inputs=(kinds.SERVICE, *kinds.WORKLOADS),
    optional=KINDS,
    aliases=("IST0116",),
    summary="Services give one container port different protocols",
    check=check,
)
