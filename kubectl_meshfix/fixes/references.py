"""Who refers to a Service's port by its name, so that a rename would break it."""

from collections.abc import Iterator

from kubectl_meshfix.mesh.selectors import matches
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Endpoints, Service
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Ref, Struct
from kubectl_meshfix.resources.networking import EndpointSlice, Ingress, IngressBackend, Route, ServiceMonitor

KINDS: tuple[Kind, ...] = (kinds.INGRESS, kinds.ROUTE, kinds.SERVICE_MONITOR)
"""Kinds that may refer to a port by name."""

BY_HAND: tuple[Kind, ...] = (kinds.ENDPOINTS, kinds.ENDPOINT_SLICE)
"""Kinds that name the ports of a Service without a selector; they are many, and only read where ports are renamed all the same."""

_CONTROLLERS = frozenset({"endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io"})


class Reference(Struct, frozen=True):
    """An object, and the JSON pointer at which it names the port; ``is_shared`` where it means other Services' ports too."""

    resource: Ref
    path: str
    is_shared: bool = False

    @property
    def text(self) -> str:
        """The object, as people call it."""
        return str(self.resource)


def to_port(mesh: Mesh, service: Service, name: str) -> tuple[Reference, ...]:
    """Everything that was read and names this port of this Service."""
    return (*_ingresses(mesh, service, name), *_routes(mesh, service, name), *_monitors(mesh, service, name)) if name else ()


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


def entrances(mesh: Mesh, service: Service) -> tuple[str, ...]:
    """The Ingresses and OpenShift Routes that lead to a Service, whatever its port: their controllers keep the caller's Host header."""
    ingresses = (
        str(ingress.ref)
        for ingress in mesh.within(Ingress, service.namespace)
        if any(backend.service and backend.service.name == service.name for backend in _backends(ingress).values())
    )
    routes = (str(route.ref) for route in mesh.within(Route, service.namespace) if service.name in _targets(route))
    return (*ingresses, *routes)


def unread(mesh: Mesh) -> tuple[Kind, ...]:
    """The kinds that may hold a reference but could not be read in full."""
    return tuple(kind for kind in KINDS if not mesh.coverage(kind).is_complete)


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
            yield Reference(resource=route.ref, path="/spec/port/targetPort", is_shared=len(_targets(route)) > 1)


def _targets(route: Route) -> set[str]:
    """The names of the Services a Route leads to."""
    return {target.name for target in (route.spec.to, *route.spec.alternate_backends) if target.kind == "Service"}


def _monitors(mesh: Mesh, service: Service, name: str) -> Iterator[Reference]:
    for monitor in mesh.all(ServiceMonitor):
        if _is_watched(monitor, service, name):
            for index, endpoint in enumerate(monitor.spec.endpoints):
                if endpoint.port == name:
                    others = any(_is_watched(monitor, other, name) for other in mesh.all(Service) if other is not service)
                    yield Reference(resource=monitor.ref, path=f"/spec/endpoints/{index}/port", is_shared=others)


def _is_watched(monitor: ServiceMonitor, service: Service, name: str) -> bool:
    where = monitor.spec.namespace_selector
    looks_here = where.any or service.namespace in (where.match_names or (monitor.namespace,))
    return looks_here and matches(monitor.spec.selector, service.labels) and any(port.name == name for port in service.spec.ports)
