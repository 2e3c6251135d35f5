"""Who refers to a Service's port by its name, so that a rename would break it."""

from collections.abc import Iterator

from kubectl_meshfix.fixes import port_name_mentions
from kubectl_meshfix.mesh.selectors import is_subset, matches
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.port_protocols import foreign_routes, spelt_references
from kubectl_meshfix.port_protocols.reference import Reference
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Endpoints, Service
from kubectl_meshfix.resources.istio_networking.hosts import WorkloadEntry
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.resources.networking import EndpointSlice, Ingress, IngressBackend, Route, ServiceMonitor
from kubectl_meshfix.resources.port_references import VMServiceScrape, WorkloadGroup

REFERRING: tuple[Kind, ...] = (
    kinds.INGRESS,
    kinds.ROUTE,
    kinds.SERVICE_MONITOR,
    kinds.VM_SERVICE_SCRAPE,
    kinds.WORKLOAD_ENTRY,
    kinds.WORKLOAD_GROUP,
    *foreign_routes.KINDS,
    *spelt_references.SPELT,
    *spelt_references.SECTIONED,
)
"""Kinds that may refer to a port by name."""

KINDS: tuple[Kind, ...] = tuple(dict.fromkeys((*REFERRING, *spelt_references.ROUTERS, *port_name_mentions.KINDS)))
"""All kinds that are searched for a port's name, or for who sends requests to a Service."""

EXPOSING: tuple[Kind, ...] = (kinds.INGRESS, kinds.ROUTE, *foreign_routes.TRAEFIK, *spelt_references.ROUTERS)
"""Kinds that expose a Service to clients outside of the mesh."""

_NEAR = spelt_references.NEAR | {kinds.INGRESS, kinds.ROUTE, kinds.WORKLOAD_ENTRY, kinds.WORKLOAD_GROUP, kinds.TARGET_GROUP_BINDING}
"""Kinds that refer to Services of their own namespace only."""

BY_HAND: tuple[Kind, ...] = (kinds.ENDPOINTS, kinds.ENDPOINT_SLICE)
"""Kinds that name the ports of a Service without a selector; they are many, and read only with ``--port-fix rename``."""

_CONTROLLERS = frozenset({"endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io"})


def to_port(mesh: Mesh, service: Service, name: str) -> tuple[Reference, ...]:
    """Everything that was read and names this port of this Service.

    A Service of files may be judged beside several copies of others: what names its port beside any of them counts. What is also beside
    a copy of the Service itself cannot be changed along, because that one's port keeps its name.
    """
    if not name:
        return ()
    beside = mesh.holding(service.ref)
    found = dict.fromkeys(reference for one in beside for reference in _to_port(one, service, name))
    return tuple(found) if len(beside) == 1 else tuple(_as_shared(mesh, reference, len(beside)) for reference in found)


def _as_shared(mesh: Mesh, reference: Reference, beside: int) -> Reference:
    """A reference as it is, or without its path where it is beside more than the Service is."""
    is_shared = reference.path and len(mesh.holding(reference.resource)) > beside
    return Reference(reference.resource, "", "names a port of that name of its copies too") if is_shared else reference


def _to_port(mesh: Mesh, service: Service, name: str) -> tuple[Reference, ...]:
    routed = (Reference(row.resource, row.path) for row in foreign_routes.routes_to(mesh, service) if row.port == name)
    spelt = spelt_references.spelt(mesh, service, name)
    kept = (*spelt, *_entries(mesh, service, name), *_mentions(mesh, service, name))
    return (*_ingresses(mesh, service, name), *_routes(mesh, service, name), *_monitors(mesh, service, name), *routed, *kept)


def by_hand(mesh: Mesh, service: Service, name: str) -> tuple[Reference, ...]:
    """The hand-written endpoints of a Service without a selector; others are written by controllers, which follow the Service."""
    if service.spec.selector or not name:
        return ()
    endpoints = mesh.get(Endpoints, service.namespace, service.name)
    older = (
        Reference(resource=endpoints.ref, path=f"/subsets/{i}/ports/{j}/name")
        for i, subset in enumerate(endpoints.subsets if endpoints else ())
        for j, port in enumerate(subset.ports)
        if endpoints and port.name == name
    )
    newer = (
        Reference(resource=item.ref, path=f"/ports/{index}/name")
        for item in mesh.within(EndpointSlice, service.namespace)
        if item.labels.get("kubernetes.io/service-name") == service.name
        and item.labels.get("endpointslice.kubernetes.io/managed-by") not in _CONTROLLERS
        for index, port in enumerate(item.ports)
        if port.name == name
    )
    return (*older, *newer)


def exposing(mesh: Mesh, service: Service) -> tuple[str, ...]:
    """The Ingresses, OpenShift Routes and routes of other proxies to a Service, on any port: they keep the caller's Host header."""
    ingresses = (
        str(ingress.ref)
        for ingress in mesh.within(Ingress, service.namespace)
        if any(backend.service and backend.service.name == service.name for backend in _backends(ingress).values())
    )
    routes = (str(route.ref) for route in mesh.within(Route, service.namespace) if service.name in _targets(route))
    routed = (str(row.resource) for row in foreign_routes.routes_to(mesh, service) if row.keeps_host)
    return (*ingresses, *routes, *routed, *spelt_references.routed(mesh, service))


def unread(mesh: Mesh, service: Service, among: tuple[Kind, ...] = REFERRING) -> tuple[Kind, ...]:
    """The kinds that may hold a reference to this Service where it could not be read."""
    return tuple(kind for kind in among if not _was_read(mesh, kind, service.namespace))


def _was_read(mesh: Mesh, kind: Kind, namespace: str) -> bool:
    coverage = mesh.coverage(kind)
    return coverage.is_complete or (kind in _NEAR and namespace in (coverage.namespaces or ()))


def _ingresses(mesh: Mesh, service: Service, name: str) -> Iterator[Reference]:
    for ingress in mesh.within(Ingress, service.namespace):
        for path, backend in _backends(ingress).items():
            if backend.service and backend.service.name == service.name and backend.service.port.name == name:
                yield Reference(resource=ingress.ref, path=f"{path}/service/port/name")


def _backends(ingress: Ingress) -> dict[str, IngressBackend]:
    """An Ingress's backends by their JSON pointers."""
    backends = {
        f"/spec/rules/{i}/http/paths/{j}/backend": path.backend
        for i, rule in enumerate(ingress.spec.rules)
        for j, path in enumerate(rule.http.paths if rule.http else ())
    }
    return backends | ({"/spec/defaultBackend": ingress.spec.default_backend} if ingress.spec.default_backend else {})


def _routes(mesh: Mesh, service: Service, name: str) -> Iterator[Reference]:
    for route in mesh.within(Route, service.namespace):
        if service.name in _targets(route) and route.spec.port and route.spec.port.target_port == name:
            yield _shared(route.ref, "/spec/port/targetPort", others=len(_targets(route)) > 1)


def _targets(route: Route) -> set[str]:
    """The names of the Services that a Route sends requests to."""
    return {target.name for target in (route.spec.to, *route.spec.alternate_backends) if target.kind == "Service"}


def _monitors(mesh: Mesh, service: Service, name: str) -> Iterator[Reference]:
    monitors: tuple[ServiceMonitor | VMServiceScrape, ...] = (*mesh.all(ServiceMonitor), *mesh.all(VMServiceScrape))
    for monitor in monitors:
        if _is_watched(monitor, service, name):
            for index, endpoint in enumerate(monitor.spec.endpoints):
                if endpoint.port == name:
                    others = any(_is_watched(monitor, other, name) for other in mesh.all(Service) if other is not service)
                    yield _shared(monitor.ref, f"/spec/endpoints/{index}/port", others=others)


def _shared(ref: Ref, path: str, *, others: bool) -> Reference:
    """A reference that cannot be changed where it means ``others`` too."""
    return Reference(ref, "", "uses it for ports of other Services too") if others else Reference(ref, path)


def _entries(mesh: Mesh, service: Service, name: str) -> Iterator[Reference]:
    """`pilot/pkg/serviceregistry/kube/controller` looks a selected WorkloadEntry's port up by the Service port's name."""
    for entry in mesh.within(WorkloadEntry, service.namespace) if service.spec.selector else ():
        if name in entry.spec.ports and is_subset(service.spec.selector, entry.spec.labels):
            yield Reference(entry.ref, "", "maps it to a port of its own")
    for group in mesh.within(WorkloadGroup, service.namespace) if service.spec.selector else ():
        labels = {**group.spec.template.labels, **group.spec.metadata.labels}
        if name in group.spec.template.ports and is_subset(service.spec.selector, labels):
            yield Reference(group.ref, "", "maps it to a port of its own")


def _mentions(mesh: Mesh, service: Service, name: str) -> Iterator[Reference]:
    for ref, text in port_name_mentions.in_templates(mesh, service, name):
        yield Reference(ref, "", f"uses it in {text}")
    if key := port_name_mentions.annotation(service, name):
        yield Reference(service.ref, "", f"uses it in the annotation {key}")


def _is_watched(monitor: ServiceMonitor | VMServiceScrape, service: Service, name: str) -> bool:
    where = monitor.spec.namespace_selector
    looks_here = where.any or service.namespace in (where.match_names or (monitor.namespace,))
    return looks_here and matches(monitor.spec.selector, service.labels) and any(port.name == name for port in service.spec.ports)
