"""Where a server hands connections on to, by the tcp and tls routes of VirtualServices (`gateway.go buildGatewayNetworkFiltersFrom…`)."""

from collections.abc import Iterator

from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.routes import L4Match, VirtualService
from kubectl_meshfix.traffic.gateway.in_common import followed
from kubectl_meshfix.traffic.gateway.kubernetes import l4_routes
from kubectl_meshfix.traffic.gateway.kubernetes.l4_routes import Connections
from kubectl_meshfix.traffic.gateway.servers import Server
from kubectl_meshfix.traffic.gateway_names import resolve
from kubectl_meshfix.traffic.route.virtual_services import weighted_targets
from kubectl_meshfix.traffic.terms.parties import Party


def of_tcp(mesh: Mesh, gateway: Party, server: Server) -> Connections | None:
    """Where all connections of a server go that reads no names: the first tcp route that matches; None where there is none.

    A listener that ends TLS takes its first TLSRoute too.
    """
    if server.listener:
        return next(l4_routes.rules(mesh, server), None)
    for virtual_service, _ in followed(mesh, server, gateway.namespace):
        for position, route in enumerate(virtual_service.spec.tcp):
            is_meant = not route.match or any(_is_met(match, server, virtual_service) for match in route.match)
            if is_meant and route.route:
                at = Where(virtual_service.ref, f"/spec/tcp/{position}")
                return Connections((), weighted_targets(virtual_service.namespace, route, at), at)
    return None


def of_tls(mesh: Mesh, gateway: Party, server: Server) -> Iterator[Connections]:
    """Where connections of a server go that passes TLS on, by the names in their SNI, in order."""
    if server.listener:
        yield from l4_routes.rules(mesh, server)
        return
    for virtual_service, _ in followed(mesh, server, gateway.namespace):
        for position, route in enumerate(virtual_service.spec.tls):
            for index, match in enumerate(route.match if route.route else ()):
                if _is_met(match, server, virtual_service):
                    names = tuple(name.lower() for name in match.sni_hosts)
                    place = Where(virtual_service.ref, f"/spec/tls/{position}")
                    targets = weighted_targets(virtual_service.namespace, route, place)
                    yield Connections(() if "*" in names else names, targets, Where(place.resource, f"{place.path}/match/{index}"))


def _is_met(match: L4Match, server: Server, virtual_service: VirtualService) -> bool:
    """Whether a condition is for a server: its port, as the server names it, and its gateway (`gateway.go l4SingleMatch`)."""
    names = {"/".join(resolve(name, virtual_service.namespace)) for name in match.gateways}
    return match.port in (0, server.number) and (not names or server.name in names)
