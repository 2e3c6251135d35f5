"""Istio's registry: who registers a host, and from where it can be seen."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

import msgspec

from kubectl_meshfix.mesh import control_plane, protocols
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Ref, Struct
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.export_to import EVERYWHERE, exported

INPUTS: tuple[Kind, ...] = (kinds.SERVICE, kinds.SERVICE_ENTRY)
"""Kinds that register hosts."""

OPTIONAL: tuple[Kind, ...] = (*control_plane.INPUTS, kinds.KUBERNETES_GATEWAY)
"""Kinds that say who sees them by default, and for what istiod makes Services."""

NO_AUTOMATIC_ADDRESS = "networking.istio.io/enable-autoallocate-ip"
"""The label that refuses an address of istiod's, where it is ``false``."""

EXPORT_TO = "networking.istio.io/exportTo"
"""The annotation that says who sees a Service."""


class Port(msgspec.Struct, frozen=True):
    """A registered port. ``target`` is the endpoints' port where it has a number of its own."""

    number: int
    protocol: Protocol
    target: int | None = None


class Resolution(StrEnum):
    """How Envoy finds a host's endpoints (`pilot/pkg/model/service.go Resolution`)."""

    STATIC = "STATIC"
    """Endpoints that istiod tells: those of Services, and of ServiceEntries that list or select theirs."""
    DNS = "DNS"
    DNS_ROUND_ROBIN = "DNS_ROUND_ROBIN"
    DYNAMIC_DNS = "DYNAMIC_DNS"
    NONE = "NONE"
    """The address that the caller asked for: ServiceEntries that say so or nothing, and headless Services."""


class Entry(Struct, frozen=True):
    """One registration of one host; a host may have several. ``namespaces`` are those that see it, or ``*``."""

    host: str
    namespace: str
    resource: Ref
    ports: tuple[Port, ...]
    namespaces: frozenset[str]
    resolution: Resolution = Resolution.STATIC
    is_external: bool = False
    """Outside of the mesh: a ServiceEntry whose location is not MESH_INTERNAL."""
    addresses: tuple[str, ...] = ()
    """Its addresses as they are written, ranges too; none for a Service whose address is not known, and for headless ones."""
    is_alias: bool = False
    """An ExternalName Service, whose ports are its target's (`pilot/pkg/networking/core/route/route.go GetDestinationCluster`)."""
    alias_for: str = ""
    """The host that an ExternalName Service names, as it is written."""
    created: str = ""
    """When its object was made (RFC 3339); empty where that is not known. Of two that conflict the older one counts."""
    lists_endpoints: bool = False
    """Whether it is a ServiceEntry that lists its endpoints, or selects them."""
    has_automatic_address: bool = False
    """Whether istiod gives it an address of its own, which proxies with DNS capture use."""

    @property
    def is_kubernetes(self) -> bool:
        """Whether it is a Service of Kubernetes."""
        return self.resource.kind == "Service"

    @property
    def is_headless(self) -> bool:
        """Whether its name leads to the pods themselves."""
        return self.is_kubernetes and self.resolution is Resolution.NONE and not self.is_alias

    @property
    def age(self) -> tuple[str, str, str]:
        """Its place among all: the oldest comes first, then names decide (`SortServicesByCreationTime`)."""
        return self.created, self.resource.name if self.is_kubernetes else self.host, self.namespace

    def port(self, number: int) -> Port | None:
        """Its port of a number; where TCP and UDP share it, that of TCP."""
        found = [port for port in self.ports if port.number == number]
        return next((port for port in found if port.protocol is not Protocol.UDP), found[0] if found else None)

    def is_visible(self, namespace: str) -> bool:
        """Whether proxies of a namespace know it (`pilot/pkg/model/push_context.go IsServiceVisible`)."""
        return EVERYWHERE in self.namespaces or namespace in self.namespaces


_RESOLUTIONS = frozenset(Resolution)


class Registry(Struct, frozen=True):
    """All entries: by host, by what follows the ``*`` of a wildcard host, and Services by their names."""

    exact: Mapping[str, list[Entry]]
    wildcard: Mapping[str, list[Entry]]
    by_name: Mapping[str, list[Entry]]
    spans_clusters: bool

    def visible(self, host: str, namespaces: Iterable[str]) -> tuple[Entry, ...]:
        """The entries that cover a full host and that proxies of some of the namespaces use; one of that very host hides wildcards."""
        seen_from = frozenset(namespaces)
        exports = {EVERYWHERE, *seen_from} if seen_from else seen_from
        exact = self.exact.get(host, ())
        if len(exact) == 1 and not exports.isdisjoint(exact[0].namespaces):
            return (exact[0],)

        def seen(entries: Iterable[Entry]) -> tuple[Entry, ...]:
            return tuple(entry for entry in entries if not exports.isdisjoint(entry.namespaces))

        used = {entry.resource for namespace in seen_from for entry in _used(exact, namespace)} if len(exact) > 1 else set()
        return (
            tuple(entry for entry in exact if entry.resource in used)
            or seen(exact)
            or (seen(self._covering(host)) if self.wildcard else ())
        )

    def _covering(self, host: str) -> Iterator[Entry]:
        rest = host.removeprefix("*")
        for start in range(len(rest) + 1):
            yield from self.wildcard.get(rest[start:], ())


def home_used(entries: Iterable[Entry], namespace: str) -> str:
    """Of the entries of one host, the oldest first, the namespace of those that proxies of a namespace use.

    It is the proxies' own, else that of a Service of Kubernetes, else that of the oldest (`pilot/pkg/model/sidecar.go selectServices`).
    """
    found = tuple(entries)
    if any(entry.namespace == namespace for entry in found):
        return namespace
    return next((entry for entry in found if entry.is_kubernetes), found[0]).namespace


def _used(entries: Iterable[Entry], namespace: str) -> tuple[Entry, ...]:
    """Of the entries of one host those that proxies of a namespace use: all of one namespace; all where nobody knows which that is."""
    visible = sorted((entry for entry in entries if entry.is_visible(namespace)), key=lambda entry: entry.age)
    is_known = all(entry.created for entry in visible) or any(entry.is_kubernetes or entry.namespace == namespace for entry in visible)
    home = home_used(visible, namespace) if visible and is_known else ""
    return tuple(entry for entry in visible if home in ("", entry.namespace))


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
        resolution=Resolution.NONE if service.is_headless else Resolution.STATIC,
        addresses=(service.spec.cluster_ip,) if service.spec.cluster_ip not in ("", "None") else (),
        is_alias=service.spec.type == "ExternalName",
        alias_for=service.spec.external_name if service.spec.type == "ExternalName" else "",
        created=service.metadata.creation_timestamp or "",
    )


def _of_service_entry(service_entry: ServiceEntry, default: tuple[str, ...]) -> Iterator[Entry]:
    """`pilot/pkg/serviceregistry/serviceentry/conversion.go convertServices`."""
    ports = tuple(Port(port.number, protocols.parse(port.protocol), port.target_port or None) for port in service_entry.spec.ports)
    spec = service_entry.spec
    for host in spec.hosts:
        yield Entry(
            host=host,
            namespace=service_entry.namespace,
            resource=service_entry.ref,
            ports=ports,
            namespaces=exported(spec.export_to or default, service_entry.namespace),
            resolution=Resolution(spec.resolution) if spec.resolution in _RESOLUTIONS else Resolution.NONE,
            is_external=spec.location != "MESH_INTERNAL",
            addresses=spec.addresses or (),
            created=service_entry.metadata.creation_timestamp or "",
            lists_endpoints=bool(spec.endpoints or spec.workload_selector),
            has_automatic_address=has_automatic_address(service_entry),
        )


def has_automatic_address(service_entry: ServiceEntry) -> bool:
    """Whether istiod gives a ServiceEntry's hosts addresses (`pilot/pkg/serviceregistry/serviceentry/util.go ShouldV2AutoAllocateIP`)."""
    spec = service_entry.spec
    is_refused = service_entry.labels.get(NO_AUTOMATIC_ADDRESS, "").lower() == "false"
    return not spec.addresses and spec.resolution not in ("", "NONE") and not is_refused


def _leads_to_clusters(service: Service) -> bool:
    """Whether a Service is an east-west gateway's, behind which there are clusters whose Services count here too."""
    labels = service.labels
    return (
        labels.get("istio") == "eastwestgateway"
        or "topology.istio.io/network" in labels
        or labels.get("gateway.istio.io/managed") == "istio.io-eastwest-controller"
    )
