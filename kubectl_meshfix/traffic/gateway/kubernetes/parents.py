"""References of routes to Gateways that attach them to no listener, and to Services that are not there (`conversion.go`)."""

from collections.abc import Iterator
from typing import NamedTuple

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.gateway_api import KubernetesGateway, Listener
from kubectl_meshfix.traffic.absence import is_unplaced
from kubectl_meshfix.traffic.gateway.kubernetes import classes
from kubectl_meshfix.traffic.gateway.kubernetes.admission import Route
from kubectl_meshfix.traffic.gateway.kubernetes.attachment import Far, Referring, all_routes, judged, referring

INPUTS = (
    kinds.KUBERNETES_GATEWAY, kinds.GATEWAY_CLASS, kinds.NAMESPACE, kinds.HTTP_ROUTE, kinds.GRPC_ROUTE, kinds.TLS_ROUTE, kinds.TCP_ROUTE,
)  # fmt: skip
"""The kinds that decide on which routes are attached."""


class Unattached(NamedTuple):
    """A reference with which a route comes to no listener: how far it comes, the Gateway if there is one, and the listeners where it comes
    that far, with their positions. ``has_others`` is whether the route is attached by another reference.
    """

    item: Referring
    far: Far | None
    gateway: KubernetesGateway | None
    listeners: tuple[tuple[int, Listener], ...] = ()
    has_others: bool = False

    @property
    def home(self) -> str:
        """The namespace of the Gateway."""
        return self.item.ref.namespace or self.item.route.namespace


def unattached(mesh: Mesh) -> Iterator[Unattached]:
    """Each reference to a Gateway of Istio's that attaches its route to nothing, and each to one that is known not to be there."""
    mesh.require(*INPUTS)
    for route in all_routes(mesh):
        judged_each = [(item, _judged(mesh, item)) for item in referring(route)]
        has_others = any(found is True for _, found in judged_each)
        yield from (found._replace(has_others=has_others) for _, found in judged_each if isinstance(found, Unattached))


def is_served_by_istio(mesh: Mesh, route: Route) -> bool:
    """Whether istiod is known to follow a route: it refers to one of its Gateways, or to a Service."""
    for ref in route.spec.parent_refs:
        if ref.kind in ("Service", "ServiceEntry"):
            return True
        gateway = mesh.get(KubernetesGateway, ref.namespace or route.namespace, ref.name)
        if gateway and classes.is_istios(mesh, gateway):
            return True
    return False


def is_named_by_routes(mesh: Mesh, gateway: KubernetesGateway) -> bool:
    """Whether any route refers to a Gateway, whatever becomes of the reference."""
    mesh.require(*INPUTS)
    return (gateway.namespace, gateway.name) in mesh.cached("gateways that routes name", _named_by_routes)


def _named_by_routes(mesh: Mesh) -> frozenset[tuple[str, str]]:
    return frozenset((item.ref.namespace or route.namespace, item.ref.name) for route in all_routes(mesh) for item in referring(route))


def services_missing(mesh: Mesh) -> Iterator[tuple[Route, int]]:
    """The routes for Services that are known not to be there, with the position of the reference."""
    for route in all_routes(mesh):
        for position, ref in enumerate(route.spec.parent_refs):
            home = ref.namespace or route.namespace
            is_service = (ref.group, ref.kind) == ("", "Service")
            if is_service and not mesh.get(Service, home, ref.name) and mesh.knows(kinds.SERVICE, home, route):
                yield route, position


def _judged(mesh: Mesh, item: Referring) -> Unattached | bool | None:
    """What is wrong with a reference; True where it attaches its route, None where that is not known or not Istio's."""
    home = item.ref.namespace or item.route.namespace
    gateway = mesh.get(KubernetesGateway, home, item.ref.name)
    if gateway is None:
        return Unattached(item, None, None) if _is_absent(mesh, item.route, home) else None
    return _nowhere(mesh, gateway, item) or True if classes.is_istios(mesh, gateway) else None


def _nowhere(mesh: Mesh, gateway: KubernetesGateway, item: Referring) -> Unattached | None:
    listeners = list(enumerate(gateway.spec.listeners))
    if item.ref.section_name and not item.ref.port:  # it comes furthest with the listener that it names, if there is one
        listeners = [row for row in listeners if row[1].name == item.ref.section_name] or listeners
    rows = [(position, listener, judged(mesh, gateway, listener, item).far) for position, listener in listeners]
    best = max((far for _, _, far in rows), default=Far.OTHER_SECTION)
    # a document that names no namespace may be applied to one that is admitted
    if best is Far.ATTACHED or (best is Far.OTHER_NAMESPACE and (item.route.metadata.home or gateway.metadata.home)):
        return None
    return Unattached(item, best, gateway, tuple((position, listener) for position, listener, far in rows if far is best))


def _is_absent(mesh: Mesh, route: Route, home: str) -> bool:
    """Whether a Gateway is known not to be there. Files know where they hold Gateways of its namespace."""
    return mesh.knows(kinds.KUBERNETES_GATEWAY, home, route) and not is_unplaced(mesh, home, route.namespace)
