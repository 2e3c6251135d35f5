"""MF104: a port that Istio reserves for the proxy."""

from collections.abc import Iterator, Sequence
from typing import Any

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection.inputs import WORKLOAD_INPUTS
from kubectl_meshfix.injection.membership import in_mesh
from kubectl_meshfix.injection.proxy import is_gateway
from kubectl_meshfix.mesh.ports import Target, likeness, targets
from kubectl_meshfix.mesh.reserved_ports import RESERVED, SERVED, declared_ports, is_reserved
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

PROXY_CONTAINERS = frozenset({"istio-proxy", "istio-init", "istio-validation"})

UNBOUND = "The application or the proxy cannot bind it."
MISROUTED = "Requests to it may reach the proxy instead of the application."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each container port or target port of a meshed workload that the proxy listens on itself."""
    for workload in mesh.workloads:
        found = tuple(_of_workload(mesh, workload))  # first, because few have such a port
        if found and in_mesh(mesh, workload) and not is_gateway(workload):
            yield from found


def _of_workload(mesh: Mesh, workload: Workload) -> Iterator[Finding]:
    declared = set()
    for path, name, port in declared_ports(workload):
        if name not in PROXY_CONTAINERS:
            number = port.container_port
            declared.add(number)
            if is_reserved(number, port.protocol):
                yield _finding(workload, path, number, f"Container {name} has port {number}", UNBOUND)
    for target in _reserved_targets(mesh, workload):
        if target.number not in declared:
            path = workload.template_path + "/spec/containers"
            yield _finding(workload, path, target.number, f"{target.service.ref} targets port {target.number}", MISROUTED)


def _reserved_targets(mesh: Mesh, workload: Workload) -> Sequence[Target]:
    """The Service ports that lead to a port that the proxy listens on, and does not serve: the same for workloads whose pods look alike."""
    memo: dict[Any, Sequence[Target]] = mesh.memo("reserved targets")
    key = likeness(mesh, workload)
    if key not in memo:
        found = targets(mesh, workload)
        memo[key] = [item for item in found if is_reserved(item.number, item.port.protocol) and item.number not in SERVED]
    return memo[key]


def _finding(workload: Workload, path: str, number: int, fact: str, effect: str) -> Finding:
    return Finding(
        resource=workload.ref,
        path=path,
        message=f"{fact}, which Istio reserves for {RESERVED[number]}. {effect}",
        evidence=(f"port {number} is on Istio's list of ports that the proxy uses",),
        fix=manual("Use another port in the application, its targetPort, probes and clients."),
    )


RULE = Rule(
    code="MF104",
    name="reserved-port",
    severity=Severity.ERROR,
    inputs=kinds.WORKLOADS,
    optional=(kinds.SERVICE, *WORKLOAD_INPUTS),
    about=kinds.WORKLOADS,
    summary="An application uses a port that Istio reserves",
    check=check,
)
