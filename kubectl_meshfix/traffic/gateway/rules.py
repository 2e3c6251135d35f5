"""The rules of what a gateway follows, and whether its backends may be used."""

import msgspec

from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.mesh.control_plane import mesh_config
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.gateway_api import BackendRef, GRPCRoute, HTTPRoute
from kubectl_meshfix.traffic.checks import gateway as check
from kubectl_meshfix.traffic.gateway.kubernetes.admission import Route
from kubectl_meshfix.traffic.gateway.kubernetes.grants import Reference, granted
from kubectl_meshfix.traffic.gateway.servers import Server
from kubectl_meshfix.traffic.gateway.sources import Source
from kubectl_meshfix.traffic.route.http_routes import told_route_rules
from kubectl_meshfix.traffic.route.translating.called import Called
from kubectl_meshfix.traffic.route.virtual_services import told_rules
from kubectl_meshfix.traffic.terms.parties import Party
from kubectl_meshfix.traffic.terms.routes import Rule, Target


def rules_of_source(mesh: Mesh, gateway: Party, server: Server, source: Source, number: int) -> Steps[tuple[Rule, ...]]:
    """The rules of a VirtualService for a server, or of routes of one host, sorted as Gateway API wants it."""
    if source.virtual_service:
        return (yield from told_rules(mesh, gateway, source.virtual_service, number, server.name))
    refused: set[Where] = set()
    for route in source.routes:
        refused |= yield from refused_backends(mesh, route)

    def is_granted(route: HTTPRoute | GRPCRoute, backend: BackendRef) -> bool:
        return all(at.resource != route.ref or backend is not _backend(route, at) for at in refused)

    retries = mesh_config(mesh, gateway.revision).default_http_retry_policy
    called = Called(port=number, default_retries=retries, is_tls=server.is_tls, granted=is_granted)
    return (yield from told_route_rules(mesh, source.routes, called))


def refused_backends(mesh: Mesh, route: Route) -> Steps[set[Where]]:
    """The backends of a route in other namespaces that no ReferenceGrant allows; each in another namespace has its step."""
    refused: set[Where] = set()
    for position, rule in enumerate(route.spec.rules):
        for index, ref in enumerate(rule.backend_refs):
            home = ref.namespace or route.namespace
            if home == route.namespace:
                continue
            at = Where(route.ref, f"/spec/rules/{position}/backendRefs/{index}")
            found = granted(mesh, Reference(route, ref.group, ref.kind, home, ref.name))
            service = f"{home}/{ref.name}"
            if found is None:
                refused.add(at)
                yield step(check.NOT_GRANTED, at, namespace=home, service=service)
            elif isinstance(found, Unknown):
                yield step(check.GRANT_NOT_READ, at, unknown=found, namespace=home, service=service)
            else:
                yield step(check.GRANTED, at, grant=str(found.ref), service=service)
    return refused


def unusable(target: Target) -> Target:
    """A target that a route may not use: Envoy has no cluster of that name."""
    return msgspec.structs.replace(target, host="", missing_status=500)


def _backend(route: Route, at: Where) -> BackendRef:
    """The backend that a JSON pointer of ``refused_backends`` names."""
    _, _, _, rule, _, index = at.path.split("/")
    return route.spec.rules[int(rule)].backend_refs[int(index)]
