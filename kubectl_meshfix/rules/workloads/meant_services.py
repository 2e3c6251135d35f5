"""Which Service was meant for a workload that none selects, and who else makes one for it."""

import re

from kubectl_meshfix.fixes import selector_typos
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.foreign_routes import Canary
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.resources.workloads import StatefulSet

_OF_OTHERS = re.compile(r"(serving\.knative\.dev|dapr\.io)/")
"""Labels and annotations of pods for which a controller makes the Service: Knative's, and dapr's."""


def nearly_selecting(mesh: Mesh, workload: Workload) -> tuple[str, ...]:
    """The Services that were most likely meant to select this workload, each as a line of evidence.

    They select nothing, or, as the one that a StatefulSet names, need not even be there.
    """
    match workload.object:
        case StatefulSet(spec=spec) if spec.service_name:
            return (f"the StatefulSet names {spec.service_name} as its Service",)
    return tuple(
        f"{service.ref} selects no pods, and nearly these: {selector_typos.spelt(service.spec.selector)}"
        for service in mesh.within(Service, workload.namespace)
        if not mesh.workloads_selected(service.spec.selector, service.namespace)
        if service.name == workload.name or selector_typos.nearly_selected(service.spec.selector, [workload]) is not None
    )


def gets_a_service(mesh: Mesh, workload: Workload) -> bool:
    """Whether a controller makes the Service: Flagger for the target of a Canary, Knative and dapr for pods with their labels."""
    if any(map(_OF_OTHERS.match, (*workload.labels, *workload.annotations))):
        return True
    targets = (canary.spec.target_ref for canary in mesh.within(Canary, workload.namespace))
    return any((target.kind, target.name) == (workload.kind.kind, workload.name) for target in targets)


def is_in_a_service_entry(mesh: Mesh, workload: Workload) -> bool:
    """Whether a ServiceEntry of its namespace selects a workload."""
    selectors = (entry.spec.workload_selector for entry in mesh.within(ServiceEntry, workload.namespace))
    return any(selector.labels and is_subset(selector.labels, workload.labels) for selector in selectors if selector)
