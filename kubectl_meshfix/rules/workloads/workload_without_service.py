"""MF203: no Service selects a workload that offers ports."""

from collections.abc import Iterator

from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import ContainerPort
from kubectl_meshfix.resources.istio_networking import ServiceEntry
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.rules.workloads import applications

HOUSEKEEPING = frozenset(
    ("admin", "debug", "health", "healthz", "jmx", "liveness", "metrics", "pprof", "probe", "prom", "prometheus", "readiness", "status")
)
"""Words in the names of ports that scrapers, kubelet and people use by the pod's address; clients do not use a Service's name for them."""


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload with a port for others that no Service and no ServiceEntry selects, where the Services are known.

    What runs to completion serves no clients, and agents of DaemonSets are called by their node's address.
    """
    for workload in applications(mesh):
        offered = _offered(workload)
        if not offered or workload.runs_to_completion or workload.kind is kinds.DAEMON_SET or workload.spec.host_network:
            continue
        if not mesh.knows(kinds.SERVICE, workload.namespace, workload.object):
            continue
        if mesh.services_selecting(workload.namespace, workload.labels) or _is_in_a_service_entry(mesh, workload):
            continue
        numbers = ", ".join(str(port.container_port) for port in offered)
        yield Finding(
            resource=workload.ref,
            path=f"{workload.template_path}/metadata/labels",
            message=f"The pods offer port {numbers}, but no Service selects them. The mesh cannot route to them; calls may lack mTLS.",
            evidence=(
                _labels(workload),
                f"no Service or ServiceEntry{f' in {space}' if (space := workload.ref.namespace) else ' beside it'} selects them",
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


def _is_in_a_service_entry(mesh: Mesh, workload: Workload) -> bool:
    selectors = (entry.spec.workload_selector for entry in mesh.within(ServiceEntry, workload.namespace))
    return any(selector.labels and is_subset(selector.labels, workload.labels) for selector in selectors if selector)


def _labels(workload: Workload) -> str:
    pairs = ", ".join(f"{key}={value}" for key, value in sorted(workload.labels.items()))
    return f"labels of its pods: {pairs}" if pairs else "its pods have no labels"


RULE = Rule(
    code="MF203",
    name="workload-without-service",
    severity=Severity.INFO,
    inputs=(kinds.SERVICE, *kinds.WORKLOADS),
    optional=(kinds.SERVICE_ENTRY,),
    summary="No Service selects the pods of a workload that has container ports",
    check=check,
)
