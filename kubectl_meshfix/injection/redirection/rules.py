"""Which connections of a pod are redirected to its proxy (`tools/istio-iptables/pkg/capture/run.go Run`)."""

import ipaddress
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from kubectl_meshfix.chain.alternatives import any_of
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.injection.redirection.settings import (
    EXCLUDE_INBOUND_PORTS,
    INCLUDE_INBOUND_PORTS,
    STATUS_PORT,
    Outbound,
    numbers,
    parts,
)
from kubectl_meshfix.resources.injector_config import InjectorValues

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


class Verdict(NamedTuple):
    """The rule that decides, and whether the connection is redirected to the proxy."""

    rule: Rule
    is_redirected: bool | Unknown


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


_UNKNOWN_PORT = Unknown(kind=UnknownKind.UNSTATED, of="the port", settled_by="the port")
_UNKNOWN_ADDRESS = Unknown(kind=UnknownKind.RUNTIME, of="the address", settled_by=CLUSTER)
_UNKNOWN_GROUP = Unknown(kind=UnknownKind.RUNTIME, of="the group of the process", settled_by=CLUSTER)


def _after_ports(  # noqa: PLR0913 -- see outbound
    settings: Outbound, port: int | None, address: str, user: int | None, group: int | None, *, is_own: bool
) -> Verdict:
    if (is_own or _is_loopback(address)) and not any(
        map(_is_loopback, (part.partition("/")[0] for part in parts(settings.included_ranges)))
    ):
        return Verdict(Rule.OWN_ADDRESS, is_redirected=False)
    if settings.ids.user == user:
        return Verdict(Rule.PROXY_USER, is_redirected=False)
    if settings.ids.group == group:
        return Verdict(Rule.PROXY_GROUP, is_redirected=False)
    owned = _is_owned(settings, group)
    if owned is not True:
        return Verdict(Rule.OWNER_GROUP, owned)
    if _address(address) in _LOOPBACK:
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
    listed = parts(settings.excluded_owner_groups if is_exception else settings.owner_groups)
    if group is not None and str(group) in listed:
        return not is_exception
    if listed and (group is None or not all(part.isdecimal() for part in listed)):
        return _UNKNOWN_GROUP
    return is_exception


def _is_listed(port: int | None, ports: str) -> bool | Unknown:
    listed = numbers(ports)
    return _UNKNOWN_PORT if port is None and listed else port in listed


def _is_within(address: str, ranges: str) -> bool | Unknown:
    return any_of(_holds(part, address) for part in parts(ranges))


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


def is_captured_inbound(port: int, annotations: Mapping[str, str], values: InjectorValues) -> bool:
    """Whether connections to a container port are redirected to the proxy. A list of included ports replaces the excluded ones."""
    included = annotations.get(INCLUDE_INBOUND_PORTS, values.include_inbound_ports)
    if included.strip() != "*":
        return port in numbers(included)
    status = annotations.get(STATUS_PORT, "15020")
    return port not in numbers(f"{annotations.get(EXCLUDE_INBOUND_PORTS, values.exclude_inbound_ports)},{status},15008,15021,15090")
