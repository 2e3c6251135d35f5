"""What says which connections of a pod are redirected: its annotations, even empty ones, else the injector's values.

`files/injection-template.yaml`, and `cni/pkg/plugin/sidecar_redirect.go` for pods whose node redirects.
"""

from collections.abc import Mapping
from typing import NamedTuple

from kubectl_meshfix.injection.proxy_ids import ProxyIds
from kubectl_meshfix.mesh.control_plane import ControlPlane
from kubectl_meshfix.resources.core import PodSpec
from kubectl_meshfix.resources.embedded import mapping
from kubectl_meshfix.resources.injector_config import InjectorValues
from kubectl_meshfix.resources.mesh_config import MeshConfig

INTERCEPTION = "sidecar.istio.io/interceptionMode"
"""Annotation: ``REDIRECT``, ``TPROXY`` or ``NONE``, over the mesh configuration's."""

PROXY_CONFIG = "proxy.istio.io/config"
"""Annotation: the pod's own part of the mesh configuration's ``defaultConfig``, in YAML."""

EXCLUDE_OUTBOUND_PORTS = "traffic.sidecar.istio.io/excludeOutboundPorts"
INCLUDE_OUTBOUND_PORTS = "traffic.sidecar.istio.io/includeOutboundPorts"
EXCLUDE_OUTBOUND_RANGES = "traffic.sidecar.istio.io/excludeOutboundIPRanges"
INCLUDE_OUTBOUND_RANGES = "traffic.sidecar.istio.io/includeOutboundIPRanges"
EXCLUDE_INBOUND_PORTS = "traffic.sidecar.istio.io/excludeInboundPorts"
INCLUDE_INBOUND_PORTS = "traffic.sidecar.istio.io/includeInboundPorts"
STATUS_PORT = "status.sidecar.istio.io/port"

OWNER_GROUPS, NOT_OWNER_GROUPS = "ISTIO_OUTBOUND_OWNER_GROUPS", "ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE"
"""Metadata of the proxy: the groups whose connections are redirected, and those whose are not."""


class Outbound(NamedTuple):
    """A pod's settings of what is redirected when it calls. Lists are as they are written, separated by commas."""

    ids: ProxyIds
    included_ranges: str = "*"
    excluded_ranges: str = ""
    included_ports: str = ""
    excluded_ports: str = ""
    owner_groups: str = "*"
    excluded_owner_groups: str = ""


def interception_mode(plane: ControlPlane | None, annotations: Mapping[str, str]) -> str:
    """How a pod's connections are taken: ``REDIRECT``, ``TPROXY`` or ``NONE``; a control plane that is not known has the default."""
    default = (plane.mesh_config if plane else MeshConfig()).default_config.interception_mode
    return annotations.get(INTERCEPTION) or str(_own_config(annotations).get("interceptionMode") or default)


def own_metadata(annotations: Mapping[str, str]) -> Mapping[str, str]:
    """What a pod's annotation says in ``proxyMetadata``: it counts over the mesh configuration's."""
    own = _own_config(annotations).get("proxyMetadata")
    return {str(key): _text(value) for key, value in own.items()} if isinstance(own, dict) else {}


def outbound_settings(annotations: Mapping[str, str], values: InjectorValues, ids: ProxyIds, metadata: Mapping[str, str]) -> Outbound:
    """The settings of pods that get these annotations, by an injector with these values."""
    return Outbound(
        ids=ids,
        included_ranges=annotations.get(INCLUDE_OUTBOUND_RANGES, values.include_outbound_ip_ranges),
        excluded_ranges=annotations.get(EXCLUDE_OUTBOUND_RANGES, values.exclude_outbound_ip_ranges),
        included_ports=annotations.get(INCLUDE_OUTBOUND_PORTS, values.include_outbound_ports),
        excluded_ports=annotations.get(EXCLUDE_OUTBOUND_PORTS, values.exclude_outbound_ports),
        owner_groups=metadata.get(OWNER_GROUPS, "*"),
        excluded_owner_groups=metadata.get(NOT_OWNER_GROUPS, ""),
    )


def settings_of_pod(spec: PodSpec, settings: Outbound) -> Outbound:
    """The settings of a pod that exists: those that its init container of Istio's was told, whatever annotations and values say now."""
    names = ("istio-init", "istio-validation")
    container = next((item for item in spec.init_containers if item.name in names and "istio-iptables" in item.args), None)
    if container is None:
        return settings
    told = dict(zip(container.args, container.args[1:], strict=False))
    user = told.get("-u", "")
    return settings._replace(
        included_ranges=told.get("-i", ""),
        excluded_ranges=told.get("-x", ""),
        included_ports=told.get("-q", ""),
        excluded_ports=told.get("-o", ""),
        ids=settings.ids._replace(user=int(user), group=int(user)) if user.isdecimal() else settings.ids,
    )


def parts(text: str) -> tuple[str, ...]:
    """The items of a list that is separated by commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def numbers(text: str) -> frozenset[int]:
    """The ports of such a list; what is none is passed over."""
    return frozenset(int(part) for part in parts(text) if part.isascii() and part.isdecimal() and len(part) <= 5)


def _own_config(annotations: Mapping[str, str]) -> Mapping[str, object]:
    text = annotations.get(PROXY_CONFIG, "")
    return mapping(text)[0] if text else {}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
