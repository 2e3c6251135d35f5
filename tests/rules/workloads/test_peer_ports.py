"""By which ports the replicas of one application call each other."""

import pytest

from kubectl_meshfix.rules.workloads.peer_ports import peer_ports
from tests.injection.installations import as_workload, decoded
from tests.rules.test_before_the_proxy import replicas

WORDS = (
    *("akka", "bus", "cluster", "clustering", "dist", "election", "epmd", "follower", "gossip", "hazelcast", "inter", "interbroker"),
    *("intercom", "internode", "intra", "jgroups", "leader", "memberlist", "peer", "peers", "quorum", "raft", "remoting"),
    *("replication", "serf", "transport"),
)
NUMBERS = (2380, 2888, 3888, 4369, 4567, 4568, 5701, 6222, 7800, 7946, 8201, 8300, 8301, 9094, 9300, 16379, 25672, 33061)


def is_peer(number: int, name: str = "", protocol: str = "TCP") -> bool:
    """Whether a port of a StatefulSet is one of them."""
    port = {"containerPort": number, "protocol": protocol, **({"name": name} if name else {})}
    return bool(peer_ports(as_workload(decoded(replicas(port=port)))))


@pytest.mark.parametrize("word", WORDS)
def test_words_for_a_port_between_replicas(word: str) -> None:
    """Alone or beside others, in any case; as a part of another word it says nothing."""
    assert is_peer(80, word)
    assert is_peer(80, f"tcp-{word}")
    assert is_peer(80, f"{word.upper()}_x")
    assert not is_peer(80, f"x{word}x")


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_of_a_port_between_replicas(number: int) -> None:
    """Where it has no name, and TCP; a name says more."""
    assert is_peer(number)
    assert not is_peer(number, "http")
    assert not is_peer(number, protocol="UDP")
    assert [near for near in (number - 1, number + 1) if is_peer(near)] == [near for near in (number - 1, number + 1) if near in NUMBERS]
