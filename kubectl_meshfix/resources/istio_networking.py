"""`networking.istio.io`: routes, destinations, gateways, sidecars and raw Envoy patches (`istio.io/api/networking/v1alpha3`)."""

from typing import Any

from kubectl_meshfix.resources.meta import Condition, Object, Struct


class PortSelector(Struct, frozen=True):
    """A port by number."""

    number: int = 0


class Destination(Struct, frozen=True):
    """A host of the registry, as written; ``subset`` is a DestinationRule's."""

    host: str = ""
    subset: str = ""
    port: PortSelector | None = None


class HeaderOperations(Struct, frozen=True):
    """Headers that are taken away, set and added, in this order."""

    set: dict[str, str] = {}
    add: dict[str, str] = {}
    remove: tuple[str, ...] = ()


class Headers(Struct, frozen=True):
    """What is done to headers; only those of requests are read."""

    request: HeaderOperations = HeaderOperations()


class RouteDestination(Struct, frozen=True):
    """A destination and its share of the requests."""

    destination: Destination = Destination()
    weight: int | None = None
    headers: Headers | None = None


class Percent(Struct, frozen=True):
    """A share in percent."""

    value: float = 0.0


class MirrorPolicy(Struct, frozen=True):
    """A destination that gets a copy of a share of the requests: of all where none is given."""

    destination: Destination = Destination()
    percentage: Percent | None = None


class StringMatch(Struct, frozen=True):
    """How a text is compared: by one of the three, or, where it has none of them, by being there."""

    exact: str | None = None
    prefix: str | None = None
    regex: str | None = None


class HTTPMatch(Struct, frozen=True):
    """What a request must look like, and where it must come from. A value of None is not compared."""

    name: str = ""
    uri: StringMatch | None = None
    ignore_uri_case: bool = False
    scheme: StringMatch | None = None
    method: StringMatch | None = None
    authority: StringMatch | None = None
    headers: dict[str, StringMatch] = {}
    without_headers: dict[str, StringMatch] = {}
    query_params: dict[str, StringMatch] = {}
    port: int = 0
    gateways: tuple[str, ...] = ()
    source_labels: dict[str, str] = {}
    source_namespace: str = ""


class Delegate(Struct, frozen=True):
    """Another VirtualService that routes on."""

    name: str = ""
    namespace: str = ""


class HTTPRedirect(Struct, frozen=True):
    """An answer that names another place; empty fields keep what was asked for. ``derive_port`` may be ``FROM_REQUEST_PORT``."""

    uri: str = ""
    prefix_rewrite: str = ""
    authority: str = ""
    scheme: str = ""
    port: int = 0
    derive_port: str = ""
    redirect_code: int = 0


class HTTPBody(Struct, frozen=True):
    """A body; one in bytes is not read."""

    string: str = ""


class HTTPDirectResponse(Struct, frozen=True):
    """An answer of the proxy's own."""

    status: int = 0
    body: HTTPBody = HTTPBody()


class RegexRewrite(Struct, frozen=True):
    """Replaces every match of a regular expression in a path."""

    match: str = ""
    rewrite: str = ""


class HTTPRewrite(Struct, frozen=True):
    """What a path and the authority become; an ``uri`` replaces what the route matched."""

    uri: str = ""
    authority: str = ""
    uri_regex_rewrite: RegexRewrite | None = None


class FaultDelay(Struct, frozen=True):
    """How long some requests are held back. ``percent`` is older; with neither, none is."""

    percent: int = 0
    percentage: Percent | None = None
    fixed_delay: str = ""


class FaultAbort(Struct, frozen=True):
    """How some requests are refused; without a percentage none is. The status of gRPC is its name."""

    http_status: int = 0
    grpc_status: str = ""
    percentage: Percent | None = None


class HTTPFault(Struct, frozen=True):
    """Faults that the caller's proxy injects."""

    delay: FaultDelay | None = None
    abort: FaultAbort | None = None


class HTTPRetry(Struct, frozen=True):
    """How often a request is tried again, and on what (a comma-separated list, empty for Istio's default)."""

    attempts: int = 0
    retry_on: str = ""


class CorsPolicy(Struct, frozen=True):
    """Who may call from a browser. ``allow_origin`` is older. Preflights of others are answered too where ``IGNORE`` is said of them."""

    allow_origin: tuple[str, ...] = ()
    allow_origins: tuple[StringMatch, ...] | None = None
    unmatched_preflights: str = ""


class VirtualServiceHTTPRoute(Struct, frozen=True):
    """One HTTP route of a VirtualService. ``timeout`` is a duration of Go's, such as ``1.5s``."""

    name: str = ""
    match: tuple[HTTPMatch, ...] = ()
    route: tuple[RouteDestination, ...] = ()
    redirect: HTTPRedirect | None = None
    direct_response: HTTPDirectResponse | None = None
    delegate: Delegate | None = None
    rewrite: HTTPRewrite | None = None
    timeout: str | None = None
    retries: HTTPRetry | None = None
    fault: HTTPFault | None = None
    mirror: Destination | None = None
    mirror_percent: int | None = None
    mirror_percentage: Percent | None = None
    mirrors: tuple[MirrorPolicy, ...] = ()
    cors_policy: CorsPolicy | None = None
    headers: Headers | None = None


class L4Match(Struct, frozen=True):
    """What a connection must look like, and where it must come from."""

    port: int = 0
    gateways: tuple[str, ...] = ()
    sni_hosts: tuple[str, ...] = ()
    destination_subnets: tuple[str, ...] = ()
    source_labels: dict[str, str] = {}
    source_namespace: str = ""


class L4Route(Struct, frozen=True):
    """One TCP or TLS route of a VirtualService."""

    match: tuple[L4Match, ...] = ()
    route: tuple[RouteDestination, ...] = ()


class VirtualServiceSpec(Struct, frozen=True):
    """``gateways`` empty means the mesh; ``export_to`` empty means all namespaces (or the mesh's default)."""

    hosts: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    http: tuple[VirtualServiceHTTPRoute, ...] = ()
    tls: tuple[L4Route, ...] = ()
    tcp: tuple[L4Route, ...] = ()
    export_to: tuple[str, ...] = ()


class VirtualService(Object, frozen=True):
    """Routes."""

    api_version: str = "networking.istio.io/v1"
    kind: str = "VirtualService"
    spec: VirtualServiceSpec = VirtualServiceSpec()


class ClientTLS(Struct, frozen=True):
    """How a client speaks TLS to a host."""

    mode: str = ""
    ca_certificates: str = ""
    credential_name: str = ""
    client_certificate: str = ""
    private_key: str = ""
    sni: str = ""
    subject_alt_names: tuple[str, ...] = ()


class HTTPSettings(Struct, frozen=True):
    """Which HTTP goes on to a host, HTTP/2 always or what the client speaks, and how much of it; 0 means no limit."""

    h2_upgrade_policy: str = ""
    use_client_protocol: bool = False
    http1_max_pending_requests: int = 0
    http2_max_requests: int = 0
    max_retries: int = 0


class TCPSettings(Struct, frozen=True):
    """How many connections a host gets; 0 means no limit."""

    max_connections: int = 0


class ConnectionPool(Struct, frozen=True):
    """How connections to a host are kept; only what decides on their protocol and number is read."""

    http: HTTPSettings = HTTPSettings()
    tcp: TCPSettings = TCPSettings()


class OutlierDetection(Struct, frozen=True):
    """When endpoints are left out for a while; only that it is set is read."""


class LoadBalancer(Struct, frozen=True):
    """How an endpoint is chosen; ``PASSTHROUGH`` means the address that was called."""

    simple: str = ""


class PortTrafficPolicy(Struct, frozen=True):
    """A policy for one port."""

    port: PortSelector | None = None
    tls: ClientTLS | None = None
    connection_pool: ConnectionPool | None = None
    outlier_detection: OutlierDetection | None = None
    load_balancer: LoadBalancer | None = None


class TrafficPolicy(Struct, frozen=True):
    """What applies to connections to a host."""

    tls: ClientTLS | None = None
    connection_pool: ConnectionPool | None = None
    outlier_detection: OutlierDetection | None = None
    load_balancer: LoadBalancer | None = None
    port_level_settings: tuple[PortTrafficPolicy, ...] = ()


class Subset(Struct, frozen=True):
    """Some of a host's endpoints, by labels."""

    name: str = ""
    labels: dict[str, str] = {}
    traffic_policy: TrafficPolicy | None = None


class WorkloadSelector(Struct, frozen=True):
    """Labels of pods; Istio's older form (``labels``) and its newer (``match_labels``)."""

    labels: dict[str, str] = {}
    match_labels: dict[str, str] = {}


class DestinationRuleSpec(Struct, frozen=True):
    """Policies and subsets of a host."""

    host: str = ""
    traffic_policy: TrafficPolicy | None = None
    subsets: tuple[Subset, ...] = ()
    export_to: tuple[str, ...] = ()
    workload_selector: WorkloadSelector | None = None


class DestinationRule(Object, frozen=True):
    """Policies and subsets of a host."""

    api_version: str = "networking.istio.io/v1"
    kind: str = "DestinationRule"
    spec: DestinationRuleSpec = DestinationRuleSpec()


class ServerPort(Struct, frozen=True):
    """A port of a Gateway or ServiceEntry; ``protocol`` is spelt as its author did."""

    number: int = 0
    name: str = ""
    protocol: str = ""
    target_port: int = 0


class ServerTLS(Struct, frozen=True):
    """How a gateway's server speaks TLS."""

    mode: str = ""
    https_redirect: bool = False
    credential_name: str = ""
    credential_names: tuple[str, ...] = ()
    server_certificate: str = ""
    private_key: str = ""
    ca_certificates: str = ""


class Server(Struct, frozen=True):
    """One server of a Gateway; hosts may carry a ``namespace/`` prefix."""

    name: str = ""
    port: ServerPort = ServerPort()
    hosts: tuple[str, ...] = ()
    tls: ServerTLS | None = None
    bind: str = ""


class GatewaySpec(Struct, frozen=True):
    """``selector`` picks gateway pods, by default in any namespace."""

    selector: dict[str, str] = {}
    servers: tuple[Server, ...] = ()


class Gateway(Object, frozen=True):
    """Istio's own Gateway."""

    api_version: str = "networking.istio.io/v1"
    kind: str = "Gateway"
    spec: GatewaySpec = GatewaySpec()


class Endpoint(Struct, frozen=True):
    """An endpoint of a ServiceEntry; ``ports`` are by the names that the ServiceEntry gives them."""

    address: str = ""
    labels: dict[str, str] = {}
    ports: dict[str, int] = {}
    service_account: str = ""


class ServiceEntrySpec(Struct, frozen=True):
    """Hosts added to the registry; ``addresses`` None (absent) and empty are two things."""

    hosts: tuple[str, ...] = ()
    addresses: tuple[str, ...] | None = None
    ports: tuple[ServerPort, ...] = ()
    location: str = ""
    resolution: str = ""
    endpoints: tuple[Endpoint, ...] = ()
    export_to: tuple[str, ...] = ()
    workload_selector: WorkloadSelector | None = None


class IstioStatus(Struct, frozen=True):
    """What istiod says of an object."""

    conditions: tuple[Condition, ...] = ()


class ServiceEntry(Object, frozen=True):
    """Hosts added to the registry."""

    api_version: str = "networking.istio.io/v1"
    kind: str = "ServiceEntry"
    spec: ServiceEntrySpec = ServiceEntrySpec()
    status: IstioStatus = IstioStatus()


class WorkloadEntrySpec(Endpoint, frozen=True):
    """A workload outside of Kubernetes; ``ports`` are by the names that a Service or ServiceEntry gives them."""


class WorkloadEntry(Object, frozen=True):
    """A workload outside of Kubernetes."""

    api_version: str = "networking.istio.io/v1"
    kind: str = "WorkloadEntry"
    spec: WorkloadEntrySpec = WorkloadEntrySpec()
    status: IstioStatus = IstioStatus()


class EgressListener(Struct, frozen=True):
    """Hosts a sidecar imports, as ``namespace/host``; for one port where it names one, which may be a real socket (``NONE``)."""

    hosts: tuple[str, ...] = ()
    port: ServerPort | None = None
    bind: str = ""
    capture_mode: str = ""


class IngressListener(Struct, frozen=True):
    """A port on which sidecars take requests, and where in the pod these go (``127.0.0.1:8080``, ``0.0.0.0:8080``, ``unix://…``)."""

    port: ServerPort = ServerPort()
    bind: str = ""
    default_endpoint: str = ""
    capture_mode: str = ""
    tls: ServerTLS | None = None


class SidecarOutboundPolicy(Struct, frozen=True):
    """What becomes of requests to hosts that nobody registered. Where it is set and names no mode, that is the enum's first one."""

    mode: str = "REGISTRY_ONLY"
    egress_proxy: Destination | None = None


class SidecarSpec(Struct, frozen=True):
    """What sidecars of a namespace, or of selected pods, know of the mesh; a policy of None is the mesh's."""

    workload_selector: WorkloadSelector | None = None
    ingress: tuple[IngressListener, ...] = ()
    egress: tuple[EgressListener, ...] = ()
    outbound_traffic_policy: SidecarOutboundPolicy | None = None


class Sidecar(Object, frozen=True):
    """What sidecars know of the mesh."""

    api_version: str = "networking.istio.io/v1"
    kind: str = "Sidecar"
    spec: SidecarSpec = SidecarSpec()


class PolicyTarget(Struct, frozen=True):
    """An object a policy attaches to. A ``namespace`` other than the policy's own has no effect."""

    group: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""


class EnvoyPatch(Struct, frozen=True):
    """The change; ``value`` is Envoy's own configuration."""

    operation: str = ""
    value: Any = None


class ConfigPatch(Struct, frozen=True):
    """A change and where it applies; ``match`` is kept as it is."""

    apply_to: str = ""
    match: Any = None
    patch: EnvoyPatch | None = None


class EnvoyFilterSpec(Struct, frozen=True):
    """Raw patches of Envoy's configuration; without a selector for every proxy of the namespace, in the root namespace of the mesh."""

    workload_selector: WorkloadSelector | None = None
    target_refs: tuple[PolicyTarget, ...] = ()
    config_patches: tuple[ConfigPatch, ...] = ()
    priority: int = 0


class EnvoyFilter(Object, frozen=True):
    """Raw patches of Envoy's configuration."""

    api_version: str = "networking.istio.io/v1alpha3"
    kind: str = "EnvoyFilter"
    spec: EnvoyFilterSpec = EnvoyFilterSpec()
