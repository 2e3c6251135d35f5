"""The name of the application that a workload's pods belong to, as its maintainers would write it."""

from collections.abc import Iterator, Mapping

import msgspec

from kubectl_meshfix.fixes import pod_template
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.rules.workloads import HOUSEKEEPING, VERSION
from kubectl_meshfix.rules.workloads.derived_labels import Derived

LABELS = ("service.istio.io/canonical-name", "app.kubernetes.io/name", "app")
"""Labels from which Istio reads the application's name, in this order (`pkg/kube/labels/labels.go nameLabels`)."""

OTHER_LABELS = ("k8s-app", "io.kompose.service", "run", "name", "application", "service")
"""Labels that people and other tools use for it."""

_NO_NAMES = ("service", "svc", "headless", "webhook", *HOUSEKEEPING)
"""Last words of the names of Services that are not called as their application is."""


def application_of(workload: Workload) -> str:
    """The name that Istio reads from the pods' labels, empty where they have none."""
    return next((workload.labels[label] for label in LABELS if workload.labels.get(label)), "")


class _Said(msgspec.Struct, frozen=True):
    """What a label says: whose it is (``pods``, or the object that makes them), its key and its value."""

    whose: str
    key: str
    value: str


def application(mesh: Mesh, workload: Workload) -> Derived:
    """The application's name: from the pods' own labels, else from the object's, from the one Service that selects the pods, or its name.

    A label of several workloads that no Service joins names something that they are parts of.
    """
    found = [
        Derived(said.value, f"its label {said.key}" if said.whose == "pods" else f"label {said.key} of the {workload.kind}")
        for said in _said(workload)
        if not _is_part_of(mesh, workload, said)
    ]
    services = mesh.services_selecting(workload.namespace, workload.labels)
    if len(services) == 1 and _is_named_for_application(services[0]):
        found.append(Derived(services[0].name, "name of the only Service that selects them"))
    unversioned = VERSION.sub("", workload.name)
    name = unversioned.removesuffix(f"-{workload.kind.singular}")
    without = "".join(
        (", without its version" if unversioned != workload.name else "", ", without its kind" if name != unversioned else "")
    )
    own = Derived(name[:63].rstrip("-."), f"name of the {workload.kind}{without}")
    return next((item for item in found if _is_name(workload, item.value) and pod_template.is_label_value(item.value)), own)


def _said(workload: Workload) -> Iterator[_Said]:
    for label in OTHER_LABELS:
        if value := workload.labels.get(label):
            yield _Said("pods", label, value)
    for label in LABELS:
        if not workload.is_pod and (value := workload.meta.labels.get(label)):
            yield _Said("object", label, value)


def _is_part_of(mesh: Mesh, workload: Workload, said: _Said) -> bool:
    """Whether a label's value would be the name of several workloads that are no versions of each other and share no Service."""
    saying = mesh.cached("workloads by what their labels say", _by_said).get((workload.namespace, said), ())
    named = mesh.cached("workloads by name of application", _by_application).get((workload.namespace, said.value), ())
    return any(not _are_one(mesh, workload, other) for other in (*saying, *named))


def _are_one(mesh: Mesh, workload: Workload, other: Workload) -> bool:
    """Whether two workloads are versions of one application, or a Service sends requests to both."""
    if VERSION.sub("", workload.name) == VERSION.sub("", other.name):
        return True
    shared = {service.name for service in mesh.services_selecting(other.namespace, other.labels)}
    return any(service.name in shared for service in mesh.services_selecting(workload.namespace, workload.labels))


def _by_said(mesh: Mesh) -> Mapping[tuple[str, _Said], list[Workload]]:
    index: dict[tuple[str, _Said], list[Workload]] = {}
    for workload in mesh.workloads:
        for said in _said(workload) if not workload.runs_to_completion and not _has_name(workload) else ():
            index.setdefault((workload.namespace, said), []).append(workload)
    return index


def _by_application(mesh: Mesh) -> Mapping[tuple[str, str], list[Workload]]:
    index: dict[tuple[str, str], list[Workload]] = {}
    for workload in filter(_has_name, mesh.workloads):
        index.setdefault((workload.namespace, application_of(workload)), []).append(workload)
    return index


def _has_name(workload: Workload) -> bool:
    return bool(application_of(workload))


def _is_named_for_application(service: Service) -> bool:
    """Whether a Service bears the name of its application: not that of its metrics, its webhook, or of a mere Service."""
    ports = [port.name for port in service.spec.ports]
    is_housekeeping = bool(ports) and all(not HOUSEKEEPING.isdisjoint(name.split("-")) for name in ports)
    return service.name.rpartition("-")[2] not in _NO_NAMES and not is_housekeeping


def _is_name(workload: Workload, value: str) -> bool:
    """Whether a value names anything: for years kubebuilder's scaffold wrote ``app.kubernetes.io/name: deployment``."""
    return value.lower() not in ("", workload.kind.singular)
