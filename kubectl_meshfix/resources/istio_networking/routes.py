"""VirtualServices: which requests go where (`networking/v1alpha3/virtual_service.proto`)."""

import msgspec

from kubectl_meshfix.resources.istio_networking.actions import (
    CorsPolicy,
    Headers,
    HTTPDirectResponse,
    HTTPFault,
    HTTPRedirect,
    HTTPRetry,
    HTTPRewrite,
    MirrorPolicy,
    Percent,
    StringMatch,
)
from kubectl_meshfix.resources.istio_networking.destinations import Destination
from kubectl_meshfix.resources.meta import Object, Struct, nothing


class RouteDestination(Struct, frozen=True):
    """A destination and its share of the requests."""

    destination: Destination = Destination()
    weight: int | None = None
    headers: Headers | None = None


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
    source_labels: dict[str, str] = msgspec.field(default_factory=nothing)
    source_namespace: str = ""


class Delegate(Struct, frozen=True):
    """Another VirtualService that routes on."""

    name: str = ""
    namespace: str = ""


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
    source_labels: dict[str, str] = msgspec.field(default_factory=nothing)
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
