"""Which connections of a pod are redirected to its proxy (`tools/istio-iptables/pkg/capture/run.go`, `cni/pkg/plugin/sidecar_redirect.go`).

Each setting is the pod's annotation, else the injector's value (`files/injection-template.yaml`).
"""

import ipaddress
from collections.abc import Mapping

from kubectl_meshfix.injection.early.addresses import Host
from kubectl_meshfix.injection.early.calls import InitCall
from kubectl_meshfix.injection.proxy_ids import ProxyIds
from kubectl_meshfix.mesh.control_plane import ControlPlane
from kubectl_meshfix.resources.injector_config import InjectorValues
from kubectl_meshfix.resources.mesh_config import MeshConfig

INTERCEPTION = "sidecar.istio.io/interceptionMode"
"""Annotation: ``REDIRECT``, ``TPROXY`` or ``NONE``, over the mesh configuration's."""

EXCLUDE_OUTBOUND_PORTS = "traffic.sidecar.istio.io/excludeOutboundPorts"
EXCLUDE_INBOUND_PORTS = "traffic.sidecar.istio.io/excludeInboundPorts"
_EXCLUDE_OUTBOUND_RANGES = "traffic.sidecar.istio.io/excludeOutboundIPRanges"
_INCLUDE_OUTBOUND_RANGES = "traffic.sidecar.istio.io/includeOutboundIPRanges"
_INCLUDE_INBOUND_PORTS = "traffic.sidecar.istio.io/includeInboundPorts"
_STATUS_PORT = "status.sidecar.istio.io/port"


def interception_mode(plane: ControlPlane | None, annotations: Mapping[str, str]) -> str:
    """How a pod's connections are taken: ``REDIRECT``, ``TPROXY`` or ``NONE``; a control plane that is not known has the default."""
    return annotations.get(INTERCEPTION) or (plane.mesh_config if plane else MeshConfig()).default_config.interception_mode


def is_redirected_outbound(call: InitCall, annotations: Mapping[str, str], values: InjectorValues, ids: ProxyIds) -> bool:
    """Whether the calls of an init container are known to be sent to the proxy once the pod's rules are in place.

    The proxy's own user and group are exempt. Where ports or ranges are excluded, and an address is not known to be none of them, it is
    taken to be one: whoever excluded them had a reason.
    """
    if ids.user == call.user or ids.group == call.group:
        return False
    if annotations.get(_INCLUDE_OUTBOUND_RANGES, values.include_outbound_ip_ranges) != "*":
        return False
    ports = _numbers(annotations.get(EXCLUDE_OUTBOUND_PORTS, values.exclude_outbound_ports))
    ranges = annotations.get(_EXCLUDE_OUTBOUND_RANGES, values.exclude_outbound_ip_ranges)
    if not ports and not ranges:
        return True
    return any(_is_outside(host, ports, ranges) for host in call.hosts)


def bypass(call: InitCall, host: Host, annotations: Mapping[str, str], values: InjectorValues, ids: ProxyIds) -> str:
    """Why the proxy never gets the calls of an init container to a host, whenever it starts, in words; empty where it may get them."""
    if ids.user == call.user:
        return f"runAsUser {ids.user}"
    if ids.group == call.group:
        return f"runAsGroup {ids.group}"
    excluded = _numbers(annotations.get(EXCLUDE_OUTBOUND_PORTS, values.exclude_outbound_ports))
    return f"port {host.port} in {EXCLUDE_OUTBOUND_PORTS}" if host.port in excluded else ""


def is_captured_inbound(port: int, annotations: Mapping[str, str], values: InjectorValues) -> bool:
    """Whether connections to a container port are redirected to the proxy. A list of included ports replaces the excluded ones."""
    included = annotations.get(_INCLUDE_INBOUND_PORTS, values.include_inbound_ports)
    if included.strip() != "*":
        return port in _numbers(included)
    status = annotations.get(_STATUS_PORT, "15020")
    return port not in _numbers(f"{annotations.get(EXCLUDE_INBOUND_PORTS, values.exclude_inbound_ports)},{status},15008,15021,15090")


def _is_outside(host: Host, ports: frozenset[int], ranges: str) -> bool:
    """Whether an address is known to be in no excluded range and on no excluded port."""
    if ports and (host.port is None or host.port in ports):
        return False
    return not ranges or (_is_address(host.name) and not any(_holds(item, host.name) for item in ranges.split(",")))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _holds(text: str, address: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return True


def _numbers(text: str) -> frozenset[int]:
    parts = (part.strip() for part in text.split(","))
    return frozenset(int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) <= 5)
