"""MF103: several Services give one container port different protocols."""

from collections.abc import Iterator

from kubectl_meshfix.injection.membership import WORKLOAD_INPUTS
from kubectl_meshfix.mesh.ports import Target
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.port_protocols.shared_ports import Conflict, align, conflicts, is_age_known
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each container port for which a younger Service declares another protocol than the oldest."""
    for workload in mesh.workloads:
        for conflict in conflicts(mesh, workload):
            ports = (conflict.first, *conflict.others)
            yield Finding(
                resource=workload.ref,
                path=_path(workload, conflict.number),
                message=_message(conflict),
                evidence=(*(f"{item.service.ref} port {item.port.port}: {_shown(item.protocol)}" for item in ports), _precedence(conflict)),
                fix=align(mesh, workload, conflict),
                severity=Severity.INFO if conflict.is_harmless else None,
            )


def _message(conflict: Conflict) -> str:
    first, other = conflict.first, conflict.other
    shared = f"{first.service.name} ({_shown(first.protocol)}) and {other.service.name} ({_shown(other.protocol)})"
    fact = f"Services {shared} share container port {conflict.number}."
    if conflict.is_harmless:
        return f"{fact} The server's proxy handles both protocols alike."
    server = _use(first, "s") if is_age_known(conflict) else f"may {_use(first)}"
    return f"{fact} The server's proxy {server}; callers of {other.service.name} {_use(other)}."


def _use(target: Target, s: str = "") -> str:
    return f"sniff{s} it" if target.protocol is Protocol.UNSUPPORTED else f"use{s} {target.protocol}"


def _precedence(conflict: Conflict) -> str:
    name = conflict.first.service.name
    if is_age_known(conflict):
        return f"{name} is older, and the server's proxy uses the protocol of the oldest Service"
    return f"the server's proxy uses the protocol of the oldest Service; no ages were read, and {name} is first by name"


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


def _shown(protocol: Protocol) -> str:
    return "undeclared" if protocol is Protocol.UNSUPPORTED else str(protocol)


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
