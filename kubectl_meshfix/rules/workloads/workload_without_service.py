"""MF203: no Service selects a workload that serves clients, or one that was meant to."""

import re
from collections.abc import Iterator

from kubectl_meshfix.fixes import selector_typos
from kubectl_meshfix.fixes.fix import manual
from kubectl_meshfix.injection.membership import WORKLOAD_INPUTS, in_mesh
from kubectl_meshfix.mesh import protocols
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import ContainerPort, Service
from kubectl_meshfix.resources.foreign_routes import Canary
from kubectl_meshfix.resources.istio_networking import ServiceEntry
from kubectl_meshfix.resources.workloads import StatefulSet
from kubectl_meshfix.rules.rule import Finding, Rule, Severity
from kubectl_meshfix.rules.workloads import HOUSEKEEPING, applications

_OF_OTHERS = re.compile(r"(serving\.knative\.dev|dapr\.io)/")
"""Labels and annotations of pods for which a controller makes the Service: Knative's, and dapr's."""


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each workload with a port for others that no Service and no ServiceEntry selects, where the Services are known.

    Either a Service nearly selects it, or it is in the mesh and a port is named like a server's. What runs to completion serves no
    clients, agents of DaemonSets are called by their node's address, and some controllers make Services themselves.
    """
    for workload in applications(mesh):
        offered = _offered(workload)
        if not offered or workload.runs_to_completion or workload.kind is kinds.DAEMON_SET or workload.spec.host_network:
            continue
        if not mesh.knows(kinds.SERVICE, workload.namespace):
            continue
        if mesh.services_selecting(workload.namespace, workload.labels) or _is_in_a_service_entry(mesh, workload):
            continue
        near = _nearly_selecting(mesh, workload)
        if not near and (_gets_a_service(mesh, workload) or not (_has_a_server(offered) and in_mesh(mesh, workload))):
            continue
        numbers = ", ".join(str(port.container_port) for port in offered)
        yield Finding(
            resource=workload.ref,
            path=f"{workload.template_path}/metadata/labels",
            message=f"The pods offer port {numbers}, but no Service selects them. The mesh cannot route to them; calls may lack mTLS.",
            evidence=(_labels(workload), f"no Service or ServiceEntry in {workload.namespace} selects them", *near),
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


def _nearly_selecting(mesh: Mesh, workload: Workload) -> tuple[str, ...]:
    """The Services that were most likely meant to select this workload, each as a line of evidence.

    They select nothing, or, as the one that a StatefulSet names, need not even be there.
    """
    match workload.object:
        case StatefulSet(spec=spec) if spec.service_name:
            return (f"the StatefulSet names {spec.service_name} as its Service",)
    return tuple(
        f"{service.ref} selects no pods, and nearly these: {selector_typos.spelt(service.spec.selector)}"
        for service in mesh.within(Service, workload.namespace)
        if service.spec.selector and not mesh.workloads_selected(service.spec.selector, service.namespace)
        if service.name == workload.name or selector_typos.nearly_selected(service.spec.selector, [workload]) is not None
    )


def _gets_a_service(mesh: Mesh, workload: Workload) -> bool:
    """Whether a controller makes the Service: Flagger for the target of a Canary, Knative and dapr for pods with their labels."""
    if any(map(_OF_OTHERS.match, (*workload.labels, *workload.annotations))):
        return True
    targets = (canary.spec.target_ref for canary in mesh.within(Canary, workload.namespace))
    return any((target.kind, target.name) == (workload.kind.kind, workload.name) for target in targets)


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
    optional=(kinds.SERVICE_ENTRY, kinds.CANARY, *WORKLOAD_INPUTS),
    summary="No Service selects the pods of a workload that serves clients",
    check=check,
)
