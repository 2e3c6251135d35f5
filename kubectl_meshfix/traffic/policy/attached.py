"""The policies that apply to a proxy: by labels, or by the targets they name (`pilot/pkg/model/policyattachment.go ShouldAttachPolicy`)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from kubectl_meshfix.injection.labels import GATEWAY_NAME
from kubectl_meshfix.mesh import control_plane
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.go_bool import go_bool
from kubectl_meshfix.resources.istio_networking.proxies import PolicyTarget
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy, PolicySpec, RequestAuthentication
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.attachment import targets
from kubectl_meshfix.traffic.terms.parties import Party, Plane

INPUTS: tuple[Kind, ...] = (kinds.AUTHORIZATION_POLICY, kinds.REQUEST_AUTHENTICATION, *control_plane.INPUTS)
"""Kinds that these questions read."""

_GATEWAYS = "gateway.networking.k8s.io"
_WAYPOINT_CLASS = "istio-waypoint"
_SELECTOR_BASED = "ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY"

Policy = TypeVar("Policy", AuthorizationPolicy, RequestAuthentication)


def attached(mesh: Mesh, struct: type[Policy], server: Party, services: Sequence[Ref] = ()) -> tuple[Policy, ...]:
    """The policies of a kind that apply to a proxy, in the order of namespace and name.

    ``services`` are those whose traffic a waypoint handles here; other proxies have no use for them.
    """
    memo = mesh.memo(f"attached {struct.__name__}")
    key = (server.key, tuple(service.key for service in services))
    if key not in memo:
        memo[key] = tuple(policy for policy in _searched(mesh, struct, server, services) if _attaches(mesh, policy, server, services))
    found: tuple[Policy, ...] = memo[key]
    return found


def unattached(mesh: Mesh, server: Party) -> tuple[AuthorizationPolicy, ...]:
    """The AuthorizationPolicies of a proxy's namespace that name targets, which only Kubernetes' gateways and waypoints follow."""
    if gateway_name(server):
        return ()
    memo = mesh.memo("policies with targets")
    if server.namespace not in memo:
        memo[server.namespace] = tuple(policy for policy in mesh.within(AuthorizationPolicy, server.namespace) if targets(policy.spec))
    found: tuple[AuthorizationPolicy, ...] = memo[server.namespace]
    return found


def unread(mesh: Mesh, kind: Kind, server: Party, services: Sequence[Ref] = ()) -> tuple[str, ...]:
    """The namespaces of a cluster whose policies of a kind would count and could not be read."""
    return tuple(space for space in _namespaces(mesh, server, services) if mesh.live and not mesh.knows(kind, space))


def gateway_name(server: Party) -> str:
    """The name of the Kubernetes Gateway that a proxy is of; empty for sidecars and for gateways of Istio's own."""
    if name := server.labels.get(GATEWAY_NAME, ""):
        return name
    return server.gateway.name if server.gateway and server.gateway.group == _GATEWAYS else ""


def _searched(mesh: Mesh, struct: type[Policy], server: Party, services: Sequence[Ref]) -> Iterator[Policy]:
    for namespace in _namespaces(mesh, server, services):
        yield from mesh.within(struct, namespace)


def _namespaces(mesh: Mesh, server: Party, services: Sequence[Ref]) -> Iterable[str]:
    root = control_plane.root_namespace(mesh, server.revision)
    return dict.fromkeys((root, server.namespace, *(service.namespace or "" for service in services)))


def _attaches(mesh: Mesh, policy: Policy, server: Party, services: Sequence[Ref]) -> bool:
    named = targets(policy.spec)
    gateway = gateway_name(server)
    is_waypoint = server.plane is Plane.WAYPOINT
    if not gateway:
        return not named and _selects(policy.spec, server)
    if not named:
        return not is_waypoint and by_selector(mesh, server) and _selects(policy.spec, server)
    return any(
        (is_waypoint and _is_for_service(mesh, policy, target, server, services))
        or (
            (target.group, target.kind, target.name) == (_GATEWAYS, "Gateway", gateway)
            and policy.namespace == server.namespace
            and target.namespace in ("", server.namespace)
        )
        for target in named
    )


def _is_for_service(mesh: Mesh, policy: Policy, target: PolicyTarget, server: Party, services: Sequence[Ref]) -> bool:
    if (target.group, target.kind, target.name) == (_GATEWAYS, "GatewayClass", _WAYPOINT_CLASS):
        return policy.namespace == control_plane.root_namespace(mesh, server.revision)
    group = "" if target.group == "core" else target.group
    return any(
        (group, target.kind, target.name, policy.namespace) == (service.group, service.kind, service.name, service.namespace)
        for service in services
    )


def _selects(spec: PolicySpec, server: Party) -> bool:
    return spec.selector is None or is_subset(spec.selector.match_labels, server.labels)


def by_selector(mesh: Mesh, server: Party) -> bool:
    """Whether gateways of Kubernetes' follow policies that select them by labels, which istiod can be told not to do."""
    plane = control_plane.control_plane(mesh, server.revision) if server.revision else control_plane.main_control_plane(mesh)
    return not (plane and plane.env and go_bool(plane.env.get(_SELECTOR_BASED, "")) is False)
