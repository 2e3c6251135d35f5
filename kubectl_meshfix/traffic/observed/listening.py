"""Which listener and filter chain of Envoy's take a connection, and what ends the chain.

Envoy: `source/common/listener_manager/filter_chain_manager_impl.cc findFilterChain`, `…/active_tcp_listener.cc`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from ipaddress import ip_address, ip_network
from typing import NamedTuple

import msgspec

from kubectl_meshfix.traffic.observed.envoy import ChainMatch, Config, FilterChain, Listener, Part, RouteConfiguration, WeightedClusters
from kubectl_meshfix.traffic.terms.request import Request, Scheme

_ANY = ("0.0.0.0", "::")  # noqa: S104 -- read, not listened on
_TCP_PROXY = "extensions.filters.network.tcp_proxy."
_MANAGER = "extensions.filters.network.http_connection_manager."
_NO_MATCH = -1


class Connection(NamedTuple):
    """A connection as listener filters see it. ``address`` is empty where it is not known; ``applications`` are in the caller's order."""

    address: str
    port: int
    transport: str
    applications: tuple[str, ...]
    server_name: str


class Rds(Part, frozen=True):
    """Where the routes come from."""

    route_config_name: str = ""


class Ends(Part, frozen=True):
    """What ends a filter chain: routes, by their name or at once, or clusters that get the bytes."""

    type: str = msgspec.field(default="", name="@type")
    rds: Rds | None = None
    route_config: RouteConfiguration | None = None
    cluster: str = ""
    weighted_clusters: WeightedClusters | None = None

    @property
    def reads_http(self) -> bool:
        """Whether it reads HTTP."""
        return _MANAGER in self.type


class Taken(NamedTuple):
    """The listener that takes a connection, and what its chain ends with; None where no chain takes it."""

    listener: Listener
    ends: Ends | None


def connection(request: Request, address: str, port: int) -> Connection:
    """A request's connection as its caller opens it."""
    is_tls = request.scheme is Scheme.HTTPS
    http = ("http/1.0" if request.version == "1.0" else "h2c" if request.is_http2 else "http/1.1",) if request.is_http else ()
    return Connection(address, port, "tls" if is_tls else "raw_buffer", http, request.server_name.lower() if is_tls else "")


def taken(found: Config, asked: Connection) -> Taken | None:
    """What takes a connection in a sidecar: the listener of its address, of its port, or the one that all are redirected to."""
    by_address = {(place.address, place.port_value): item for item in found.listeners.values() if (place := item.address.socket_address)}
    own = by_address.get((asked.address, asked.port)) if asked.address else None
    shared = next((by_address[any_, asked.port] for any_ in _ANY if (any_, asked.port) in by_address), None)
    rest = next((item for item in found.listeners.values() if item.use_original_dst and item.name == "virtualOutbound"), None)
    listener = own or shared or rest
    if listener is None:
        return None
    chain = chosen(listener, asked)
    return Taken(listener, ends(chain) if chain else None)


def has_own(found: Config, port: int) -> bool:
    """Whether any listener is for one address and this port."""
    places = (item.address.socket_address for item in found.listeners.values())
    return any(place is not None and place.port_value == port and place.address not in _ANY for place in places)


def chosen(listener: Listener, asked: Connection) -> FilterChain | None:
    """The chain for a connection: by port, address, server name, transport and application, each the most specific, without a way back."""
    left: Sequence[FilterChain] = listener.filter_chains
    questions: tuple[Callable[[ChainMatch, Connection], int], ...] = (_port, _range, _server_name, _transport, _application)
    for asks in questions:
        fits = [(asks(chain.filter_chain_match, asked), chain) for chain in left]
        best = max((fit for fit, _ in fits), default=_NO_MATCH)
        left = [chain for fit, chain in fits if fit == best] if best > _NO_MATCH else ()
    return left[0] if left else listener.default_filter_chain


def ends(chain: FilterChain) -> Ends | None:
    """The filter of a chain that reads HTTP or hands on bytes; None where none is known. Raises ValueError for one of another form."""
    for item in reversed(chain.filters):
        kind = msgspec.json.decode(item.typed_config, type=_Kind).type
        if _TCP_PROXY in kind or _MANAGER in kind:
            try:
                return msgspec.json.decode(item.typed_config, type=Ends)
            except msgspec.ValidationError as error:
                raise ValueError(f"its configuration has another form: {error}") from error
    return None


def route_names(found: Iterable[Listener]) -> Iterator[str]:
    """The names of the routes that listeners use."""
    for listener in found:
        chains = (*listener.filter_chains, *([listener.default_filter_chain] if listener.default_filter_chain else []))
        for chain in chains:
            ending = ends(chain)
            if ending and ending.rds:
                yield ending.rds.route_config_name


class _Kind(Part, frozen=True):
    type: str = msgspec.field(default="", name="@type")


def _port(match: ChainMatch, asked: Connection) -> int:
    return (1 if match.destination_port == asked.port else _NO_MATCH) if match.destination_port else 0


def _range(match: ChainMatch, asked: Connection) -> int:
    if not match.prefix_ranges:
        return 0
    if not asked.address:
        return _NO_MATCH
    address = ip_address(asked.address)
    ranges = [ip_network((item.address_prefix, item.prefix_len), strict=False) for item in match.prefix_ranges]
    return max((item.prefixlen + 1 for item in ranges if address in item), default=_NO_MATCH)


def _server_name(match: ChainMatch, asked: Connection) -> int:
    """An exact name before wildcards, and of these the longest."""
    if not match.server_names:
        return 0
    name = asked.server_name
    exact = len(name) + 1 if name and name in match.server_names else _NO_MATCH
    wild = [len(item) - 1 for item in match.server_names if item.startswith("*.") and name.endswith(item[1:]) and len(name) >= len(item)]
    return max(exact, *wild, _NO_MATCH)


def _transport(match: ChainMatch, asked: Connection) -> int:
    return (1 if match.transport_protocol == asked.transport else _NO_MATCH) if match.transport_protocol else 0


def _application(match: ChainMatch, asked: Connection) -> int:
    if not match.application_protocols:
        return 0
    places = [at for at, name in enumerate(asked.applications) if name in match.application_protocols]
    return len(asked.applications) - places[0] if places else _NO_MATCH
