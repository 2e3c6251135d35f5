"""Where Traefik's routes and AWS's target groups refer to a Service's port."""

from collections.abc import Iterator

import msgspec

from kubectl_meshfix.mesh.indexes import grouped
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.foreign_routes import IngressRoute, IngressRouteTCP, RoutedService, TargetGroupBinding, TraefikService
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object, Ref

TRAEFIK: tuple[Kind, ...] = (kinds.INGRESS_ROUTE, kinds.INGRESS_ROUTE_TCP, kinds.TRAEFIK_SERVICE)
"""Traefik's; they may name a Service of another namespace (`pkg/provider/kubernetes/crd/kubernetes_http.go parseService`)."""

KINDS: tuple[Kind, ...] = (*TRAEFIK, kinds.TARGET_GROUP_BINDING)


class Routed(msgspec.Struct, frozen=True):
    """One reference to a Service: the object, the JSON pointer of the port, the port as written, and whether the Host header is kept."""

    resource: Ref
    path: str
    port: int | str
    keeps_host: bool


def routes_to(mesh: Mesh, service: Service) -> tuple[Routed, ...]:
    """Every reference to a Service."""
    mesh.require(*KINDS)
    index = mesh.cached("routers by service", lambda whole: grouped(_routed(whole), lambda row: row[0]))
    return tuple(row for _, row in index.get((service.namespace, service.name), ()))


def _routed(mesh: Mesh) -> Iterator[tuple[tuple[str, str], Routed]]:
    for path, item, obj in _traefik(mesh):
        if item.name and item.kind in ("", "Service"):
            keeps_host = not isinstance(obj, IngressRouteTCP) and item.pass_host_header is not False
            yield (item.namespace or obj.namespace, item.name), Routed(obj.ref, f"{path}/port", item.port, keeps_host)
    for binding in mesh.all(TargetGroupBinding):
        target = binding.spec.service_ref
        yield (binding.namespace, target.name), Routed(binding.ref, "/spec/serviceRef/port", target.port, keeps_host=False)


def _traefik(mesh: Mesh) -> Iterator[tuple[str, RoutedService, Object]]:
    routes: tuple[IngressRoute | IngressRouteTCP, ...] = (*mesh.all(IngressRoute), *mesh.all(IngressRouteTCP))
    for route in routes:
        for index, rule in enumerate(route.spec.routes):
            for place, item in enumerate(rule.services):
                yield f"/spec/routes/{index}/services/{place}", item, route
    for together in mesh.all(TraefikService):
        spec = together.spec
        yield "/spec/mirroring", spec.mirroring, together
        lists = {
            "weighted/services": spec.weighted.services,
            "highestRandomWeight/services": spec.highest_random_weight.services,
            "mirroring/mirrors": spec.mirroring.mirrors,
        }
        for field, items in lists.items():
            for place, item in enumerate(items):
                yield f"/spec/{field}/{place}", item, together
