"""Conditions in which a controller of Istio's says that it does not do what an object asks for (`analyzers/conditions/conditions.go`)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from kubectl_meshfix.mesh import waypoints
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.waypoints import Binding
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.gateway_api import GRPCRoute, HTTPRoute, KubernetesGateway, TCPRoute, TLSRoute
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry, WorkloadEntry
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.resources.meta import Condition, Key, Object
from kubectl_meshfix.traffic.gateway.kubernetes import backends, classes, unbuilt
from kubectl_meshfix.traffic.gateway.kubernetes.parents import unattached

INPUTS = (
    *backends.INPUTS, *unbuilt.INPUTS, *waypoints.INPUTS, *kinds.WORKLOADS, kinds.SERVICE_ENTRY, kinds.WORKLOAD_ENTRY,
    kinds.AUTHORIZATION_POLICY,
)  # fmt: skip

ABOUT = (
    kinds.SERVICE, kinds.SERVICE_ENTRY, kinds.WORKLOAD_ENTRY, kinds.AUTHORIZATION_POLICY, kinds.KUBERNETES_GATEWAY, kinds.HTTP_ROUTE,
    kinds.GRPC_ROUTE, kinds.TLS_ROUTE, kinds.TCP_ROUTE,
)  # fmt: skip
"""Kinds in whose status they may be."""

_BOUND, _ROUTED = ("istio.io/WaypointBound",), ("Accepted", "Programmed", "ResolvedRefs")
_TYPES: Mapping[type[Object], tuple[str, ...]] = {
    Service: _BOUND,
    ServiceEntry: _BOUND,
    WorkloadEntry: _BOUND,
    AuthorizationPolicy: ("ZtunnelAccepted", "WaypointAccepted"),
    KubernetesGateway: _ROUTED,
    HTTPRoute: _ROUTED,
    GRPCRoute: _ROUTED,
    TLSRoute: _ROUTED,
    TCPRoute: _ROUTED,
}


class Negative(NamedTuple):
    """An object, and its conditions that say no, with their JSON pointers."""

    owner: Object
    conditions: tuple[tuple[str, Condition], ...]


def negative(mesh: Mesh) -> Iterator[Negative]:
    """Each object with such a condition that is up to date, and that nothing here explains by the objects themselves."""
    mesh.require(*INPUTS)
    held = [obj for struct in _TYPES for obj in mesh.all(struct)]
    found = [Negative(obj, rows) for obj in held if (rows := tuple(_negative(mesh, obj)))]
    explained = _explained(mesh) if found else frozenset()
    yield from (row for row in found if row.owner.ref.key not in explained)


def _negative(mesh: Mesh, obj: Object) -> Iterator[tuple[str, Condition]]:
    for path, condition in _conditions(mesh, obj):
        is_no = condition.status == "False" or (condition.type == "WaypointAccepted" and condition.reason == "PartiallyInvalid")
        if is_no and condition.type in _TYPES[type(obj)] and _is_current(obj, condition):
            yield path, condition


def _conditions(mesh: Mesh, obj: Object) -> Iterator[tuple[str, Condition]]:
    """The conditions that Istio writes: of Gateways of its classes, and of routes for them."""
    if isinstance(obj, HTTPRoute | GRPCRoute | TLSRoute | TCPRoute):
        for position, parent in enumerate(obj.status.parents):
            if not parent.controller_name or parent.controller_name.startswith("istio.io/"):
                yield from _at(f"/status/parents/{position}/conditions", parent.conditions)
    elif isinstance(obj, Service | ServiceEntry | WorkloadEntry | AuthorizationPolicy) or (
        isinstance(obj, KubernetesGateway) and classes.is_istios(mesh, obj)
    ):
        yield from _at("/status/conditions", obj.status.conditions)


def _at(path: str, conditions: Sequence[Condition]) -> Iterator[tuple[str, Condition]]:
    yield from ((f"{path}/{position}", condition) for position, condition in enumerate(conditions))


def _is_current(obj: Object, condition: Condition) -> bool:
    seen, now = condition.observed_generation, obj.metadata.generation
    return not seen or not now or seen >= now


def _explained(mesh: Mesh) -> frozenset[Key]:
    """The objects of which it is known from themselves why Istio says no."""
    return frozenset(
        (
            *(row.item.route.ref.key for row in unattached(mesh) if row.far is not None or mesh.live),
            *(row.route.ref.key for row in backends.unusable(mesh)),
            *(row.gateway.ref.key for row in unbuilt.unbuilt(mesh)),
            *(gateway.ref.key for gateway in mesh.all(KubernetesGateway) if waypoints.is_waypoint(gateway)),
            *(
                asker.owner.ref.key
                for asker in waypoints.askers(mesh)
                if waypoints.bind(mesh, asker.owner, asker.waypoint, asker.traffic) is not Binding.USED
            ),
        )
    )
