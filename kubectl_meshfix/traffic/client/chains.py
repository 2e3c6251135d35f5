"""The filter chains of one listener of a client's proxy (`pilot/pkg/networking/core/listener.go buildSidecarOutboundListener`)."""

import ipaddress
from collections.abc import Callable, Iterable

import msgspec

from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol, parse
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.client.scoping.scope import Egress
from kubectl_meshfix.traffic.client.view import View
from kubectl_meshfix.traffic.registry import Entry, Resolution

RESERVED = frozenset({15001, 15006, 15021, 15090})
"""Ports of the proxy itself, on which there is no listener for all HTTP hosts (`pilot/pkg/model/context.go CanBindToPort`)."""

_LONERS = frozenset({Protocol.MONGO, Protocol.MYSQL})
"""Protocols whose listeners share a port with no other (`isConflictWithWellKnownPort`)."""

_TLS = frozenset({Protocol.TLS, Protocol.HTTPS})


class Chain(msgspec.Struct, frozen=True):
    """A chain that hands bytes on to an entry. ``sni`` is what TLS has to say, empty for anything; so are ``ranges``."""

    entry: Entry
    port: int
    protocol: Protocol
    sni: str = ""
    ranges: tuple[str, ...] = ()


class Listener(msgspec.Struct, frozen=True):
    """What one listener is made of, in istiod's order: who shares HTTP's chain, the chains of TCP, and entries that older ones keep out.

    With a chain for HTTP it waits for the client's first bytes, which decide.
    """

    http: tuple[Entry, ...] = ()
    has_http: bool = False
    tcp: tuple[Chain, ...] = ()
    kept_out: tuple[tuple[Entry, Entry], ...] = ()


Binding = Callable[[Entry], tuple[str, ...] | None]
"""Whether an entry that is no HTTP belongs to a listener: the ranges of its chain, none for all addresses; None where it does not."""


_ALL_ADDRESSES = frozenset({"0.0.0.0", "::"})  # noqa: S104 -- what a Sidecar says


def is_socket(egress: Egress) -> bool:
    """Whether redirected connections do not come to an egress entry: it listens on a real socket, or at an address of its own."""
    return egress.listener.capture_mode == "NONE" or (bool(egress.listener.bind) and egress.listener.bind not in _ALL_ADDRESSES)


def _everything(_: Entry) -> tuple[str, ...]:
    """Entries of an egress entry that is bound to all addresses have no listener of their own."""
    return ()


Candidates = Callable[[Egress], Iterable[Entry]]
"""The entries of an egress entry that may belong to a listener, in istiod's order."""


def build(view: View, port: int, candidates: Candidates, binding: Binding, *, is_shared: bool) -> Listener | None:
    """A listener of a port, or None; ``is_shared`` is the one of all addresses, which HTTP has to itself but for TCP without addresses.

    An egress entry that is for the port decides alone where it makes the listener.
    """
    for egress in sorted(view.scope.egress, key=lambda item: not item.port):
        takes_all = egress.listener.bind in _ALL_ADDRESSES
        if egress.port in (0, port) and not is_socket(egress) and (is_shared or not takes_all):
            found = _fold(egress, port, candidates(egress), _everything if takes_all else binding, is_shared=is_shared)
            if found.has_http or found.tcp:
                return found
    return None


def protocol_of(egress: Egress, entry: Entry, port: int) -> Protocol | None:
    """The protocol that counts: that of the egress entry's own port, else of the registered port; None for no such port."""
    registered = entry.port(port)
    if registered is None or entry.is_alias:
        return None
    return parse(egress.listener.port.protocol) if egress.listener.port else registered.protocol


def is_range(address: str) -> bool:
    """Whether an address of a ServiceEntry is a range of more than one."""
    return "/" in address and not address.endswith(("/32", "/128"))


def is_in(address: str, ranges: Iterable[str]) -> int:
    """The length of the longest of the ranges' prefixes that an IP address is in; -1 for none."""
    try:
        number = ipaddress.ip_address(address)
        networks = [ipaddress.ip_network(item, strict=False) for item in ranges]
    except ValueError:
        return -1
    return max((network.prefixlen for network in networks if number in network), default=-1)


def speaks_for(chain: Chain, server_name: str) -> bool:
    """Whether a chain's SNI fits."""
    return bool(chain.sni) and bool(server_name) and hosts.is_within(server_name, chain.sni)


def _fold(egress: Egress, port: int, entries: Iterable[Entry], binding: Binding, *, is_shared: bool) -> Listener:
    http: list[Entry] = []
    tcp: list[Chain] = []
    kept_out: list[tuple[Entry, Entry]] = []
    has_http, current = False, None
    for entry in entries:
        protocol = protocol_of(egress, entry, port)
        if protocol is None or protocol is Protocol.UDP:
            continue
        is_http = protocol in HTTP_LIKE
        ranges = () if is_http else binding(entry)
        if ranges is None or (is_http and (not is_shared or port in RESERVED)):
            continue
        if current and current is not protocol and not _LONERS.isdisjoint((current, protocol)):
            kept_out.append((entry, (tcp[0].entry if tcp else http[0])))
            continue
        has_http = has_http or is_http or protocol is Protocol.UNSUPPORTED
        if is_http:
            http.append(entry)
        else:
            has_no_address = bool(ranges) or (is_shared and not entry.is_kubernetes and not entry.addresses)
            is_dynamic = entry.resolution is Resolution.DYNAMIC_DNS and entry.host.startswith("*")
            is_named = protocol in _TLS and (has_no_address or is_dynamic)
            chain = Chain(entry, port, protocol, entry.host if is_named else "", ranges)
            rival = next((item for item in tcp if (item.sni, set(item.ranges)) == (chain.sni, set(chain.ranges))), None)
            if rival:
                kept_out.append((entry, rival.entry))
            else:
                tcp.append(chain)
        current = Protocol.UNSUPPORTED if has_http or current is Protocol.UNSUPPORTED else (current or protocol)
    return Listener(tuple(http), has_http, tuple(tcp), tuple(kept_out))
