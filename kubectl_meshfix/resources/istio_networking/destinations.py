"""Hosts that are sent to, and DestinationRules: how clients call them (`networking/v1alpha3/destination_rule.proto`)."""

from typing import Any

from kubectl_meshfix.resources.meta import Object, Struct


class PortSelector(Struct, frozen=True):
    """A port by number."""

    number: int = 0


class Destination(Struct, frozen=True):
    """A host of the registry, as written; ``subset`` is a DestinationRule's."""

    host: str = ""
    subset: str = ""
    port: PortSelector | None = None


class ClientTLS(Struct, frozen=True):
    """How a client speaks TLS to a host."""

    mode: str = ""
    ca_certificates: str = ""
    credential_name: str = ""
    client_certificate: str = ""
    private_key: str = ""
    sni: str = ""
    subject_alt_names: tuple[str, ...] = ()
    insecure_skip_verify: bool = False


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


class LocalitySettings(Struct, frozen=True):
    """Which localities are preferred. ``distribute`` shares requests out by weights; ``enabled`` None is on."""

    enabled: bool | None = None
    distribute: tuple[Any, ...] = ()


class LoadBalancer(Struct, frozen=True):
    """How an endpoint is chosen; ``PASSTHROUGH`` means the address that was called."""

    simple: str = ""
    locality_lb_setting: LocalitySettings | None = None


class AnySettings(Struct, frozen=True):
    """Settings of which only that they are there is read."""


class PortTrafficPolicy(Struct, frozen=True):
    """A policy for one port."""

    port: PortSelector | None = None
    tls: ClientTLS | None = None
    connection_pool: ConnectionPool | None = None
    outlier_detection: OutlierDetection | None = None
    load_balancer: LoadBalancer | None = None


class TrafficPolicy(Struct, frozen=True):
    """What applies to connections to a host. Of the last three only that they are set is read."""

    tls: ClientTLS | None = None
    connection_pool: ConnectionPool | None = None
    outlier_detection: OutlierDetection | None = None
    load_balancer: LoadBalancer | None = None
    port_level_settings: tuple[PortTrafficPolicy, ...] = ()
    tunnel: AnySettings | None = None
    proxy_protocol: AnySettings | None = None
    retry_budget: AnySettings | None = None


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
