"""MF104: a port that Istio keeps for itself."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection.membership import WORKLOAD_INPUTS, in_mesh
from kubectl_meshfix.injection.proxy import is_gateway
from kubectl_meshfix.mesh.ports import ISTIO_RESERVED, targets
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import ContainerPort
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

PROXY_CONTAINERS = frozenset({"istio-proxy", "istio-init", "istio-validation"})

DNS = 15053
"""The one reserved port that the proxy has for UDP too."""

SERVED = frozenset({15020, 15021, 15090})
"""Ports of the proxy that answer from outside: a Service may well lead scrapers and health checks there."""


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each container port or target port of a meshed workload that the proxy listens on itself."""
    for workload in mesh.workloads:
        if in_mesh(mesh, workload) and not is_gateway(workload):
            declared = {port.container_port: path for path, name, port in _ports(workload) if name not in PROXY_CONTAINERS}
            for path, name, port in _ports(workload):
                if name not in PROXY_CONTAINERS and _is_reserved(port.container_port, port.protocol):
                    yield _finding(workload, path, f"Container {name} has port {port.container_port}", port.container_port)
            for target in targets(mesh, workload):
                if _is_reserved(target.number, target.port.protocol) and target.number not in declared and target.number not in SERVED:
                    path = workload.template_path + "/spec/containers"
                    yield _finding(workload, path, f"{target.service.ref} leads to port {target.number}", target.number)


def _ports(workload: Workload) -> Iterator[tuple[str, str, ContainerPort]]:
    """The pointer of every declared port's number, its container's name, and the port; of containers that keep running."""
    for group, containers in (("containers", workload.spec.containers), ("initContainers", workload.spec.init_containers)):
        for index, container in enumerate(containers):
            if group == "containers" or container.restart_policy == "Always":
                for position, port in enumerate(container.ports):
                    path = f"{workload.template_path}/spec/{group}/{index}/ports/{position}/containerPort"
                    yield path, container.name, port


def _is_reserved(number: int, protocol: str) -> bool:
    return number in ISTIO_RESERVED and (protocol == "TCP" or (protocol == "UDP" and number == DNS))


def _finding(workload: Workload, path: str, fact: str, number: int) -> Finding:
    return Finding(
        resource=workload.ref,
        path=path,
        message=f"{fact}, which Istio keeps for {ISTIO_RESERVED[number]}: whoever binds it second fails to start, or requests reach the "
        "proxy instead of the application.",
        evidence=(f"port {number} is among the ports that Istio lists as its own",),
        fix=manual("Let the application listen on another port, and change targetPort, probes and clients along with it."),
    )


RULE = Rule(
    code="MF104",
    name="reserved-port",
    severity=Severity.ERROR,
    inputs=kinds.WORKLOADS,
    optional=(kinds.SERVICE, *WORKLOAD_INPUTS),
    summary="An application uses a port that Istio keeps for itself",
    check=check,
)
