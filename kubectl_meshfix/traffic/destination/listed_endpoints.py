"""The endpoints of Services that select no pods: EndpointSlices and Endpoints that somebody wrote."""

from collections.abc import Iterable, Iterator

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Endpoints, Pod, Service, ServicePort
from kubectl_meshfix.resources.networking import EndpointSlice
from kubectl_meshfix.traffic.destination.pods import merged, of_pods, pod_at
from kubectl_meshfix.traffic.destination.service_entries import outside
from kubectl_meshfix.traffic.terms.endpoints import Endpoint

SERVICE_NAME = "kubernetes.io/service-name"
"""The label of an EndpointSlice that names its Service."""


class _Row(msgspec.Struct, frozen=True):
    """One address, the port behind it, and the pod that it names."""

    address: str
    port: int
    is_ready: bool
    pod: str = ""


def of_service(mesh: Mesh, service: Service, port: ServicePort) -> tuple[Endpoint, ...] | None:
    """The endpoints of a Service's port, matched by the port's name; None where nobody knows them."""
    rows = [*_of_slices(mesh, service, port), *_of_endpoints(mesh, service, port)]
    if not rows:
        is_known = mesh.knows(kinds.ENDPOINT_SLICE, service.namespace) or mesh.knows(kinds.ENDPOINTS, service.namespace)
        return () if mesh.live and is_known else None
    return merged(_endpoints(mesh, service, {row.address: row for row in rows}.values()))


def _of_slices(mesh: Mesh, service: Service, port: ServicePort) -> Iterator[_Row]:
    for item in mesh.within(EndpointSlice, service.namespace):
        if item.labels.get(SERVICE_NAME) != service.name:
            continue
        numbers = [listed.port for listed in item.ports if listed.name == port.name]
        for endpoint in item.endpoints if numbers else ():
            pod = endpoint.target_ref.name if endpoint.target_ref and endpoint.target_ref.kind == "Pod" else ""
            is_ready = endpoint.conditions.ready is not False
            if is_ready or not endpoint.conditions.terminating:
                yield from (_Row(address, numbers[0], is_ready, pod) for address in endpoint.addresses)


def _of_endpoints(mesh: Mesh, service: Service, port: ServicePort) -> Iterator[_Row]:
    found = mesh.get(Endpoints, service.namespace, service.name)
    for subset in found.subsets if found else ():
        numbers = [listed.port for listed in subset.ports if listed.name == port.name]
        if numbers:
            yield from (_Row(item.ip, numbers[0], True) for item in subset.addresses)
            yield from (_Row(item.ip, numbers[0], False) for item in subset.not_ready_addresses)


def _endpoints(mesh: Mesh, service: Service, rows: Iterable[_Row]) -> Iterator[Endpoint]:
    for row in rows:
        pod = mesh.get(Pod, service.namespace, row.pod) if row.pod else pod_at(mesh, row.address) if mesh.live else None
        if pod:
            yield from of_pods(mesh, [pod], lambda _, port=row.port: port, is_ready=row.is_ready)  # type: ignore[misc]
        elif not row.pod:
            made = outside(service.namespace, row.port, row.address)
            yield made if row.is_ready else Endpoint(party=made.party, port=row.port, ready=False, address=row.address)
