"""Where TLSRoutes and TCPRoutes send the connections of a listener (`conversion.go convertTLSRoute`, `convertTCPRoute`)."""

from collections.abc import Iterator
from fractions import Fraction

import msgspec

from kubectl_meshfix.chain.alternatives import Alternative
from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.gateway_api import BackendRef, TCPRoute, TLSRoute
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.gateway.kubernetes.attachment import attached, hostnames
from kubectl_meshfix.traffic.gateway.names import common
from kubectl_meshfix.traffic.gateway.servers import Server
from kubectl_meshfix.traffic.terms.routes import Target


class Connections(msgspec.Struct, frozen=True):
    """A rule for connections: the names in their SNI, none for all, and where they go; nowhere without a backend that has a weight."""

    names: tuple[str, ...]
    targets: tuple[Alternative[Target], ...]
    at: Where


def rules(mesh: Mesh, server: Server) -> Iterator[Connections]:
    """The rules of a listener's routes for connections, in order. Whether a backend may be used is not looked at."""
    hostname = server.listener.hostname if server.listener else ""
    for item in attached(mesh, server):
        route = item.route
        if not isinstance(route, TLSRoute | TCPRoute):
            continue
        names = common(hostnames(route), (hostname or "*",)) if isinstance(route, TLSRoute) else ("*",)
        for position, rule in enumerate(route.spec.rules):
            at = Where(route.ref, f"/spec/rules/{position}")
            yield Connections(() if "*" in names else names, _targets(route, rule.backend_refs, at), at)


def _targets(route: TLSRoute | TCPRoute, refs: tuple[BackendRef, ...], at: Where) -> tuple[Alternative[Target], ...]:
    total = sum(ref.weight for ref in refs)
    return tuple(
        Alternative(
            Target(
                host=hosts.of_service(ref.name, ref.namespace or route.namespace),
                port=ref.port or 0,
                weight=ref.weight,
                at=Where(at.resource, f"{at.path}/backendRefs/{position}"),
            ),
            share=Fraction(ref.weight, total),
        )
        for position, ref in enumerate(refs)
        if ref.weight
    )
