"""Policies that only a waypoint enforces: those with ``targetRefs`` (`pilot/pkg/model/policyattachment.go ShouldAttachPolicy`)."""

from collections.abc import Collection

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.waypoints import WaypointName
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy


def enforced_by(mesh: Mesh, waypoint: WaypointName, services: Collection[Service]) -> tuple[AuthorizationPolicy, ...]:
    """The policies for a waypoint, or for one of the Services whose traffic it handles. ztunnel ignores them.

    A target is of the policy's own namespace.
    """
    handled = {(service.namespace, "Service", service.name) for service in services}
    handled.add((waypoint.namespace, "Gateway", waypoint.name))
    return tuple(
        policy
        for policy in mesh.all(AuthorizationPolicy)
        for targets in [policy.spec.target_refs or ((policy.spec.target_ref,) if policy.spec.target_ref else ())]
        if any((policy.namespace, target.kind, target.name) in handled for target in targets)
    )
