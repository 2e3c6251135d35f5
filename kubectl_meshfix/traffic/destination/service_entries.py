"""The endpoints of ServiceEntries, and WorkloadEntries as endpoints (`pilot/pkg/serviceregistry/serviceentry/conversion.go`)."""

import ipaddress
from collections.abc import Iterator, Mapping

import msgspec

from kubectl_meshfix.chain.steps import Steps
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.gateways import ServerPort
from kubectl_meshfix.resources.istio_networking.hosts import Endpoint as Listed
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry, WorkloadEntry
from kubectl_meshfix.traffic.destination.pods import TLS_MODE, merged, of_pods, pod_at, selected
from kubectl_meshfix.traffic.registry import Entry, Resolution
from kubectl_meshfix.traffic.terms.endpoints import Endpoint
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from kubectl_meshfix.traffic.workload_selectors import selects_nothing

_DNS = (Resolution.DNS, Resolution.DNS_ROUND_ROBIN)


def service_entry(mesh: Mesh, entry: Entry) -> ServiceEntry | None:
    """The ServiceEntry that registers a host; None for a Service."""
    found = mesh.find(entry.resource)
    return found if isinstance(found, ServiceEntry) else None


def service_entries(mesh: Mesh, entry: Entry, port: int) -> tuple[ServiceEntry, ...]:
    """All that register a host and port in its namespace: their endpoints are added up (`pilot/pkg/model/endpointshards.go`)."""
    found = mesh.within(ServiceEntry, entry.namespace)
    return tuple(item for item in found if entry.host in item.spec.hosts and any(listed.number == port for listed in item.spec.ports))


def has_no_source(mesh: Mesh, entry: Entry, labels: Mapping[str, str]) -> bool:
    """Whether a host of type DNS, or its subset with ``labels``, is known to have no endpoint: istiod makes no cluster for it then.

    The host itself, which is the endpoint where none is listed, has no labels (`core/cluster_builder.go buildCluster`).
    """
    found = service_entry(mesh, entry) if entry.resolution in _DNS else None
    if found is None or len([item for item in mesh.within(ServiceEntry, entry.namespace) if entry.host in item.spec.hosts]) > 1:
        return False
    selector = found.spec.workload_selector
    if selector and selector.labels:
        return selects_nothing(mesh, {**selector.labels, **labels}, found.namespace)
    return not any(is_subset(labels, item.labels) for item in found.spec.endpoints or (Listed(),))


def endpoints_of(mesh: Mesh, entry: ServiceEntry, registered: Entry, number: int, labels: Mapping[str, str]) -> Steps[tuple[Endpoint, ...]]:
    """The endpoints of one host and port of a ServiceEntry that carry all ``labels``, a subset's.

    Of type DNS without any, the host itself is the endpoint. Where the entry that proxies know, ``registered``, is of another type, those
    with a host name for an address do not count.
    """
    port = next((item for item in entry.spec.ports if item.number == number), ServerPort(number=number))
    if entry.spec.workload_selector and entry.spec.workload_selector.labels:
        wanted = {**entry.spec.workload_selector.labels, **labels}
        target = port.target_port or port.number
        pods = yield from selected(mesh, entry.namespace, wanted, lambda _: target)
        return (*pods, *machines(mesh, entry.namespace, wanted, port))
    listed = entry.spec.endpoints or ((Listed(address=registered.host),) if entry.spec.resolution in _DNS else ())
    resolves = registered.resolution in _DNS
    usable = (item for item in listed if (resolves or _is_address(item.address)) and is_subset(labels, item.labels))
    return merged(_of_listed(mesh, item, entry.namespace, port) for item in usable)


def machines(mesh: Mesh, namespace: str, labels: Mapping[str, str], port: ServerPort, *, with_names: bool = True) -> Iterator[Endpoint]:
    """The WorkloadEntries with all labels as endpoints; Services take only those whose address is one, and no host name."""
    for item in mesh.within(WorkloadEntry, namespace):
        carried = {**item.spec.labels, **item.labels}
        if is_subset(labels, carried) and (with_names or _is_address(item.spec.address)):
            yield _machine(item.spec, carried, namespace, port)


def outside(namespace: str, port: int, address: str = "") -> Endpoint:
    """An endpoint that nobody here makes."""
    return Endpoint(party=Party(plane=Plane.OUTSIDE, namespace=namespace), port=port, address=address)


def _of_listed(mesh: Mesh, item: Listed, namespace: str, port: ServerPort) -> Endpoint:
    """A listed endpoint; where it is the address of a live pod, that pod answers."""
    made = _machine(item, item.labels, namespace, port)
    pod = pod_at(mesh, item.address)
    found = of_pods(mesh, [pod], lambda _: made.port, is_ready=True) if pod else ()
    return msgspec.structs.replace(made, party=found[0].party) if found else made


def _machine(item: Listed, labels: Mapping[str, str], namespace: str, port: ServerPort) -> Endpoint:
    """An endpoint that takes the mesh's TLS where its label says so, or else where it has a service account: it runs a proxy then."""
    has_tls = labels.get(TLS_MODE, "istio" if item.service_account else "") == "istio"
    return Endpoint(
        party=Party(
            plane=Plane.SIDECAR if has_tls else Plane.OUTSIDE, namespace=namespace, labels=labels, service_account=item.service_account
        ),
        port=item.ports.get(port.name) or port.target_port or port.number,
        address=item.address,
        has_tls_label=has_tls,
    )


def _is_address(text: str) -> bool:
    """Whether an endpoint's address is an IP address or a Unix socket."""
    if text.startswith("unix://"):
        return True
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
