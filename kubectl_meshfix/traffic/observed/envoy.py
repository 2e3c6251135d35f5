"""Envoy's own configuration, as far as a request meets it: what `/config_dump` of its admin interface says (`envoy/admin/v3`).

Names are Envoy's. What is not named here is not read: no certificate and no key is in any of it.
"""

from typing import Any

import msgspec


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the dump."""


class SocketAddress(Part, frozen=True):
    """An IP address, or of clusters by DNS a name, and a port."""

    address: str = ""
    port_value: int = 0


class InternalAddress(Part, frozen=True):
    """A listener of the same proxy, which tunnels: HBONE."""

    server_listener_name: str = ""


class Address(Part, frozen=True):
    """Where something listens; pipes are left out."""

    socket_address: SocketAddress | None = None
    envoy_internal_address: InternalAddress | None = None


class NetworkFilter(Part, frozen=True):
    """A filter of a connection; ``typed_config`` is read where it is the one that ends the chain."""

    name: str = ""
    typed_config: msgspec.Raw = msgspec.Raw(b"{}")


class Range(Part, frozen=True):
    """A range of addresses."""

    address_prefix: str = ""
    prefix_len: int = 0


class ChainMatch(Part, frozen=True):
    """Which connections a filter chain is for; what is empty is not asked."""

    destination_port: int = 0
    prefix_ranges: tuple[Range, ...] = ()
    server_names: tuple[str, ...] = ()
    transport_protocol: str = ""
    application_protocols: tuple[str, ...] = ()


class FilterChain(Part, frozen=True):
    """A filter chain of a listener."""

    name: str = ""
    filter_chain_match: ChainMatch = ChainMatch()
    filters: tuple[NetworkFilter, ...] = ()


class Listener(Part, frozen=True):
    """A listener; with ``use_original_dst`` it hands connections to the one for the address that was called."""

    name: str = ""
    address: Address = Address()
    filter_chains: tuple[FilterChain, ...] = ()
    default_filter_chain: FilterChain | None = None
    use_original_dst: bool = False


class Weighted(Part, frozen=True):
    """A cluster and its weight among others."""

    name: str = ""
    weight: int = 0


class WeightedClusters(Part, frozen=True):
    """Clusters that share the requests."""

    clusters: tuple[Weighted, ...] = ()


class RouteAction(Part, frozen=True):
    """Where a route sends. ``timeout`` is as Protobuf writes it: ``3s``; ``0s`` is none."""

    cluster: str = ""
    weighted_clusters: WeightedClusters | None = None
    timeout: str = ""


class Redirect(Part, frozen=True):
    """A redirect; its code by its name, empty for 301."""

    response_code: str = ""


class DirectResponse(Part, frozen=True):
    """An answer of the proxy's own."""

    status: int = 0


class Metadata(Part, frozen=True):
    """What Istio notes beside a resource: the object that it comes from, and how an endpoint wants to be called."""

    filter_metadata: dict[str, dict[str, Any]] = {}


class Route(Part, frozen=True):
    """A route. ``match`` is plain, for it is evaluated only where everything in it is known."""

    name: str = ""
    match: dict[str, Any] = {}
    route: RouteAction | None = None
    redirect: Redirect | None = None
    direct_response: DirectResponse | None = None
    metadata: Metadata = Metadata()


class VirtualHost(Part, frozen=True):
    """The routes for some hosts."""

    name: str = ""
    domains: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    require_tls: str = ""


class RouteConfiguration(Part, frozen=True):
    """The virtual hosts that a listener uses."""

    name: str = ""
    virtual_hosts: tuple[VirtualHost, ...] = ()
    ignore_port_in_host_matching: bool = False


class TLSContext(Part, frozen=True):
    """What TLS offers to speak. No certificate is read."""

    alpn_protocols: tuple[str, ...] = ()


class SocketConfig(Part, frozen=True):
    """What is read of a transport socket: its type, and of TLS a part."""

    type: str = msgspec.field(default="", name="@type")
    common_tls_context: TLSContext | None = None


class TransportSocket(Part, frozen=True):
    """How a connection is protected."""

    name: str = ""
    typed_config: SocketConfig = SocketConfig()


class SocketMatch(Part, frozen=True):
    """A transport socket for endpoints whose metadata says so."""

    match: dict[str, Any] = {}
    transport_socket: TransportSocket = TransportSocket()


class Endpoint(Part, frozen=True):
    """An endpoint's address."""

    address: Address = Address()


class LbEndpoint(Part, frozen=True):
    """An endpoint, how it is, and what Istio notes of it."""

    endpoint: Endpoint = Endpoint()
    health_status: str = ""
    metadata: Metadata = Metadata()


class Locality(Part, frozen=True):
    """The endpoints of one place."""

    lb_endpoints: tuple[LbEndpoint, ...] = ()


class Assignment(Part, frozen=True):
    """The endpoints of a cluster."""

    cluster_name: str = ""
    endpoints: tuple[Locality, ...] = ()


class Cluster(Part, frozen=True):
    """A cluster. ``type`` says where its endpoints come from: EDS, STRICT_DNS, ORIGINAL_DST, …"""

    name: str = ""
    type: str = ""
    transport_socket: TransportSocket | None = None
    transport_socket_matches: tuple[SocketMatch, ...] = ()
    load_assignment: Assignment | None = None


class Refusal(Part, frozen=True):
    """The last update that Envoy refused of a resource, and its words."""

    details: str = ""


class Resource(Part, frozen=True):
    """When a proxy last took a resource (RFC 3339), and what it refused since."""

    updated: str = ""
    refusal: str = ""


class Config(Part, frozen=True):
    """What one proxy has of what was asked for, each by its name. ``taken`` says of listeners, routes and clusters when they came.

    ``version`` is Istio's, as the proxy's own bootstrap says it; empty where it does not.
    """

    version: str = ""
    listeners: dict[str, Listener] = {}
    routes: dict[str, RouteConfiguration] = {}
    clusters: dict[str, Cluster] = {}
    endpoints: dict[str, Assignment] = {}
    taken: dict[str, Resource] = {}


def joined(one: Config, other: Config) -> Config:
    """What two answers of the same proxy say together."""
    return Config(
        version=other.version or one.version,
        listeners={**one.listeners, **other.listeners},
        routes={**one.routes, **other.routes},
        clusters={**one.clusters, **other.clusters},
        endpoints={**one.endpoints, **other.endpoints},
        taken={**one.taken, **other.taken},
    )
