"""Which workloads a selector of Istio's objects finds, and whether files can tell."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.hosts import WorkloadEntry
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.traffic.absence import INSTALLED, is_unplaced

WORKLOADS: tuple[Kind, ...] = (*kinds.WORKLOADS, kinds.WORKLOAD_ENTRY)
"""Kinds that a selector of Istio's finds, through the pods they make or the proxies they stand for."""

_MADE_FOR_GATEWAYS = frozenset({"gateway.networking.k8s.io/gateway-name", "istio.io/gateway-name"})
_OF_INSTALLERS = frozenset({"ingressgateway", "egressgateway", "eastwestgateway"})


def selects(mesh: Mesh, labels: Mapping[str, str], namespace: str | None = None) -> bool:
    """Whether labels find a workload, a live pod or a WorkloadEntry, in one namespace or anywhere."""
    if mesh.workloads_selected(labels, namespace) or mesh.pods_selected(labels, namespace):
        return True
    entries = mesh.all(WorkloadEntry) if namespace is None else mesh.within(WorkloadEntry, namespace)
    return any(is_subset(labels, {**entry.labels, **entry.spec.labels}) for entry in entries)


def is_installed(labels: Mapping[str, str]) -> bool:
    """Whether labels find what files rarely hold: pods that istiod makes for a Kubernetes Gateway, or the gateways of Istio's charts."""
    return bool(_MADE_FOR_GATEWAYS & labels.keys()) or any(value.removeprefix("istio-") in _OF_INSTALLERS for value in labels.values())


def selects_nothing(mesh: Mesh, labels: Mapping[str, str], namespace: str) -> bool:
    """Whether labels are known to find nothing in a namespace.

    Files speak for namespaces of which they hold a workload. Of the gateways that Istio's charts install they seldom hold the workload;
    where they hold it in another namespace, that one is meant.
    """
    if selects(mesh, labels, namespace):
        return False
    if mesh.live:
        return all(mesh.knows(kind, namespace) for kind in WORKLOADS)
    if selects(mesh, labels, None if is_unplaced(mesh, namespace) else "default"):
        return False
    if is_installed(labels):
        return selects(mesh, labels) and _holds_all(mesh, namespace)
    return bool(workloads_of(mesh, namespace)) and _holds_all(mesh, namespace)


def selected_elsewhere(mesh: Mesh, labels: Mapping[str, str], namespace: str) -> tuple[str, ...]:
    """The other namespaces in which labels find a workload."""
    return tuple(sorted({item.namespace for item in mesh.workloads_selected(labels)} - {namespace}))


def _holds_all(mesh: Mesh, namespace: str = "") -> bool:
    """Whether no workload of the files was left out, in one namespace or anywhere: it may be the one that is meant."""
    return all(mesh.holds_all(kind, namespace) for kind in WORKLOADS)


def selects_nowhere(mesh: Mesh, labels: Mapping[str, str]) -> bool:
    """Whether labels are known to find nothing in the mesh. Files speak for it where they hold workloads of several namespaces."""
    if selects(mesh, labels):
        return False
    if mesh.live:
        return all(mesh.coverage(kind).is_complete for kind in WORKLOADS)
    namespaces = {item.namespace for item in mesh.workloads if not item.namespace.startswith(INSTALLED)}
    return len(namespaces) > 1 and not is_installed(labels) and _holds_all(mesh)


def misses(mesh: Mesh, labels: Mapping[str, str], namespace: str | None = None) -> tuple[str, ...]:
    """The one key for whose value there is no workload, as the last part of a JSON pointer; nothing where it takes several to fail."""
    blamed = [key for key, value in labels.items() if not selects(mesh, {key: value}, namespace)]
    return (blamed[0],) if len(blamed) == 1 else ()


def workloads_of(mesh: Mesh, namespace: str | None) -> Sequence[Workload]:
    """The workloads of a namespace, or all of them."""
    mesh.require(*kinds.WORKLOADS)
    return mesh.workloads if namespace is None else mesh.cached("workloads by namespace", _by_namespace).get(namespace, ())


def _by_namespace(mesh: Mesh) -> Mapping[str, Sequence[Workload]]:
    found: dict[str, list[Workload]] = defaultdict(list)
    for item in mesh.workloads:
        found[item.namespace].append(item)
    return dict(found)
