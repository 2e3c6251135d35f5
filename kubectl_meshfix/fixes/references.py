"""Who refers to a Service's port by its name, so that a rename would break it."""

from collections.abc import Iterator

from kubectl_meshfix.mesh.selectors import matches
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.resources.networking import Ingress, Route, ServiceMonitor

KINDS: tuple[Kind, ...] = (kinds.INGRESS, kinds.ROUTE, kinds.SERVICE_MONITOR)
"""Kinds that may refer to a port by name."""


class Reference(Struct, frozen=True):
    """An object, and the JSON pointer at which it names the port."""

    text: str
    path: str


def to_port(mesh: Mesh, service: Service, name: str) -> tuple[Reference, ...]:
    """Everything that was read and names this port of this Service."""
    return (*_ingresses(mesh, service, name), *_routes(mesh, service, name), *_monitors(mesh, service, name)) if name else ()


def unread(mesh: Mesh) -> tuple[Kind, ...]:
    """The kinds that may hold a reference but could not be read in full."""
    return tuple(kind for kind in KINDS if not mesh.coverage(kind).is_complete)


def _ingresses(mesh: Mesh, service: Service, name: str) -> Iterator[Reference]:
    for ingress in mesh.within(Ingress, service.namespace):
        paths = {
            f"/spec/rules/{i}/http/paths/{j}/backend": path.backend
            for i, rule in enumerate(ingress.spec.rules)
            for j, path in enumerate(rule.http.paths if rule.http else ())
        }
        if ingress.spec.default_backend:
            paths["/spec/defaultBackend"] = ingress.spec.default_backend
        for pointer, backend in paths.items():
            if backend.service and backend.service.name == service.name and backend.service.port.name == name:
                yield Reference(text=str(ingress.ref), path=f"{pointer}/service/port/name")


def _routes(mesh: Mesh, service: Service, name: str) -> Iterator[Reference]:
    for route in mesh.within(Route, service.namespace):
        named = {target.name for target in (route.spec.to, *route.spec.alternate_backends) if target.kind == "Service"}
        if service.name in named and route.spec.port and route.spec.port.target_port == name:
            yield Reference(text=str(route.ref), path="/spec/port/targetPort")


def _monitors(mesh: Mesh, service: Service, name: str) -> Iterator[Reference]:
    for monitor in mesh.all(ServiceMonitor):
        where = monitor.spec.namespace_selector
        looks_here = where.any or service.namespace in (where.match_names or (monitor.namespace,))
        if looks_here and matches(monitor.spec.selector, service.labels):
            for index, endpoint in enumerate(monitor.spec.endpoints):
                if endpoint.port == name:
                    yield Reference(text=str(monitor.ref), path=f"/spec/endpoints/{index}/port")
