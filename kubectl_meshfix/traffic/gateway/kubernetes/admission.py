"""Which routes a listener admits: their namespaces and their kinds (`conversion.go namespacesFromSelector`)."""

import msgspec

from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.mesh.selectors import matches, requirements
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.gateway_api import GRPCRoute, HTTPRoute, KubernetesGateway, Listener, RouteKind, TCPRoute, TLSRoute

Route = HTTPRoute | GRPCRoute | TLSRoute | TCPRoute

NAME_LABEL = "kubernetes.io/metadata.name"
"""The label of every namespace that is its name; istiod adds it where it is missing."""

_KINDS = {"HTTP": ("HTTPRoute", "GRPCRoute"), "HTTPS": ("HTTPRoute", "GRPCRoute"), "TLS": ("TLSRoute",), "TCP": ("TCPRoute",)}


def admits_namespace(mesh: Mesh, gateway: KubernetesGateway, listener: Listener, namespace: str) -> bool | Unknown:
    """Whether routes of a namespace may attach; Unknown where its labels decide and were not read."""
    allowed = listener.allowed_routes.namespaces
    if allowed.origin == "All" or (allowed.origin != "Same" and allowed.selector is None):
        return True
    if allowed.origin == "Same" or allowed.selector is None:
        return namespace == gateway.namespace
    space = mesh.namespace(namespace)
    if space:
        return matches(allowed.selector, {**space.labels, NAME_LABEL: namespace})
    wanted = requirements(allowed.selector)
    named = tuple(requirement for requirement in wanted if requirement.key == NAME_LABEL)
    by_name = msgspec.structs.replace(allowed.selector, match_labels={}, match_expressions=named)
    if not matches(by_name, {NAME_LABEL: namespace}):
        return False
    if len(named) == len(wanted):
        return True
    kind = UnknownKind.UNREADABLE if mesh.live else UnknownKind.NOT_IN_FILES
    return Unknown(kind=kind, of=kinds.NAMESPACE, settled_by=CLUSTER)


def described(listener: Listener) -> str:
    """Which namespaces a listener admits, in the words of its field."""
    allowed = listener.allowed_routes.namespaces
    if allowed.origin != "Selector" or not allowed.selector:
        return allowed.origin
    parts = (
        f"{item.key} {item.operator}{f' ({chr(44).join(item.values)})' if item.values else ''}" for item in requirements(allowed.selector)
    )
    return f"Selector {', '.join(parts)}"


def admits_kind(listener: Listener, route: Route) -> bool:
    """Whether routes of a kind may attach: the protocol admits it, and ``kinds`` leave it in. TLS that ends here admits TCPRoutes too
    (`GenerateGatewaySupportedKinds`).
    """
    ends_tls = listener.protocol == "TLS" and listener.tls is not None and listener.tls.mode == "Terminate"
    supported = (*_KINDS.get(listener.protocol, ()), *(("TCPRoute",) if ends_tls else ()))
    asked = listener.allowed_routes.kinds
    return route.kind in supported and (not asked or RouteKind(kind=route.kind) in asked)
