"""Hosts are resolved and compared as pilot does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_meshfix.traffic import hosts

SOME = ["*", "*.com", "*a.com", "*.a.com", "a.com", "b.a.com", "com", "", "*.b.a.com", "b.com"]


@pytest.mark.parametrize(
    ("written", "full"),
    [
        ("reviews", "reviews.shop.svc.cluster.local"),
        ("Reviews", "Reviews.shop.svc.cluster.local"),
        ("reviews.shop", "reviews.shop"),
        ("*.example.com", "*.example.com"),
        ("*", "*"),
        ("10.0.0.1", "10.0.0.1"),
        ("fd00::1", "fd00::1"),
        ("", ""),
    ],
)
def test_only_a_name_without_dots_is_short(written: str, full: str) -> None:
    """A dot, a wildcard or an IPv6 address is taken as it stands; everything else belongs to the own namespace. Case counts."""
    assert hosts.fqdn(written, "shop") == full


@pytest.mark.parametrize(
    ("host", "service"),
    [
        ("reviews.shop.svc.cluster.local", ("reviews", "shop")),
        ("reviews.svc.cluster.local", None),
        ("web-0.web.shop.svc.cluster.local", None),
        ("reviews.shop", None),
        ("example.com", None),
    ],
)
def test_a_service_has_exactly_a_name_and_a_namespace(host: str, service: tuple[str, str] | None) -> None:
    """A full host names a Service where two words stand before the cluster's domain."""
    assert hosts.service_of(host) == service


@pytest.mark.parametrize(
    ("host", "elsewhere"),
    [
        ("reviews.shop.svc.clusterset.local", True),
        ("reviews.shop.svc.corp.example", True),
        ("reviews.shop.global", True),
        ("reviews.shop.svc.cluster.local", False),
        ("reviews.shop.svc", False),
        ("api.example.com", False),
    ],
)
def test_services_under_other_domains_are_told_apart(host: str, elsewhere: bool) -> None:
    """Hosts of cluster sets, of other clusters and of renamed cluster domains are nobody's that was read."""
    assert hosts.is_of_another_domain(host) is elsewhere


@pytest.mark.parametrize(
    ("pattern", "host", "overlap"),
    [
        ("*.example.com", "api.example.com", True),
        ("*.example.com", "*.eu.example.com", True),
        ("*.example.com", "example.com", False),
        ("*", "anything", True),
        ("a.example.com", "b.example.com", False),
    ],
)
def test_wildcards_overlap_both_ways(pattern: str, host: str, overlap: bool) -> None:
    """Two hosts have a name in common whichever of them is asked first."""
    assert hosts.matches(pattern, host) is hosts.matches(host, pattern) is overlap


@given(st.lists(st.sampled_from(SOME), max_size=6), st.sampled_from(SOME))
def test_hosts_are_found_by_their_endings(names: list[str], host: str) -> None:
    """An index of hosts finds those that match, and no others."""
    assert hosts.Hosts(names).matching(host) == {name for name in names if hosts.matches(name, host)}
    assert hosts.Hosts(names).match(host) is any(hosts.matches(name, host) for name in names)
