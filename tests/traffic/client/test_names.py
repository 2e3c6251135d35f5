"""The names that a resolver tries, and what a name can be."""

import msgspec
import pytest

from kubectl_meshfix.resources.core import PodSpec
from kubectl_meshfix.traffic.client.dns import names


@pytest.mark.parametrize(
    ("full", "labels"),
    [
        ("catalog.shop.svc.cluster.local", ("catalog", "shop")),
        ("a.catalog.shop.svc.cluster.local", ("a", "catalog", "shop")),
        ("catalog.shop.svc", ()),
        ("catalog.shop.svc.cluster.local.x", ()),
        ("svc.cluster.local", ()),
        ("example.com", ()),
    ],
)
def test_labels_below_svc(full: str, labels: tuple[str, ...]) -> None:
    """Those of a full name alone."""
    assert names.below_services(full) == labels


@pytest.mark.parametrize(
    ("full", "number"),
    [
        ("10-1-0-7.shop.pod.cluster.local", "10.1.0.7"),
        ("10-1-0-7.catalog.shop.svc.cluster.local", "10.1.0.7"),
        ("10-1-0.shop.pod.cluster.local", ""),
        ("10-1-0-7-8.shop.pod.cluster.local", ""),
        ("a-1-0-7.shop.pod.cluster.local", ""),
        ("1000-1-0-7.shop.pod.cluster.local", ""),
        ("10-1-0-7.example.com", ""),
    ],
)
def test_a_pods_name_spells_its_address(full: str, number: str) -> None:
    """Four numbers with dashes, in the cluster's domain."""
    assert names.address_in(full) == number


@pytest.mark.parametrize(
    ("full", "is_so"), [("catalog", True), ("a.svc", True), ("a.cluster.local", True), ("a.b", False), ("xcluster.local", False)]
)
def test_what_only_the_cluster_can_know(full: str, is_so: bool) -> None:
    """A name without a dot, one that ends in ``.svc``, and one in the cluster's domain."""
    assert names.is_of_cluster(full) is is_so


@pytest.mark.parametrize(
    ("full", "is_so"),
    [
        ("a.b.c", True),
        ("catalog.shop", False),
        ("example.de", True),
        ("example.d", False),
        ("example.web", False),
        *(
            (f"example.{last}", True)
            for last in ("com", "org", "net", "io", "dev", "app", "edu", "gov", "info", "biz", "cloud", "co", "ai", "me")
        ),
        ("example.tech", True),
    ],
)
def test_what_is_more_likely_public(full: str, is_so: bool) -> None:
    """Three words, a country's code, or a domain that nobody takes for a namespace."""
    assert names.may_be_public(full) is is_so


@pytest.mark.parametrize(("text", "is_so"), [("10.0.0.1", True), ("fd00::1", True), ("10.0.0", False), ("a", False), ("", False)])
def test_addresses_are_told_from_names(text: str, is_so: bool) -> None:
    """IPv4 and IPv6."""
    assert names.is_address(text) is is_so


SEARCHED = ("web.svc.cluster.local", "svc.cluster.local", "cluster.local")


@pytest.mark.parametrize(
    ("name", "config", "tried"),
    [
        ("a", {}, [*(f"a.{suffix}" for suffix in SEARCHED), "a"]),
        ("a.b.c.d.e", {}, [*(f"a.b.c.d.e.{suffix}" for suffix in SEARCHED), "a.b.c.d.e"]),
        ("a.b.c.d.e.f", {}, ["a.b.c.d.e.f", *(f"a.b.c.d.e.f.{suffix}" for suffix in SEARCHED)]),
        ("a.", {}, ["a"]),
        ("a.b", {"options": [{"name": "ndots", "value": "1"}]}, ["a.b", *(f"a.b.{suffix}" for suffix in SEARCHED)]),
        ("a.b", {"options": [{"name": "ndots", "value": "2"}]}, [*(f"a.b.{suffix}" for suffix in SEARCHED), "a.b"]),
        ("a.b", {"options": [{"name": "ndots", "value": "x"}]}, [*(f"a.b.{suffix}" for suffix in SEARCHED), "a.b"]),
        ("a.b", {"options": [{"name": "timeout", "value": "1"}]}, [*(f"a.b.{suffix}" for suffix in SEARCHED), "a.b"]),
        ("a", {"searches": ["x.example.com."]}, [*(f"a.{suffix}" for suffix in (*SEARCHED, "x.example.com")), "a"]),
    ],
)
def test_short_names_are_searched_first(name: str, config: dict[str, object], tried: list[str]) -> None:
    """A name with as many dots as ``ndots``, five by default of a pod, is tried as it is first."""
    spec = msgspec.convert({"dnsConfig": config} if config else {}, PodSpec)

    assert list(names.candidates(name, "web", spec)) == tried


def test_a_pod_with_its_own_resolver_searches_what_it_names() -> None:
    """With ``dnsPolicy: None`` one dot is enough."""
    spec = msgspec.convert({"dnsPolicy": "None", "dnsConfig": {"searches": ["x"]}}, PodSpec)

    assert names.candidates("a", "web", spec) == ("a.x", "a")
    assert names.candidates("a.b", "web", spec) == ("a.b", "a.b.x")
