"""The cluster of a route's destination is told from what the routes know of its host."""

import pytest

from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.destinations import cluster_name, known_to_http, port_with_cluster
from kubectl_meshfix.traffic.registry import Entry, Port

SERVICE = Ref("v1", "Service", "shop", "catalog")


def entry(*numbers: int, alias: str = "", protocol: Protocol = Protocol.HTTP) -> Entry:
    """A registered host with ports of one protocol."""
    return Entry(
        host="catalog", namespace="shop", resource=SERVICE, ports=tuple(Port(number, protocol) for number in numbers),
        namespaces=frozenset("*"), is_alias=bool(alias), alias_for=alias,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("known", "named", "cluster"),
    [
        (None, 0, ("catalog", 80)),
        (None, 8080, ("catalog", 8080)),
        (entry(80, 90), 0, ("catalog", 80)),
        (entry(7000), 0, ("catalog", 7000)),
        (entry(7000), 90, ("catalog", 90)),
        (entry(80, 90, alias="example.com"), 0, ("example.com", 80)),
        (entry(7000, alias="example.com"), 0, ("example.com", 7000)),
    ],
)
def test_a_known_host_gives_its_only_port_and_the_host_it_stands_for(known: Entry | None, named: int, cluster: tuple[str, int]) -> None:
    """The port that is named comes first, then the only one there is, then the one that was called, here 80."""
    found = cluster_name("catalog", known, named, 80)

    assert (found.host, found.port) == cluster


def test_http_routes_of_sidecars_know_hosts_with_the_port_alone() -> None:
    """Of all others they know nothing, so these are called on the port of the call."""
    assert known_to_http(entry(80), 80)
    assert known_to_http(entry(80), 90) is None
    assert known_to_http(None, 80) is None


def test_aliases_udp_and_what_is_not_there_have_no_cluster() -> None:
    """Where TCP and UDP share a port, there is one."""
    both = Entry(
        host="dns", namespace="shop", resource=SERVICE, ports=(Port(53, Protocol.UDP), Port(53, Protocol.TCP)), namespaces=frozenset("*")
    )

    assert port_with_cluster(entry(80), 80) == Port(80, Protocol.HTTP)
    assert port_with_cluster(both, 53) == Port(53, Protocol.TCP)
    assert port_with_cluster(entry(80), 90) is None
    assert port_with_cluster(entry(53, protocol=Protocol.UDP), 53) is None
    assert port_with_cluster(entry(80, alias="example.com"), 80) is None
