"""MF104: a port that Istio keeps for itself."""

from collections.abc import Iterator

from kubectl_meshfix.injection.membership import INPUTS, in_mesh, is_gateway

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.ports import ISTIO_RESERVED, targets
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

PROXY_CONTAINERS = frozenset({"istio-proxy", "istio-init", "istio-validation"})


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each container port or target port of a meshed workload that the proxy listens on itself."""
    for workload in mesh.workloads:
        if in_mesh(mesh, workload) and not is_gateway(workload):
            yield from _declared(workload)
            yield from _targeted(mesh, workload)


def _declared(workload: Workload) -> Iterator[Finding]:
    for index, container in enumerate(workload.spec.containers):
        for position, port in enumerate(container.ports):
            if port.container_port in ISTIO_RESERVED and container.name not in PROXY_CONTAINERS:
                path = f"{workload.template_path}/spec/containers/{index}/ports/{position}/containerPort"
                yield _finding(workload, path, f"Container {container.name} listens on port {port.container_port}", port.container_port)


def _targeted(mesh: Mesh, workload: Workload) -> Iterator[Finding]:
    declared = {port.container_port for container in workload.spec.containers for port in container.ports}
    for target in targets(mesh, workload):
        if target.number in ISTIO_RESERVED and target.number not in declared:
            yield _finding(
                workload, workload.template_path or "/spec", f"{target.service.ref} leads to port {target.number}", target.number
            )


def _finding(workload: Workload, path: str, fact: str, number: int) -> Finding:
    return Finding(
        resource=workload.ref,
        path=path,
        message=f"{fact}, which Istio keeps for {ISTIO_RESERVED[number]}: whoever binds second fails to start, or requests reach the proxy "
        "instead of the application.",
        fix=manual("Let the application listen on another port, and change targetPort, probes and clients along with it."),
    )


RULE = Rule(
    code="MF104",
    name="reserved-port",
    severity=Severity.ERROR,
    inputs=kinds.WORKLOADS,
    optional=(kinds.SERVICE, *INPUTS),
    summary="An application uses a port that Istio keeps for itself",
    check=check,
)
