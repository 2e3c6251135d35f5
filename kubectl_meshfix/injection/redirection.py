"""Which connections of a pod are redirected to its proxy (`tools/istio-iptables/pkg/capture/run.go`, `cni/pkg/plugin/sidecar_redirect.go`).

Each setting is the pod's annotation, even an empty one, else the injector's value (`files/injection-template.yaml`).
"""

import ipaddress
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from kubectl_meshfix.chain.alternatives import any_of
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.injection.proxy_ids import ISTIO_ID, ProxyIds
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
_INCLUDE_INBOUND_PORTS = "traffic.sidecar.istio.io/includeInboundPorts"
_STATUS_PORT = "status.sidecar.istio.io/port"

OWNER_GROUPS, NOT_OWNER_GROUPS = "ISTIO_OUTBOUND_OWNER_GROUPS", "ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE"
"""Metadata of the proxy: the groups whose connections are redirected, and those whose are not."""

_LOOPBACK = ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")


class Rule(StrEnum):
    """What decides on an outbound connection, in the order in which the rules are tried."""

    PORT_EXCLUDED = "excluded port"
    OWN_ADDRESS = "own address"
    PROXY_USER = "proxy's user"
    PROXY_GROUP = "proxy's group"
    OWNER_GROUP = "owner group"
    LOOPBACK = "loopback address"
    RANGE_EXCLUDED = "excluded range"
    PORT_INCLUDED = "included port"
    RANGE_INCLUDED = "included range"
    EVERYTHING = "everything"
    NOTHING = "in no included range"


class Outbound(NamedTuple):
    """A pod's settings of what is redirected when it calls. Lists are as they are written, separated by commas."""

    ids: ProxyIds
    included_ranges: str = "*"
    excluded_ranges: str = ""
    included_ports: str = ""
    excluded_ports: str = ""
    owner_groups: str = "*"
    excluded_owner_groups: str = ""


class Verdict(NamedTuple):
    """The rule that decides, and whether the connection is redirected to the proxy."""

    rule: Rule
    is_redirected: bool | Unknown


def interception_mode(plane: ControlPlane | None, annotations: Mapping[str, str]) -> str:
    """How a pod's connections are taken: ``REDIRECT``, ``TPROXY`` or ``NONE``; a control plane that is not known has the default."""
    default = (plane.mesh_config if plane else MeshConfig()).default_config.interception_mode
    return annotations.get(INTERCEPTION) or str(_own_config(annotations).get("interceptionMode") or default)


def proxy_metadata(plane: ControlPlane | None, annotations: Mapping[str, str]) -> Mapping[str, str]:
    """What ``proxyMetadata`` says for a pod: the mesh configuration's, and the pod's own over it."""
    general = (plane.mesh_config if plane else MeshConfig()).default_config.proxy_metadata
    own = _own_config(annotations).get("proxyMetadata")
    return {**general, **{str(key): str(value) for key, value in own.items()}} if isinstance(own, dict) else general


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
        ids=settings.ids._replace(user=int(user)) if user.isdecimal() and user != str(ISTIO_ID) else settings.ids,
    )


def outbound(  # noqa: PLR0913 -- a connection, each part by its name
    settings: Outbound, *, port: int | None, address: str = "", user: int | None = None, group: int | None = None, is_own: bool = False
) -> Verdict:
    """Whether a connection of a pod is redirected to its proxy, and which rule decides (`run.go Run`).

    ``port`` is None and ``address`` empty where they are not known. ``user`` and ``group`` are those of the calling process, None for those
    of its image, which are taken to be others than the proxy's. ``is_own`` says that the address is one of the pod itself. A list of
    included ranges that names a loopback address lets such connections be redirected too.
    """
    excluded = _is_listed(port, settings.excluded_ports)
    if excluded is True:
        return Verdict(Rule.PORT_EXCLUDED, is_redirected=False)
    later = _after_ports(settings, port, address, user, group, is_own=is_own)
    return later if excluded is False or later.is_redirected is False else Verdict(Rule.PORT_EXCLUDED, _UNKNOWN_PORT)


def is_captured_inbound(port: int, annotations: Mapping[str, str], values: InjectorValues) -> bool:
    """Whether connections to a container port are redirected to the proxy. A list of included ports replaces the excluded ones."""
    included = annotations.get(_INCLUDE_INBOUND_PORTS, values.include_inbound_ports)
    if included.strip() != "*":
        return port in _numbers(included)
    status = annotations.get(_STATUS_PORT, "15020")
    return port not in _numbers(f"{annotations.get(EXCLUDE_INBOUND_PORTS, values.exclude_inbound_ports)},{status},15008,15021,15090")


_UNKNOWN_PORT = Unknown(kind=UnknownKind.UNSTATED, of="the port", settled_by="the port")
_UNKNOWN_ADDRESS = Unknown(kind=UnknownKind.RUNTIME, of="the address", settled_by=CLUSTER)
_UNKNOWN_GROUP = Unknown(kind=UnknownKind.RUNTIME, of="the group of the process", settled_by=CLUSTER)


def _after_ports(  # noqa: PLR0913 -- see outbound
    settings: Outbound, port: int | None, address: str, user: int | None, group: int | None, *, is_own: bool
) -> Verdict:
    if (is_own or _is_loopback(address)) and not any(
        map(_is_loopback, (part.partition("/")[0] for part in _parts(settings.included_ranges)))
    ):
        return Verdict(Rule.OWN_ADDRESS, is_redirected=False)
    if settings.ids.user == user:
        return Verdict(Rule.PROXY_USER, is_redirected=False)
    if settings.ids.group == group:
        return Verdict(Rule.PROXY_GROUP, is_redirected=False)
    owned = _is_owned(settings, group)
    if owned is not True:
        return Verdict(Rule.OWNER_GROUP, owned)
    if address and _address(address) in _LOOPBACK:
        return Verdict(Rule.LOOPBACK, is_redirected=False)
    excluded = _is_within(address, settings.excluded_ranges)
    if excluded is True:
        return Verdict(Rule.RANGE_EXCLUDED, is_redirected=False)
    included = _included(settings, port, address)
    return included if excluded is False or included.is_redirected is False else Verdict(Rule.RANGE_EXCLUDED, excluded)


def _included(settings: Outbound, port: int | None, address: str) -> Verdict:
    if settings.included_ranges.strip() == "*":
        return Verdict(Rule.EVERYTHING, is_redirected=True)
    listed = _is_listed(port, settings.included_ports)
    if listed is True:
        return Verdict(Rule.PORT_INCLUDED, is_redirected=True)
    within = _is_within(address, settings.included_ranges)
    if within is False and listed is False:
        return Verdict(Rule.NOTHING, is_redirected=False)
    return Verdict(Rule.RANGE_INCLUDED, any_of((listed, within)))


def _is_owned(settings: Outbound, group: int | None) -> bool | Unknown:
    """Whether connections of a group are redirected at all; names of groups mean what the image says."""
    is_exception = settings.owner_groups.strip() == "*"
    listed = _parts(settings.excluded_owner_groups if is_exception else settings.owner_groups)
    if group is not None and str(group) in listed:
        return not is_exception
    if listed and (group is None or not all(part.isdecimal() for part in listed)):
        return _UNKNOWN_GROUP
    return is_exception


def _is_listed(port: int | None, ports: str) -> bool | Unknown:
    numbers = _numbers(ports)
    return _UNKNOWN_PORT if port is None and numbers else port in numbers


def _is_within(address: str, ranges: str) -> bool | Unknown:
    return any_of(_holds(part, address) for part in _parts(ranges))


def _holds(text: str, address: str) -> bool | Unknown:
    found = _address(address)
    try:
        return found in ipaddress.ip_network(text, strict=False) if found else _UNKNOWN_ADDRESS
    except ValueError:
        return _UNKNOWN_ADDRESS


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _is_loopback(text: str) -> bool:
    found = _address(text)
    return found is not None and found.is_loopback


def _own_config(annotations: Mapping[str, str]) -> Mapping[str, object]:
    text = annotations.get(PROXY_CONFIG, "")
    return mapping(text)[0] if text else {}


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _numbers(text: str) -> frozenset[int]:
    return frozenset(_ports(_parts(text)))


def _ports(parts: Iterable[str]) -> Iterable[int]:
    return (int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) <= 5)
