"""Sidecars and EnvoyFilters: what changes a proxy's configuration (`networking/v1alpha3`)."""

from typing import Any

from kubectl_meshfix.resources.istio_networking.destinations import Destination, WorkloadSelector
from kubectl_meshfix.resources.istio_networking.gateways import ServerPort, ServerTLS
from kubectl_meshfix.resources.meta import Object, Struct


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
