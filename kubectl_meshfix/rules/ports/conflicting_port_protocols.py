"""MF103: several Services give one container port different protocols."""

from collections.abc import Iterator

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.port_protocols import evidence
from kubectl_meshfix.port_protocols.shared_ports import Conflict, align, conflicts, is_age_known
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each container port for which Services declare different protocols; one that declares none is MF101's."""
    for workload in mesh.workloads:
        for conflict in conflicts(mesh, workload):
            ports = (conflict.first, *conflict.others)
            yield Finding(
                resource=workload.ref,
                path=_path(workload, conflict.number),
                message=_message(conflict),
                evidence=(*(f"{item.service.ref} port {item.port.port}: {item.protocol}" for item in ports), _precedence(conflict)),
                fix=align(mesh, workload, conflict),
                severity=Severity.INFO if conflict.is_harmless else None,
            )


def _message(conflict: Conflict) -> str:
    first, other = conflict.first, conflict.other
    shared = f"{first.service.name} ({first.protocol}) and {other.service.name} ({other.protocol})"
    fact = f"Services {shared} share container port {conflict.number}."
    if conflict.is_harmless:
        return f"{fact} The server's proxy handles both protocols alike."
    use = "sniff it" if conflict.before else f"use {first.protocol}"
    server = use.replace(" ", "s ", 1) if is_age_known(conflict) else f"may {use}"
    return f"{fact} The server's proxy {server}; callers of {other.service.name} use {other.protocol}."


def _precedence(conflict: Conflict) -> str:
    name = (conflict.before or conflict.first).service.name
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


RULE = Rule(
    code="MF103",
    name="conflicting-port-protocols",
    severity=Severity.ERROR,
    inputs=(kinds.SERVICE, *kinds.WORKLOADS),
    optional=evidence.KINDS,
    about=kinds.WORKLOADS,
    needs=(kinds.SERVICE,),
    aliases=("IST0116",),
    summary="Services give one container port different protocols",
    check=check,
)
