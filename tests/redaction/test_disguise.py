"""What becomes of words, numbers and addresses."""

import ipaddress
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_meshfix.redaction.disguise import Disguise

ONE, OTHER = Disguise(key=b"one"), Disguise(key=b"other")
NAMES = st.from_regex(r"zq[a-z]{4,12}", fullmatch=True)


@pytest.mark.parametrize(
    "text",
    ["http", "v1beta1", "istio-injection", "app.kubernetes.io/name", "8080", "250m", "1m30s", "2026-03-01T12:00:00Z", "*", "127.0.0.1"],
)
def test_what_rules_compare_with_stays(text: str) -> None:
    """Istio's and Kubernetes' words, numbers such as ports, times and what everybody calls the same."""
    assert ONE.text(text) == text


@pytest.mark.parametrize("text", ["acmecorp", "team.acmecorp.example", "123456789012", "Zürichsee", "AKIAZQ7"])
def test_what_says_who_it_is_goes(text: str) -> None:
    """Names, whatever their letters, and numbers as long as an account's."""
    made = ONE.text(text)

    assert not [word for word in re.findall(r"\w{4,}", text) if word != "example" and word in made]


@given(NAMES, NAMES)
def test_one_word_is_one_word_everywhere(one: str, other: str) -> None:
    """Equal words stay equal and others stay different, inside of hosts, paths and longer names too."""
    found = ONE.text(f"{one}.{other}.svc.cluster.local").split(".")

    assert found[:2] == [ONE.text(one), ONE.text(other)]
    assert (found[0] == found[1]) == (one == other)
    assert found[2:] == ["svc", "cluster", "local"]


@given(NAMES)
def test_another_bundle_has_other_words(name: str) -> None:
    """Two bundles cannot be laid side by side to see that they are of one company."""
    assert ONE.text(name) != OTHER.text(name)


@given(st.ip_addresses(network="80.0.0.0/4"), st.integers(8, 32))
def test_addresses_of_one_network_stay_in_one(address: ipaddress.IPv4Address, length: int) -> None:
    """A network's addresses are in the network that it becomes, so that rules about ranges say the same."""
    network = ipaddress.ip_network(f"{address}/{length}", strict=False)
    made = ipaddress.ip_network(ONE.text(str(network)), strict=False)

    assert ipaddress.ip_address(ONE.text(str(address))) in made
    assert made.prefixlen == length


@pytest.mark.parametrize(("address", "network"), [("10.1.2.3", "10.0.0.0/8"), ("192.168.7.9", "192.168.0.0/16"), ("fd00::7", "fc00::/7")])
def test_private_addresses_stay_private(address: str, network: str) -> None:
    """Rules ask whether an address is one of the Internet's."""
    made = ONE.text(address)

    assert made != address
    assert ipaddress.ip_address(made) in ipaddress.ip_network(network)
