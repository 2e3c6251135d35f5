"""Backends of routes that istiod does not use: requests for them get 500 (`conversion.go buildDestination`)."""

from collections.abc import Iterator
from enum import Enum

import msgspec

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.gateway_api import BackendRef, GRPCRouteRule, HTTPRouteRule, KubernetesGateway
from kubectl_meshfix.traffic.absence import INSTALLED, is_unplaced
from kubectl_meshfix.traffic.gateway.kubernetes import parents
from kubectl_meshfix.traffic.gateway.kubernetes.admission import Route
from kubectl_meshfix.traffic.gateway.kubernetes.attachment import all_routes
from kubectl_meshfix.traffic.gateway.kubernetes.grants import Reference, granted

INPUTS = (*parents.INPUTS, kinds.SERVICE, kinds.REFERENCE_GRANT)


class Fault(Enum):
    """Why a backend is not used."""

    NOT_GRANTED = "grant"
    NO_SERVICE = "service"
    NO_PORT = "port"
    PORT_UNSAID = "unsaid"
    DOTTED = "dotted"


class Unusable(msgspec.Struct, frozen=True):
    """A backend that is not used, its JSON pointer, and its Service where it is there. ``is_certain`` is whether nothing that was not read
    could make it so.
    """

    route: Route
    path: str
    backend: BackendRef
    fault: Fault
    service: Service | None = None
    is_certain: bool = True

    @property
    def home(self) -> str:
        """The namespace of the Service."""
        return self.backend.namespace or self.route.namespace


def unusable(mesh: Mesh) -> Iterator[Unusable]:
    """Each Service that a route of Istio's names as a backend and does not reach. Backends of weight 0 and of other kinds are left out."""
    mesh.require(*INPUTS)
    for route in all_routes(mesh):
        for path, backend in _backends(route) if parents.is_served_by_istio(mesh, route) else ():
            if (backend.group, backend.kind) == ("", "Service") and (found := _judged(mesh, route, path, backend)):
                yield found


def _judged(mesh: Mesh, route: Route, path: str, backend: BackendRef) -> Unusable | None:
    home = backend.namespace or route.namespace
    service = mesh.get(Service, home, backend.name)
    if "." in backend.name:
        return Unusable(route, path, backend, Fault.DOTTED)
    if backend.port is None:
        return Unusable(route, path, backend, Fault.PORT_UNSAID, service)
    if home != route.namespace and not route.metadata.home and _has_gateway(route):
        found = granted(mesh, Reference(route, backend.group, backend.kind, home, backend.name))
        # files that hold the Service are those in which its grant would be
        if found is None or (isinstance(found, Unknown) and not mesh.live and service and not service.metadata.home):
            return Unusable(route, path, backend, Fault.NOT_GRANTED, service, is_certain=found is None)
    if service is None:
        is_absent = mesh.knows(kinds.SERVICE, home, route) and not is_unplaced(mesh, home, route.namespace)
        is_made = any(backend.name.startswith(gateway.name) for gateway in mesh.within(KubernetesGateway, home))
        is_installed = not mesh.live and (home.startswith(INSTALLED) or is_made)
        return Unusable(route, path, backend, Fault.NO_SERVICE) if is_absent and not is_installed else None
    if service.spec.type != "ExternalName" and backend.port not in {port.port for port in service.spec.ports}:
        return Unusable(route, path, backend, Fault.NO_PORT, service)
    return None


def _has_gateway(route: Route) -> bool:
    """Whether a Gateway serves a route; for Services alone no grant is needed."""
    return any(ref.kind == "Gateway" for ref in route.spec.parent_refs)


def _backends(route: Route) -> Iterator[tuple[str, BackendRef]]:
    for position, rule in enumerate(route.spec.rules):
        at = f"/spec/rules/{position}"
        for index, backend in enumerate(rule.backend_refs):
            if backend.weight:
                yield f"{at}/backendRefs/{index}", backend
        for index, item in enumerate(rule.filters if isinstance(rule, HTTPRouteRule | GRPCRouteRule) else ()):
            if item.request_mirror:
                yield f"{at}/filters/{index}/requestMirror/backendRef", item.request_mirror.backend_ref
