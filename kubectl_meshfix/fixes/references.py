"""Who refers to a Service's port by its name, so that a rename would break it."""

from collections.abc import Iterator

from kubectl_meshfix.mesh.selectors import matches
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.resources.networking import Ingress, IngressBackend, Route, ServiceMonitor

KINDS: tuple[Kind, ...] = (kinds.INGRESS, kinds.ROUTE, kinds.SERVICE_MONITOR)
"""Kinds that may refer to a port by name."""


class Reference(Struct, frozen=True):
    """An object, and the JSON pointer at which it names the port."""

    text: str
    path: str


def to_port(mesh: Mesh, service: Service, name: str) -> tuple[Reference, ...]:
    """Everything that was read and names this port of this Service."""
    return (*_ingresses(mesh, service, name), *_routes(mesh, service, name), *_monitors(mesh, service, name)) if name else ()


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
                yield Reference(text=str(ingress.ref), path=f"{path}/service/port/name")


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
            yield Reference(text=str(route.ref), path="/spec/port/targetPort")


def _targets(route: Route) -> set[str]:
    """The names of the Services a Route leads to."""
    return {target.name for target in (route.spec.to, *route.spec.alternate_backends) if target.kind == "Service"}


def _monitors(mesh: Mesh, service: Service, name: str) -> Iterator[Reference]:
    for monitor in mesh.all(ServiceMonitor):
        where = monitor.spec.namespace_selector
        looks_here = where.any or service.namespace in (where.match_names or (monitor.namespace,))
        if looks_here and matches(monitor.spec.selector, service.labels):
            for index, endpoint in enumerate(monitor.spec.endpoints):
                if endpoint.port == name:
                    yield Reference(text=str(monitor.ref), path=f"/spec/endpoints/{index}/port")
