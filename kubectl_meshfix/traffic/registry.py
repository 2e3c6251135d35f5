"""Istio's registry: who registers a host, and from where it can be seen."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from kubectl_meshfix.mesh import control_plane, protocols
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking import ServiceEntry
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Ref, Struct
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.export_to import EVERYWHERE, exported

INPUTS: tuple[Kind, ...] = (kinds.SERVICE, kinds.SERVICE_ENTRY)
"""Kinds that register hosts."""

OPTIONAL: tuple[Kind, ...] = (*control_plane.INPUTS, kinds.KUBERNETES_GATEWAY)
"""Kinds that say who sees them by default, and for what istiod makes Services."""

EXPORT_TO = "networking.istio.io/exportTo"
"""The annotation that says who sees a Service."""


class Port(NamedTuple):
    """A registered port. ``target`` is the endpoints' port where it has a number of its own."""

    number: int
    protocol: Protocol
    target: int | None = None


class Entry(Struct, frozen=True):
    """One registration of one host; a host may have several. ``namespaces`` are those that see it, or ``*``."""

    host: str
    namespace: str
    resource: Ref
    ports: tuple[Port, ...]
    namespaces: frozenset[str]
    is_alias: bool = False
    """An ExternalName Service, whose ports are its target's (`pilot/pkg/networking/core/route/route.go GetDestinationCluster`)."""

    def is_visible(self, namespace: str) -> bool:
        """Whether proxies of a namespace know it (`pilot/pkg/model/push_context.go IsServiceVisible`)."""
        return EVERYWHERE in self.namespaces or namespace in self.namespaces


class Registry(Struct, frozen=True):
    """All entries: by host, by what follows the ``*`` of a wildcard host, and Services by their names."""

    exact: Mapping[str, list[Entry]]
    wildcard: Mapping[str, list[Entry]]
    by_name: Mapping[str, list[Entry]]
    spans_clusters: bool

    def visible(self, host: str, namespaces: Iterable[str]) -> tuple[Entry, ...]:
        """The entries that cover a full host and that some of the namespaces see; an entry of that very host hides wildcards."""
        seen_from = tuple(namespaces)

        def seen(entries: Iterable[Entry]) -> tuple[Entry, ...]:
            return tuple(entry for entry in entries if any(entry.is_visible(namespace) for namespace in seen_from))

        return seen(self.exact.get(host, ())) or (seen(self._covering(host)) if self.wildcard else ())

    def _covering(self, host: str) -> Iterator[Entry]:
        rest = host.removeprefix("*")
        for start in range(len(rest) + 1):
            yield from self.wildcard.get(rest[start:], ())


def only_covers(entries: Iterable[Entry], host: str) -> bool:
    """Whether what covers a full host are wildcards alone, which give it no cluster.

    A cluster has the name of the Service's own host, wildcard or not (`pilot/pkg/networking/core/cluster.go buildOutboundClusters`), and a
    route goes to the cluster of its destination's host as it is written (`route/route.go GetDestinationCluster`).
    """
    return all(entry.host != host for entry in entries)


def registry(mesh: Mesh) -> Registry:
    """The registry of what was read."""
    mesh.require(*INPUTS)
    return mesh.cached("registry", _registry)


def _registry(mesh: Mesh) -> Registry:
    default = control_plane.mesh_config(mesh).default_service_export_to
    exact: dict[str, list[Entry]] = defaultdict(list)
    wildcard: dict[str, list[Entry]] = defaultdict(list)
    by_name: dict[str, list[Entry]] = defaultdict(list)
    for service in mesh.all(Service):
        entry = _of_service(service, default)
        exact[entry.host].append(entry)
        by_name[service.name].append(entry)
    for service_entry in mesh.all(ServiceEntry):
        for entry in _of_service_entry(service_entry, default):
            if entry.host.startswith("*"):
                wildcard[entry.host[1:]].append(entry)
            exact[entry.host].append(entry)
    return Registry(
        exact=dict(exact), wildcard=dict(wildcard), by_name=dict(by_name), spans_clusters=any(map(_leads_to_clusters, mesh.all(Service)))
    )


def _of_service(service: Service, default: tuple[str, ...]) -> Entry:
    """`pilot/pkg/serviceregistry/kube/conversion.go ConvertService`."""
    annotated = service.metadata.annotations.get(EXPORT_TO, "")
    exports = tuple(item.strip() for item in annotated.split(",")) if annotated else default
    ports = (
        Port(port.port, protocols.verdict(port).protocol, port.target_port if isinstance(port.target_port, int) else None)
        for port in service.spec.ports
    )
    return Entry(
        host=hosts.of_service(service.name, service.namespace),
        namespace=service.namespace,
        resource=service.ref,
        ports=tuple(ports),
        namespaces=exported(exports, service.namespace),
        is_alias=service.spec.type == "ExternalName",
    )


def _of_service_entry(service_entry: ServiceEntry, default: tuple[str, ...]) -> Iterator[Entry]:
    """`pilot/pkg/serviceregistry/serviceentry/conversion.go convertServices`."""
    ports = tuple(Port(port.number, protocols.parse(port.protocol), port.target_port or None) for port in service_entry.spec.ports)
    namespaces = exported(service_entry.spec.export_to or default, service_entry.namespace)
    for host in service_entry.spec.hosts:
        yield Entry(host=host, namespace=service_entry.namespace, resource=service_entry.ref, ports=ports, namespaces=namespaces)


def _leads_to_clusters(service: Service) -> bool:
    """Whether a Service is an east-west gateway's, behind which there are clusters whose Services count here too."""
    labels = service.labels
    return (
        labels.get("istio") == "eastwestgateway"
        or "topology.istio.io/network" in labels
        or labels.get("gateway.istio.io/managed") == "istio.io-eastwest-controller"
    )
