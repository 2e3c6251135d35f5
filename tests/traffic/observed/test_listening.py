"""Which of a proxy's listeners and filter chains take a connection."""

import pytest

from kubectl_meshfix.traffic.observed.envoy import Address, ChainMatch, Config, FilterChain, Listener, Range, SocketAddress
from kubectl_meshfix.traffic.observed.listening import Connection, chosen, connection, has_own, taken
from kubectl_meshfix.traffic.trace.urls import parse_request


def listener(name: str, address: str, port: int, *, redirects: bool = False) -> Listener:
    """A listener with one chain for everything."""
    place = Address(socket_address=SocketAddress(address=address, port_value=port))
    return Listener(name=name, address=place, filter_chains=(FilterChain(name=name),), use_original_dst=redirects)


FOUND = Config(
    listeners={
        item.name: item
        for item in (
            listener("0.0.0.0_80", "0.0.0.0", 80),
            listener("10.0.0.7_80", "10.0.0.7", 80),
            listener("virtualOutbound", "0.0.0.0", 15001, redirects=True),
        )
    }
)


@pytest.mark.parametrize(
    ("address", "port", "name"),
    [("10.0.0.7", 80, "10.0.0.7_80"), ("10.0.0.8", 80, "0.0.0.0_80"), ("", 80, "0.0.0.0_80"), ("10.0.0.7", 81, "virtualOutbound")],
)
def test_a_listener_of_the_address_comes_first(address: str, port: int, name: str) -> None:
    """The address itself, then all addresses of the port, then the listener that everything is redirected to."""
    found = taken(FOUND, Connection(address, port, "raw_buffer", ("http/1.1",), ""))

    assert found is not None
    assert found.listener.name == name
    assert has_own(FOUND, 80)
    assert not has_own(FOUND, 81)


def test_without_listeners_nothing_is_taken() -> None:
    """A proxy that has no configuration takes no connection."""
    assert taken(Config(), Connection("10.0.0.7", 80, "raw_buffer", (), "")) is None


def chain(name: str, **match: object) -> FilterChain:
    """A chain with what it asks for."""
    return FilterChain(name=name, filter_chain_match=ChainMatch(**match))  # type: ignore[arg-type]


CHAINS = Listener(
    filter_chains=(
        chain("blackhole", destination_port=15006),
        chain("wide", prefix_ranges=(Range(address_prefix="10.0.0.0", prefix_len=8),)),
        chain("narrow", prefix_ranges=(Range(address_prefix="10.1.0.0", prefix_len=16),)),
        chain("exact", server_names=("a.example.com",), transport_protocol="tls"),
        chain("wildcard", server_names=("*.example.com",), transport_protocol="tls"),
        chain("http", transport_protocol="raw_buffer", application_protocols=("http/1.1", "h2c")),
    ),
    default_filter_chain=chain("rest"),
)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (Connection("192.0.2.1", 15006, "raw_buffer", ("http/1.1",), ""), "blackhole"),
        (Connection("10.2.0.1", 80, "raw_buffer", ("http/1.1",), ""), "wide"),
        (Connection("10.1.0.1", 80, "raw_buffer", ("http/1.1",), ""), "narrow"),
        (Connection("192.0.2.1", 443, "tls", (), "a.example.com"), "exact"),
        (Connection("192.0.2.1", 443, "tls", (), "b.example.com"), "wildcard"),
        (Connection("192.0.2.1", 443, "tls", (), "example.com"), "rest"),
        (Connection("192.0.2.1", 80, "raw_buffer", ("http/1.1",), ""), "http"),
        (Connection("192.0.2.1", 80, "raw_buffer", (), ""), "rest"),
        (Connection("", 80, "raw_buffer", ("h2c",), ""), "http"),
    ],
)
def test_the_most_specific_chain_is_chosen(asked: Connection, name: str) -> None:
    """Port, address, server name, transport and application, in Envoy's order, and the default chain for the rest."""
    found = chosen(CHAINS, asked)

    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    ("url", "version", "seen"),
    [
        ("http://shop/", "", ("raw_buffer", ("http/1.1",), "")),
        ("http://shop/", "1.0", ("raw_buffer", ("http/1.0",), "")),
        ("grpc://shop:80/", "", ("raw_buffer", ("h2c",), "")),
        ("https://Shop.example.com/", "", ("tls", (), "shop.example.com")),
        ("shop:9000", "", ("raw_buffer", (), "")),
    ],
)
def test_listener_filters_see_what_the_caller_sends(url: str, version: str, seen: tuple[str, tuple[str, ...], str]) -> None:
    """HTTP is told by its first bytes, TLS by its ClientHello."""
    assert connection(parse_request(url, version=version), "10.0.0.7", 80)[2:] == seen
