"""Where the virtual hosts of a gateway come from: VirtualServices, and routes of Gateway API that istiod merges by their host."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.gateway_api import GRPCRoute, HTTPRoute
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.gateway.following import hosts_in_common
from kubectl_meshfix.traffic.gateway.in_common import followed
from kubectl_meshfix.traffic.gateway.kubernetes.attachment import attached
from kubectl_meshfix.traffic.gateway.servers import Server


class Source(msgspec.Struct, frozen=True):
    """A VirtualService, or the routes of one host in the order of their age, and the hosts that it has in common with a server.

    ``age`` is when the oldest of them was made, as the API server writes it; empty in files.
    """

    name: str
    hosts: tuple[str, ...]
    refs: tuple[Ref, ...]
    age: str
    virtual_service: VirtualService | None = None
    routes: tuple[HTTPRoute | GRPCRoute, ...] = ()


def sources(mesh: Mesh, server: Server, namespace: str) -> Iterator[Source]:
    """What a server that reads HTTP follows, in istiod's order; ``namespace`` is that of the gateway's pods."""
    if server.listener:
        yield from _of_listener(mesh, server, namespace)
        return
    for found, hosts in followed(mesh, server, namespace):
        yield Source(found.ref.path, hosts, (found.ref,), found.metadata.creation_timestamp or "", virtual_service=found)


def _of_listener(mesh: Mesh, server: Server, namespace: str) -> Iterator[Source]:
    """Routes of one host are one VirtualService to istiod, of the oldest's namespace (`route_collections.go mergeHTTPRoutes`); those of the
    pods' own namespace come first.
    """
    by_host: dict[str, list[HTTPRoute | GRPCRoute]] = {}
    for item in attached(mesh, server):
        if isinstance(item.route, HTTPRoute | GRPCRoute):
            for host in item.hosts:
                by_host.setdefault(host, []).append(item.route)
    merged = [
        Source(host, hosts, tuple(route.ref for route in routes), routes[0].metadata.creation_timestamp or "", routes=tuple(routes))
        for host, routes in by_host.items()
        if (hosts := hosts_in_common(server, routes[0].namespace, (host,)))
    ]
    yield from sorted(merged, key=lambda source: (source.routes[0].namespace != namespace, source.age, source.name))
