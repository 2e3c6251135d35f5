"""HTTPRoutes and GRPCRoutes whose parents are Services: istiod makes VirtualServices for sidecars of them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.gateway_api import BackendRef, GRPCRoute, HTTPRoute, ParentRef
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.resources.istio_networking.routes import VirtualService, VirtualServiceSpec
from kubectl_meshfix.resources.meta import Meta
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.gateway_names import MESH

Route = HTTPRoute | GRPCRoute


class MeshRoutes(msgspec.Struct, frozen=True):
    """The routes of one namespace for one host of the registry, and one of its ports or all: istiod makes one VirtualService of them."""

    namespace: str
    host: str
    port: int | None
    routes: tuple[Route, ...]
    """The oldest first."""

    @property
    def created(self) -> str:
        """When the oldest was made; empty where nobody knows."""
        return self.routes[0].metadata.creation_timestamp or ""

    @property
    def name(self) -> str:
        """The name that istiod gives to what it makes of them."""
        return "~".join([self.namespace, *([str(self.port)] if self.port is not None else []), self.host])

    @property
    def stand_in(self) -> VirtualService:
        """The VirtualService without its routes: who follows them follows it."""
        return VirtualService(
            metadata=Meta(name=self.name, namespace=self.namespace), spec=VirtualServiceSpec(hosts=(self.host,), gateways=(MESH,))
        )


def mesh_routes(mesh: Mesh) -> Sequence[MeshRoutes]:
    """The routes whose parents are Services or ServiceEntries that there are. Their hostnames have no effect."""
    return mesh.cached("routes of Services", _mesh_routes)


def backends(made: MeshRoutes) -> Iterator[tuple[str, int]]:
    """The full hosts and the ports to which the routes send requests and their copies
    (`pilot/pkg/config/kube/gateway/conversion.go buildDestination`).
    """
    for route in made.routes:
        for rule in route.spec.rules:
            copied = [item.request_mirror.backend_ref for item in rule.filters if item.request_mirror]
            for backend in (*(backend for backend in rule.backend_refs if backend.weight), *copied):
                host = _host(backend, route.namespace)
                if host and backend.port is not None:
                    yield host, backend.port


def age(route: Route) -> tuple[str, str, str]:
    """Its place among all: the oldest comes first."""
    return route.metadata.creation_timestamp or "", route.namespace, route.name


def _host(backend: BackendRef, namespace: str) -> str:
    match backend.group, backend.kind:
        case ("", "Service") | ("multicluster.x-k8s.io", "ServiceImport"):
            return hosts.of_service(backend.name, namespace if backend.namespace is None else backend.namespace)
        case "networking.istio.io", "Hostname":
            return backend.name
    return ""


def _mesh_routes(mesh: Mesh) -> Sequence[MeshRoutes]:
    grouped: dict[tuple[str, int | None, str], list[Route]] = defaultdict(list)
    routes: tuple[Route, ...] = (*mesh.all(HTTPRoute), *mesh.all(GRPCRoute))
    for route in routes:
        for parent in route.spec.parent_refs:
            for host in _hosts(mesh, parent, parent.namespace or route.namespace):
                group = grouped[route.namespace, parent.port, host]
                if route not in group[-1:]:
                    group.append(route)
    return tuple(MeshRoutes(namespace, host, port, tuple(sorted(found, key=age))) for (namespace, port, host), found in grouped.items())


def _hosts(mesh: Mesh, parent: ParentRef, namespace: str) -> tuple[str, ...]:
    match parent.group, parent.kind:
        case "", "Service":
            return (hosts.of_service(parent.name, namespace),) if mesh.get(Service, namespace, parent.name) else ()
        case "networking.istio.io", "ServiceEntry":
            found = mesh.get(ServiceEntry, namespace, parent.name)
            return found.spec.hosts if found else ()
    return ()
