"""`gateway.networking.k8s.io`: gateways and routes (`sigs.k8s.io/gateway-api/apis/v1`).

Group and kind of a reference default as the API server would.
"""

import msgspec

from kubectl_meshfix.resources.meta import Condition, LabelSelector, Object, Struct


class ListenerTLS(Struct, frozen=True):
    """Whether the Gateway ends TLS (`Terminate`) or hands it on (`Passthrough`)."""

    mode: str = "Terminate"


class RouteNamespaces(Struct, frozen=True):
    """Namespaces that may attach: ``All``, ``Same``, or by a ``Selector`` of their labels."""

    origin: str = msgspec.field(default="Same", name="from")
    selector: LabelSelector | None = None


class AllowedRoutes(Struct, frozen=True):
    """What may attach to a listener; of a waypoint's, which namespaces may use it."""

    namespaces: RouteNamespaces = RouteNamespaces()


class Listener(Struct, frozen=True):
    """A port a Gateway listens on."""

    name: str = ""
    hostname: str = ""
    port: int = 0
    protocol: str = ""
    tls: ListenerTLS | None = None
    allowed_routes: AllowedRoutes = AllowedRoutes()


class KubernetesGatewaySpec(Struct, frozen=True):
    """Listeners of a class."""

    gateway_class_name: str = ""
    listeners: tuple[Listener, ...] = ()


class GatewayAddress(Struct, frozen=True):
    """Where a Gateway can be reached."""

    value: str = ""


class KubernetesGatewayStatus(Struct, frozen=True):
    """What the Gateway's controller says of it; a manifest has none of it."""

    addresses: tuple[GatewayAddress, ...] = ()
    conditions: tuple[Condition, ...] = ()


class KubernetesGateway(Object, frozen=True):
    """Kubernetes' Gateway, not Istio's; waypoints are Gateways too."""

    api_version: str = "gateway.networking.k8s.io/v1"
    kind: str = "Gateway"
    spec: KubernetesGatewaySpec = KubernetesGatewaySpec()
    status: KubernetesGatewayStatus = KubernetesGatewayStatus()


class BackendRef(Struct, frozen=True):
    """A Service's port by number; ``namespace`` None means the route's own."""

    group: str = ""
    kind: str = "Service"
    name: str = ""
    namespace: str | None = None
    port: int | None = None


class RouteRule(Struct, frozen=True):
    """What the rules of all routes have in common: backends."""

    backend_refs: tuple[BackendRef, ...] = ()


class HTTPRouteRule(RouteRule, frozen=True):
    """A rule of an HTTPRoute; what other routes do not have belongs here."""


class ParentRef(Struct, frozen=True):
    """What a route attaches to: a Gateway's listener, or a Service's port."""

    group: str = "gateway.networking.k8s.io"
    kind: str = "Gateway"
    name: str = ""
    namespace: str | None = None
    section_name: str = ""
    port: int | None = None


class RouteSpec(Struct, frozen=True):
    """What the four route kinds have in common."""

    parent_refs: tuple[ParentRef, ...] = ()
    rules: tuple[RouteRule, ...] = ()


class HTTPRouteSpec(RouteSpec, frozen=True):
    """What a route for HTTP says."""

    rules: tuple[HTTPRouteRule, ...] = ()


class HTTPRoute(Object, frozen=True):
    """HTTP to Services."""

    api_version: str = "gateway.networking.k8s.io/v1"
    kind: str = "HTTPRoute"
    spec: HTTPRouteSpec = HTTPRouteSpec()


class GRPCRoute(Object, frozen=True):
    """gRPC to Services."""

    api_version: str = "gateway.networking.k8s.io/v1"
    kind: str = "GRPCRoute"
    spec: RouteSpec = RouteSpec()


class TCPRoute(Object, frozen=True):
    """TCP to Services."""

    api_version: str = "gateway.networking.k8s.io/v1alpha2"
    kind: str = "TCPRoute"
    spec: RouteSpec = RouteSpec()


class TLSRoute(Object, frozen=True):
    """TLS to Services."""

    api_version: str = "gateway.networking.k8s.io/v1"
    kind: str = "TLSRoute"
    spec: RouteSpec = RouteSpec()


class SectionTarget(Struct, frozen=True):
    """What a policy is attached to, in its own namespace; ``section_name`` is a Service's port by name, empty for all of them."""

    group: str = ""
    kind: str = ""
    name: str = ""
    section_name: str = ""


class BackendTLSPolicySpec(Struct, frozen=True):
    """The Services to which gateways speak TLS."""

    target_refs: tuple[SectionTarget, ...] = ()


class BackendTLSPolicy(Object, frozen=True):
    """How gateways speak TLS to Services."""

    api_version: str = "gateway.networking.k8s.io/v1"
    kind: str = "BackendTLSPolicy"
    spec: BackendTLSPolicySpec = BackendTLSPolicySpec()
