"""Where routes for HTTP send requests."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.gateway_api import GRPCRoute, HTTPRoute
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.client.following import destinations_seen_from
from kubectl_meshfix.traffic.gateway_names import MESH
from kubectl_meshfix.traffic.registry import registry
from kubectl_meshfix.traffic.route.ports import without_cluster
from kubectl_meshfix.traffic.route.targets import RouteTarget, targets_of


class HTTPDestination(msgspec.Struct, frozen=True):
    """A destination of a route for HTTP: in full and as it is written, its port (0 for the one that was called), where it stands.

    ``seen_from`` are the namespaces of the proxies that have to see it. ``is_idle`` says that it has no weight beside others.
    ``target`` is that of a VirtualService, None in other routes.
    """

    by: Ref
    path: str
    host: str
    written: str
    port: int
    seen_from: frozenset[str]
    is_idle: bool = False
    target: RouteTarget | None = None


def http_destinations(mesh: Mesh) -> Iterator[HTTPDestination]:
    """All destinations of HTTP, of VirtualServices and of Gateway API, without mirrors."""
    for virtual_service in mesh.all(VirtualService):
        if virtual_service.spec.http:
            seen_from = destinations_seen_from(mesh, virtual_service)
            for target in targets_of(mesh, virtual_service):
                if target.kind == "http" and not target.is_mirror:
                    by, port = virtual_service.ref, target.port or 0
                    yield HTTPDestination(by, target.path, target.host, target.written, port, seen_from, target.is_idle, target)
    routes: tuple[HTTPRoute | GRPCRoute, ...] = (*mesh.all(HTTPRoute), *mesh.all(GRPCRoute))
    for route in routes:
        for i, rule in enumerate(route.spec.rules):
            for j, backend in enumerate(rule.backend_refs):
                is_service = backend.kind == "Service"
                host = hosts.of_service(backend.name, backend.namespace or route.namespace) if is_service else backend.name
                path = f"/spec/rules/{i}/backendRefs/{j}"
                yield HTTPDestination(
                    route.ref, path, host, backend.name, backend.port or 0, frozenset({route.namespace}), not backend.weight
                )


def gets_none(mesh: Mesh, found: HTTPDestination) -> bool:
    """Whether a destination gets no request: sidecars alone route it, and have no cluster for it on any port that they call."""
    by = mesh.find(found.by)
    if found.target is None or not isinstance(by, VirtualService) or set(by.spec.gateways) - {MESH}:
        return False
    entries = registry(mesh).visible(found.host, found.seen_from)
    return bool(entries and without_cluster(mesh, by, found.target, entries))
