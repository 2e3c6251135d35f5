"""MF203: no Service selects a workload that serves clients, or one that was meant to."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection.inputs import WORKLOAD_INPUTS
from kubectl_meshfix.injection.membership import in_mesh
from kubectl_meshfix.mesh import protocols
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import ContainerPort
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.rules.workloads import HOUSEKEEPING, applications


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload with a port for others that no Service and no ServiceEntry selects, where the Services are known.

    Either a Service nearly selects it, or it is in the mesh and a port is named like a server's. What runs to completion serves no
    clients, agents of DaemonSets are called by their node's address, and some controllers make Services themselves.
    """
    for workload in applications(mesh):
        offered = _offered(workload)
        if not offered or workload.runs_to_completion or workload.kind is kinds.DAEMON_SET or workload.spec.host_network:
            continue
        if not mesh.knows(kinds.SERVICE, workload.namespace, workload.object):
            continue
        if mesh.services_selecting(workload.namespace, workload.labels):
            continue
        from kubectl_meshfix.rules.workloads import meant_services  # noqa: PLC0415 -- most have a Service

        if meant_services.is_in_a_service_entry(mesh, workload):
            continue
        near = meant_services.nearly_selecting(mesh, workload)
        if not near and (meant_services.gets_a_service(mesh, workload) or not (_has_a_server(offered) and in_mesh(mesh, workload))):
            continue
        numbers = ", ".join(str(port.container_port) for port in offered)
        yield Finding(
            resource=workload.ref,
            path=f"{workload.template_path}/metadata/labels",
            message=f"The pods offer port {numbers}, but no Service selects them. The mesh cannot route to them; calls may lack mTLS.",
            evidence=(
                _labels(workload),
                f"no Service or ServiceEntry{f' in {space}' if (space := workload.ref.namespace) else ' beside it'} selects them",
                *near,
            ),
            fix=manual("Create a Service that selects these pods, with port names such as http-api, or remove the container ports."),
        )


def _offered(workload: Workload) -> tuple[ContainerPort, ...]:
    return tuple(
        port
        for container in workload.spec.containers
        for port in container.ports
        if container.name != "istio-proxy" and port.protocol == "TCP" and HOUSEKEEPING.isdisjoint(port.name.split("-"))
    )


def _has_a_server(ports: tuple[ContainerPort, ...]) -> bool:
    """Whether a port's name declares a protocol, as the names of servers' ports do."""
    return any(protocols.of_word(port.name) is not Protocol.UNSUPPORTED for port in ports)


def _labels(workload: Workload) -> str:
    pairs = ", ".join(f"{key}={value}" for key, value in sorted(workload.labels.items()))
    return f"labels of its pods: {pairs}" if pairs else "its pods have no labels"


RULE = Rule(
    code="MF203",
    name="workload-without-service",
    severity=Severity.INFO,
    inputs=(kinds.SERVICE, *kinds.WORKLOADS),
    optional=(kinds.SERVICE_ENTRY, kinds.CANARY, *WORKLOAD_INPUTS),
    about=kinds.WORKLOADS,
    summary="No Service selects the pods of a workload that serves clients",
    check=check,
)
