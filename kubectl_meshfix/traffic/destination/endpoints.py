"""Where the requests of a cluster arrive: pods, endpoints of a ServiceEntry, or whoever has the address that was called."""

from typing import Protocol

import msgspec

from kubectl_meshfix.chain.steps import Steps, Told, Where, retold, step, told
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.checks import endpoints as check
from kubectl_meshfix.traffic.destination.cluster import Cluster
from kubectl_meshfix.traffic.destination.pods import of_pods, of_workload, pod_at, selected
from kubectl_meshfix.traffic.destination.service_endpoints import Found, Wanted, going_to, names, of_service, position, words
from kubectl_meshfix.traffic.destination.service_entries import endpoints_of, outside, service_entries
from kubectl_meshfix.traffic.registry import Entry, Resolution
from kubectl_meshfix.traffic.terms.endpoints import Endpoint
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party, Plane


class Called(Protocol):
    """What a name meant to the caller (`client.address.Address`)."""

    @property
    def entry(self) -> Entry | None:
        """What registers it."""

    @property
    def address(self) -> str:
        """The address, empty where it is not known."""

    @property
    def is_pod(self) -> bool:
        """Whether it is a pod's own."""

    @property
    def pod(self) -> Workload | None:
        """Whose pod it is."""

    @property
    def without(self) -> Ref | None:
        """The workload of a caller of whose pods one is not meant."""


def endpoints(mesh: Mesh, sender: Party, cluster: Cluster, called: Called | None = None, called_port: int = 0) -> Steps[Found]:
    """The endpoints of a cluster that take requests, or may; those that are alike as one.

    ``called`` is what the caller connected to, and ``called_port`` its port: a cluster of resolution NONE sends there, whatever the subset.
    Where it is not given, the host itself is taken to be called.
    """
    entry, number = cluster.entry, cluster.port.number
    found = mesh.find(entry.resource)
    goes_to_called = cluster.resolution is Resolution.NONE
    if goes_to_called and called is not None:
        override = 0 if isinstance(found, Service) else cluster.port.target
        return (yield from endpoints_of_address(mesh, called, override or called_port or number))
    if goes_to_called and not isinstance(found, Service):
        return (yield from _direct(mesh, entry.namespace, cluster.port.target or number, ""))
    subset, labels = ("", {}) if goes_to_called else (cluster.subset, cluster.labels)
    memo, key = (
        mesh.memo("endpoints"),
        (entry.host, entry.resource.key, number, frozenset(labels.items()), subset, goes_to_called, cluster.subset_at),
    )
    if key not in memo:
        if isinstance(found, Service):
            wanted = Wanted(
                found, position(found, number), subset, labels, is_direct=found.is_headless and goes_to_called, subset_at=cluster.subset_at
            )
            memo[key] = told(of_service(mesh, wanted))
        else:
            memo[key] = told(_of_service_entry(mesh, cluster))
    known: Told[Found] = memo[key]
    result = yield from retold(known)
    if isinstance(found, Service) and found.spec.internal_traffic_policy == "Local" and sender.plane is not Plane.OUTSIDE:
        yield step(check.LOCAL, Where(found.ref, "/spec/internalTrafficPolicy"))
    return Failure.REFUSED if goes_to_called and isinstance(result, Failure) else result


def endpoints_of_address(mesh: Mesh, address: Called, port: int) -> Steps[Found]:
    """Who answers where no route rules: the pod that has the address, what kube-proxy chooses, or somebody outside."""
    entry = address.entry
    service = mesh.find(entry.resource) if entry else None
    if address.pod is not None:
        at = Where(address.pod.ref, address.pod.template_path)
        yield step(check.POD, at, address=address.address or "the address that is called", pod=str(address.pod.ref))
        pods = of_pods(mesh, mesh.pods_of(address.pod), lambda _: port) if mesh.is_live(address.pod.ref) else ()
        return _others(pods or of_workload(mesh, address.pod, port), address.without)
    if not isinstance(service, Service) or service.spec.type == "ExternalName":
        return (yield from _direct(mesh, entry.namespace if entry else "", port, address.address))
    if service.is_headless:
        pods = yield from selected(mesh, service.namespace, service.spec.selector, lambda _: port)
        found = pods if service.spec.publish_not_ready_addresses else tuple(item for item in pods if item.ready is not False)
        if found:
            return _others(_at(mesh, found, address.address), address.without)
        yield step(check.NOBODY, Where(service.ref, "/spec/selector"), host=str(service.ref))
        return Failure.REFUSED
    place = position(service, port)
    if place < 0:
        ports = ", ".join(str(item.port) for item in service.spec.ports) or "none"
        yield step(check.NO_SUCH_PORT, Where(service.ref, "/spec/ports"), host=str(service.ref), port=port, ports=ports)
        return Failure.REFUSED
    yield step(check.SERVICE, Where(service.ref, f"/spec/ports/{place}"), host=str(service.ref))
    memo = mesh.memo("endpoints of kube-proxy")
    if (service.ref.key, place) not in memo:
        memo[service.ref.key, place] = told(of_service(mesh, Wanted(service, place, with_machines=False)))
    known: Told[Found] = memo[service.ref.key, place]
    result = yield from retold(known)
    return Failure.REFUSED if isinstance(result, Failure) else result


def _others(found: tuple[Endpoint, ...], without: Ref | None) -> tuple[Endpoint, ...]:
    """The endpoints with one pod less of a workload."""
    own = [item for item in found if without is not None and item.party.workload and item.party.workload.ref == without]
    less = {id(item): msgspec.structs.replace(item, count=item.count - 1) for item in own}
    return tuple(kept for item in found if (kept := less.get(id(item), item)).count > 0)


def _of_service_entry(mesh: Mesh, cluster: Cluster) -> Steps[Found]:
    """The endpoints of ServiceEntries; those that they list are always ready."""
    entry, at = cluster.entry, Where(cluster.entry.resource, "/spec")
    found: tuple[Endpoint, ...] = ()
    for declared in service_entries(mesh, entry, cluster.port.number):
        found += yield from endpoints_of(mesh, declared, entry, cluster.port.number, cluster.labels)
    usable = tuple(item for item in found if item.ready is not False)
    if usable:
        yield going_to(usable, at)
        return usable
    if found:
        yield step(check.NOT_READY, at, host=entry.host, pods=names(found))
    elif cluster.subset:
        yield step(check.NONE_OF_SUBSET, cluster.subset_at or at, host=entry.host, subset=cluster.subset, labels=words(cluster.labels))
    else:
        yield step(check.NONE_LISTED, at, host=entry.host, port=cluster.port.number)
    return Failure.NO_ENDPOINT


def _direct(mesh: Mesh, namespace: str, port: int, address: str) -> Steps[Found]:
    """Whoever has an address."""
    pod = pod_at(mesh, address) if mesh.live else None
    if pod:
        yield step(check.POD, Where(pod.ref), address=address, pod=str(pod.ref))
        return of_pods(mesh, [pod], lambda _: port, is_ready=True)
    yield step(check.ELSEWHERE, None, address=address or "The address that is called")
    return (outside(namespace, port, address),)


def _at(mesh: Mesh, found: tuple[Endpoint, ...], address: str) -> tuple[Endpoint, ...]:
    """Of a headless Service's endpoints the one that was called, where its address is known."""
    pod = pod_at(mesh, address) if mesh.live else None
    if pod is None:
        return found
    port = found[0].port
    return of_pods(mesh, [pod], lambda _: port)
