"""`gateway.networking.k8s.io`: gateways and routes (`sigs.k8s.io/gateway-api/apis/v1`).

Group and kind of a reference default as the API server would.
"""

import msgspec

from kubectl_meshfix.resources.meta import Condition, LabelSelector, Object, Struct


class CertificateRef(Struct, frozen=True):
    """A Secret that holds a certificate and its key, or the authority of client certificates; ``namespace`` None means the own one."""

    group: str = ""
    kind: str = "Secret"
    name: str = ""
    namespace: str | None = None


class ListenerTLS(Struct, frozen=True):
    """Whether the Gateway ends TLS (`Terminate`) or hands it on (`Passthrough`), and with what; ``options`` are the controller's own."""

    mode: str = "Terminate"
    certificate_refs: tuple[CertificateRef, ...] = ()
    options: dict[str, str] = {}


class RouteNamespaces(Struct, frozen=True):
    """Namespaces that may attach: ``All``, ``Same``, or by a ``Selector`` of their labels."""

    origin: str = msgspec.field(default="Same", name="from")
    selector: LabelSelector | None = None


class RouteKind(Struct, frozen=True):
    """A kind of route."""

    group: str = "gateway.networking.k8s.io"
    kind: str = ""


class AllowedRoutes(Struct, frozen=True):
    """What may attach to a listener; of a waypoint's, which namespaces may use it. Without ``kinds`` the protocol decides on them."""

    namespaces: RouteNamespaces = RouteNamespaces()
    kinds: tuple[RouteKind, ...] = ()


class Listener(Struct, frozen=True):
    """A port a Gateway listens on."""

    name: str = ""
    hostname: str = ""
    port: int = 0
    protocol: str = ""
    tls: ListenerTLS | None = None
    allowed_routes: AllowedRoutes = AllowedRoutes()


class RequestedAddress(Struct, frozen=True):
    """Where a Gateway is to be reached; a ``Hostname`` names a Service that is there already."""

    type: str = "IPAddress"
    value: str = ""


class ClientValidation(Struct, frozen=True):
    """Who signs client certificates; `AllowInsecureFallback` takes clients without a good one too."""

    ca_certificate_refs: tuple[CertificateRef, ...] = ()
    mode: str = ""


class ClientTLSConfig(Struct, frozen=True):
    """What a Gateway wants of its clients' TLS."""

    validation: ClientValidation | None = None


class PortTLSConfig(Struct, frozen=True):
    """The same for one port."""

    port: int = 0
    tls: ClientTLSConfig = ClientTLSConfig()


class FrontendTLS(Struct, frozen=True):
    """TLS of a Gateway's clients: a default, and what replaces it on single ports."""

    default: ClientTLSConfig = ClientTLSConfig()
    per_port: tuple[PortTLSConfig, ...] = ()


class GatewayTLS(Struct, frozen=True):
    """TLS of a whole Gateway; only that of its clients is read."""

    frontend: FrontendTLS | None = None


class KubernetesGatewaySpec(Struct, frozen=True):
    """Listeners of a class."""

    gateway_class_name: str = ""
    listeners: tuple[Listener, ...] = ()
    addresses: tuple[RequestedAddress, ...] = ()
    tls: GatewayTLS | None = None


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


class GatewayClassSpec(Struct, frozen=True):
    """Who implements Gateways of a class."""

    controller_name: str = ""


class GatewayClass(Object, frozen=True):
    """A class of Gateways; istiod makes its own."""

    api_version: str = "gateway.networking.k8s.io/v1"
    kind: str = "GatewayClass"
    spec: GatewayClassSpec = GatewayClassSpec()


class GrantedFrom(Struct, frozen=True):
    """Objects of a kind and a namespace that may refer."""

    group: str = ""
    kind: str = ""
    namespace: str = ""


class GrantedTo(Struct, frozen=True):
    """What they may refer to in the grant's own namespace; all of a kind where no name is given."""

    group: str = ""
    kind: str = ""
    name: str | None = None


class ReferenceGrantSpec(Struct, frozen=True):
    """Each of ``granted_from`` may refer to each of ``to``."""

    granted_from: tuple[GrantedFrom, ...] = msgspec.field(default=(), name="from")
    to: tuple[GrantedTo, ...] = ()


class ReferenceGrant(Object, frozen=True):
    """Lets objects of other namespaces refer to some of this one."""

    api_version: str = "gateway.networking.k8s.io/v1beta1"
    kind: str = "ReferenceGrant"
    spec: ReferenceGrantSpec = ReferenceGrantSpec()


class BackendRef(Struct, frozen=True):
    """A Service's port by number; ``namespace`` None means the route's own."""

    group: str = ""
    kind: str = "Service"
    name: str = ""
    namespace: str | None = None
    port: int | None = None
    weight: int = 1


class HTTPHeader(Struct, frozen=True):
    """A header and its value."""

    name: str = ""
    value: str = ""


class HeaderFilter(Struct, frozen=True):
    """Headers that are set, added and taken away."""

    set: tuple[HTTPHeader, ...] = ()
    add: tuple[HTTPHeader, ...] = ()
    remove: tuple[str, ...] = ()


class PathModifier(Struct, frozen=True):
    """What a path becomes: all of it (``ReplaceFullPath``), or the prefix that was matched (``ReplacePrefixMatch``)."""

    type: str = ""
    replace_full_path: str = ""
    replace_prefix_match: str = ""


class RequestRedirect(Struct, frozen=True):
    """An answer that names another place; empty fields keep what was asked for."""

    scheme: str = ""
    hostname: str = ""
    path: PathModifier | None = None
    port: int = 0
    status_code: int = 302


class URLRewrite(Struct, frozen=True):
    """What host and path become."""

    hostname: str = ""
    path: PathModifier | None = None


class MirrorFraction(Struct, frozen=True):
    """A share of the requests."""

    numerator: int = 0
    denominator: int = 100


class RequestMirror(Struct, frozen=True):
    """A backend that gets a copy of a share of the requests: of all where none is given."""

    backend_ref: BackendRef = BackendRef()
    percent: int | None = None
    fraction: MirrorFraction | None = None


class CORSFilter(Struct, frozen=True):
    """Which origins may call from a browser, with wildcards."""

    allow_origins: tuple[str, ...] = ()


class RouteFilter(Struct, frozen=True):
    """What is done to a request; the field that is read depends on the type."""

    type: str = ""
    request_header_modifier: HeaderFilter | None = None
    response_header_modifier: HeaderFilter | None = None
    request_redirect: RequestRedirect | None = None
    request_mirror: RequestMirror | None = None
    url_rewrite: URLRewrite | None = msgspec.field(default=None, name="urlRewrite")
    cors: CORSFilter | None = None


class FilteredBackendRef(BackendRef, frozen=True):
    """A backend, and what is done to the requests that it gets."""

    filters: tuple[RouteFilter, ...] = ()


class PathMatch(Struct, frozen=True):
    """How a path is compared: ``Exact``, by whole segments (``PathPrefix``), or by a ``RegularExpression``."""

    type: str = "PathPrefix"
    value: str = "/"


class NamedMatch(Struct, frozen=True):
    """How a header or query parameter is compared: ``Exact``, or by a ``RegularExpression``."""

    type: str = "Exact"
    name: str = ""
    value: str = ""


class HTTPRouteMatch(Struct, frozen=True):
    """What a request must look like; all of it has to hold."""

    path: PathMatch = PathMatch()
    headers: tuple[NamedMatch, ...] = ()
    query_params: tuple[NamedMatch, ...] = ()
    method: str = ""


class GRPCMethodMatch(Struct, frozen=True):
    """A method of a gRPC service; one of the two may be left open."""

    type: str = "Exact"
    service: str | None = None
    method: str | None = None


class GRPCRouteMatch(Struct, frozen=True):
    """What a call must look like; all of it has to hold."""

    method: GRPCMethodMatch | None = None
    headers: tuple[NamedMatch, ...] = ()


class RouteTimeouts(Struct, frozen=True):
    """Durations of Go's, such as ``1.5s``: of the whole request, and of one try."""

    request: str = ""
    backend_request: str = ""


class RouteRetry(Struct, frozen=True):
    """How often a request is tried again."""

    attempts: int = 2


class RouteRule(Struct, frozen=True):
    """What the rules of all routes have in common: backends."""

    backend_refs: tuple[BackendRef, ...] = ()


class HTTPRouteRule(RouteRule, frozen=True):
    """A rule of an HTTPRoute; what other routes do not have belongs here. Without matches it is for all requests."""

    name: str = ""
    matches: tuple[HTTPRouteMatch, ...] = (HTTPRouteMatch(),)
    filters: tuple[RouteFilter, ...] = ()
    backend_refs: tuple[FilteredBackendRef, ...] = ()
    timeouts: RouteTimeouts | None = None
    retry: RouteRetry | None = None


class GRPCRouteRule(RouteRule, frozen=True):
    """A rule of a GRPCRoute. Without matches it is for all calls."""

    name: str = ""
    matches: tuple[GRPCRouteMatch, ...] = ()
    filters: tuple[RouteFilter, ...] = ()
    backend_refs: tuple[FilteredBackendRef, ...] = ()


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


class RouteParentStatus(Struct, frozen=True):
    """What the controller of a Gateway says of a route there."""

    parent_ref: ParentRef = ParentRef()
    controller_name: str = ""
    conditions: tuple[Condition, ...] = ()


class RouteStatus(Struct, frozen=True):
    """What controllers say of a route; a manifest has none of it."""

    parents: tuple[RouteParentStatus, ...] = ()


class HTTPRouteSpec(RouteSpec, frozen=True):
    """What a route for HTTP says. Hostnames are compared for Gateways alone, not for Services."""

    hostnames: tuple[str, ...] = ()
    rules: tuple[HTTPRouteRule, ...] = ()


class HTTPRoute(Object, frozen=True):
    """HTTP to Services."""

    api_version: str = "gateway.networking.k8s.io/v1"
    kind: str = "HTTPRoute"
    spec: HTTPRouteSpec = HTTPRouteSpec()
    status: RouteStatus = RouteStatus()


class GRPCRouteSpec(RouteSpec, frozen=True):
    """What a route for gRPC says. Hostnames are compared for Gateways alone, not for Services."""

    hostnames: tuple[str, ...] = ()
    rules: tuple[GRPCRouteRule, ...] = ()


class GRPCRoute(Object, frozen=True):
    """gRPC to Services."""

    api_version: str = "gateway.networking.k8s.io/v1"
    kind: str = "GRPCRoute"
    spec: GRPCRouteSpec = GRPCRouteSpec()
    status: RouteStatus = RouteStatus()


class TCPRoute(Object, frozen=True):
    """TCP to Services."""

    api_version: str = "gateway.networking.k8s.io/v1alpha2"
    kind: str = "TCPRoute"
    spec: RouteSpec = RouteSpec()
    status: RouteStatus = RouteStatus()


class TLSRouteSpec(RouteSpec, frozen=True):
    """What a route for TLS says; the hostnames are compared with the SNI."""

    hostnames: tuple[str, ...] = ()


class TLSRoute(Object, frozen=True):
    """TLS to Services."""

    api_version: str = "gateway.networking.k8s.io/v1"
    kind: str = "TLSRoute"
    spec: TLSRouteSpec = TLSRouteSpec()
    status: RouteStatus = RouteStatus()


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
