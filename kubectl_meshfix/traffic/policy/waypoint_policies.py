"""Policies that only a waypoint enforces: those that name targets. ztunnel ignores them."""

from collections.abc import Collection

from kubectl_meshfix.injection.labels import GATEWAY_NAME
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.waypoints import WaypointName
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.traffic.policy.attached import attached
from kubectl_meshfix.traffic.terms.parties import Party, Plane


def enforced_by(mesh: Mesh, waypoint: WaypointName, services: Collection[Service]) -> tuple[AuthorizationPolicy, ...]:
    """The policies for a waypoint, for its class, or for one of the Services whose traffic it handles."""
    party = Party(plane=Plane.WAYPOINT, namespace=waypoint.namespace, labels={GATEWAY_NAME: waypoint.name})
    return attached(mesh, AuthorizationPolicy, party, tuple(service.ref for service in services))
