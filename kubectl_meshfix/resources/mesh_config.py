"""The mesh's configuration: the key `mesh` of the ConfigMap `istio` (`istio.io/api/mesh/v1alpha1/config.proto`)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from kubectl_meshfix.resources.embedded import mapping, without_nulls
from kubectl_meshfix.resources.istio_networking.actions import HTTPRetry
from kubectl_meshfix.resources.istio_networking.destinations import ConnectionPool, OutlierDetection
from kubectl_meshfix.resources.meta import LabelSelector, Struct


class ExtensionProvider(Struct, frozen=True):
    """A provider by name. ``kind`` is its field in the API, such as ``zipkin``; ``service`` is the host it is called at.

    ``fail_open`` and ``status_on_error`` are an authorizer's: what happens where it does not answer, and the status of the refusal.
    """

    name: str = ""
    kind: str = ""
    service: str = ""
    port: int | None = None
    fail_open: bool = False
    status_on_error: str = ""
    path_prefix: str = ""


class DefaultProviders(Struct, frozen=True):
    """Providers of a mesh without Telemetry objects, by name."""

    metrics: tuple[str, ...] = ()
    tracing: tuple[str, ...] = ()
    access_logging: tuple[str, ...] = ()


class ProxyImage(Struct, frozen=True):
    """The variant of the proxy's image: ``default``, ``debug`` or ``distroless``."""

    image_type: str = ""


class GatewayTopology(Struct, frozen=True):
    """How many proxies that may be trusted stand before gateways."""

    num_trusted_proxies: int = 0


class ProxyConfig(Struct, frozen=True):
    """Mesh-wide defaults of proxies."""

    gateway_topology: GatewayTopology = GatewayTopology()

    hold_application_until_proxy_starts: bool = False
    interception_mode: str = "REDIRECT"
    proxy_metadata: dict[str, str] = {}
    image: ProxyImage = ProxyImage()
    discovery_address: str = ""


class PathNormalization(Struct, frozen=True):
    """How proxies rewrite paths before anything looks at them: ``DEFAULT`` (``BASE``), ``NONE``, ``MERGE_SLASHES``, …"""

    normalization: str = "DEFAULT"


class OutboundTrafficPolicy(Struct, frozen=True):
    """What happens to traffic for hosts that nobody registered: ``ALLOW_ANY`` or ``REGISTRY_ONLY``."""

    mode: str = "ALLOW_ANY"


class InboundTrafficPolicy(Struct, frozen=True):
    """Where sidecars send what they take: to the pod's address (``PASSTHROUGH``) or to 127.0.0.1 (``LOCALHOST``)."""

    mode: str = "PASSTHROUGH"


class DefaultTrafficPolicy(Struct, frozen=True):
    """What DestinationRules leave unset."""

    connection_pool: ConnectionPool | None = None
    outlier_detection: OutlierDetection | None = None


_BUILTIN_PROVIDERS = tuple(
    ExtensionProvider(name=name, kind=kind)
    for name, kind in (("prometheus", "prometheus"), ("stackdriver", "stackdriver"), ("envoy", "envoyFileAccessLog"))
)


class MeshConfig(Struct, frozen=True):
    """The mesh's configuration; the defaults are istiod's own (`pkg/config/mesh/mesh.go DefaultMeshConfig`)."""

    root_namespace: str = "istio-system"
    trust_domain: str = "cluster.local"
    trust_domain_aliases: tuple[str, ...] = ()
    path_normalization: PathNormalization = PathNormalization()
    access_log_file: str = ""
    enable_tracing: bool = True
    enable_auto_mtls: bool = True
    discovery_selectors: tuple[LabelSelector, ...] = ()
    extension_providers: tuple[ExtensionProvider, ...] = _BUILTIN_PROVIDERS
    default_providers: DefaultProviders = DefaultProviders()
    default_config: ProxyConfig = ProxyConfig()
    outbound_traffic_policy: OutboundTrafficPolicy = OutboundTrafficPolicy()
    inbound_traffic_policy: InboundTrafficPolicy = InboundTrafficPolicy()
    default_traffic_policy: DefaultTrafficPolicy = DefaultTrafficPolicy()
    h2_upgrade_policy: str = "DO_NOT_UPGRADE"
    protocol_detection_timeout: str = "0s"
    default_http_retry_policy: HTTPRetry | None = None
    ingress_controller_mode: str = "STRICT"
    ingress_class: str = "istio"
    ingress_service: str = "istio-ingressgateway"
    ingress_selector: str = "ingressgateway"
    default_service_export_to: tuple[str, ...] = ("*",)
    default_virtual_service_export_to: tuple[str, ...] = ("*",)
    default_destination_rule_export_to: tuple[str, ...] = ("*",)


def read_mesh_config(text: str) -> tuple[MeshConfig | None, str]:
    """A mesh configuration, or None and what is wrong with the text; istiod then goes on with the one it had."""
    raw, problem = mapping(text)
    if problem:
        return None, problem
    fields = dict(without_nulls(raw))
    named = [_provider(provider) for provider in fields.pop("extensionProviders", ()) if isinstance(provider, dict)]
    names = {provider.name for provider in named}
    providers = (*(provider for provider in _BUILTIN_PROVIDERS if provider.name not in names), *named)
    try:
        config = msgspec.convert(fields, MeshConfig)
    except msgspec.ValidationError as error:
        return None, f"{error}."
    return msgspec.structs.replace(config, extension_providers=providers), ""


def _provider(raw: Mapping[str, Any]) -> ExtensionProvider:
    kind = next((key for key in raw if key != "name"), "")
    settings = raw[kind] if kind and isinstance(raw[kind], dict) else {}
    port = settings.get("port")
    return ExtensionProvider(
        name=str(raw.get("name", "")),
        kind=kind,
        service=str(settings.get("service", "")),
        port=port if isinstance(port, int) else None,
        fail_open=settings.get("failOpen") is True,
        status_on_error=str(settings.get("statusOnError", "")),
        path_prefix=str(settings.get("pathPrefix", "")),
    )
