"""Matches as Envoy writes them."""

from typing import Any

import pytest

from kubectl_meshfix.traffic.observed.envoy import Route, RouteConfiguration, VirtualHost
from kubectl_meshfix.traffic.observed.matching import NotEvaluated, first, virtual_host
from kubectl_meshfix.traffic.trace.urls import parse_request

HEADERS = ["x-user: Anna", "x-empty: "]


def matches(match: dict[str, Any], url: str = "http://shop/cart/items?size=4") -> bool:
    """Whether a route with a match takes the request."""
    return first([Route(match=match)], parse_request(url, headers=HEADERS)) is not None


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        ({"prefix": "/"}, True),
        ({"prefix": "/CART"}, False),
        ({"prefix": "/CART", "case_sensitive": False}, True),
        ({"path": "/cart/items"}, True),
        ({"path": "/cart"}, False),
        ({"path_separated_prefix": "/cart"}, True),
        ({"path_separated_prefix": "/car"}, False),
        ({"safe_regex": {"regex": "/cart/[a-z]+"}}, True),
        ({"safe_regex": {"regex": "/cart"}}, False),
        ({"prefix": "/", "headers": [{"name": "x-user", "string_match": {"exact": "Anna"}}]}, True),
        ({"prefix": "/", "headers": [{"name": "x-user", "string_match": {"exact": "anna"}}]}, False),
        ({"prefix": "/", "headers": [{"name": "x-user", "string_match": {"exact": "anna", "ignore_case": True}}]}, True),
        ({"prefix": "/", "headers": [{"name": "x-user", "string_match": {"suffix": "na"}}]}, True),
        ({"prefix": "/", "headers": [{"name": "x-user", "present_match": True}]}, True),
        ({"prefix": "/", "headers": [{"name": "x-user", "present_match": True, "invert_match": True}]}, False),
        ({"prefix": "/", "headers": [{"name": "x-user", "present_match": False}]}, False),
        ({"prefix": "/", "headers": [{"name": "x-none", "present_match": False}]}, True),
        ({"prefix": "/", "headers": [{"name": ":method", "string_match": {"exact": "GET"}}]}, True),
        ({"prefix": "/", "headers": [{"name": ":authority", "string_match": {"prefix": "shop"}}]}, True),
        (
            {
                "prefix": "/",
                "headers": [
                    {"name": "x-none", "string_match": {"exact": "a"}, "invert_match": True, "treat_missing_header_as_empty": True}
                ],
            },
            True,
        ),
        ({"prefix": "/", "query_parameters": [{"name": "size", "string_match": {"exact": "4"}}]}, True),
        ({"prefix": "/", "query_parameters": [{"name": "color", "present_match": True}]}, False),
    ],
)
def test_a_match_holds_as_in_envoy(match: dict[str, Any], fits: bool) -> None:
    """Paths, headers and query parameters are compared as Envoy compares them."""
    assert matches(match) is fits


@pytest.mark.parametrize(
    "match",
    [
        {"prefix": "/", "dynamic_metadata": [{}]},
        {"prefix": "/", "grpc": {}},
        {"connect_matcher": {}},
        {"prefix": 7},
        {"prefix": "/", "headers": "x-user"},
        {"prefix": "/", "headers": [{"name": "x-user", "range_match": {"start": "1"}}]},
        {"prefix": "/", "headers": [{"name": "x-user", "string_match": {"contains": "n"}}]},
        {"prefix": "/", "headers": [{"name": "x-none", "string_match": {"exact": "a"}, "invert_match": True}]},
        {"prefix": "/", "query_parameters": [{"name": "size", "present_match": False}]},
        {"safe_regex": {"regex": "/(a"}},
    ],
)
def test_what_is_not_evaluated_is_said_to_be(match: dict[str, Any]) -> None:
    """A match with anything that only Envoy knows is neither held to match nor not to."""
    with pytest.raises(NotEvaluated):
        matches(match)


def test_what_cannot_match_is_passed_over_whatever_else_it_asks() -> None:
    """The first route that matches is taken; what comes behind it is not looked at."""
    routes = [
        Route(name="other", match={"prefix": "/other", "grpc": {}}),
        Route(name="cart", match={"prefix": "/cart"}),
        Route(name="odd", match={"grpc": {}}),
    ]
    found = first(routes, parse_request("http://shop/cart"))

    assert found is not None
    assert found.name == "cart"
    assert first(routes[:1], parse_request("http://shop/cart")) is None


@pytest.mark.parametrize(
    ("host", "ignores_port", "name"),
    [
        ("shop", True, "shop"),
        ("SHOP:8080", True, "shop"),
        ("shop:8080", False, "rest"),
        ("a.b.example.com", True, "long"),
        ("b.example.com", True, "long"),
        ("a.example.com", True, "wild"),
        ("else", True, "rest"),
    ],
)
def test_the_virtual_host_is_the_most_specific_one(host: str, ignores_port: bool, name: str) -> None:
    """An exact name comes before wildcards, the longest of these first, and the star takes the rest."""
    hosts = (
        VirtualHost(name="rest", domains=("*",)),
        VirtualHost(name="wild", domains=("*.example.com",)),
        VirtualHost(name="long", domains=("*.b.example.com", "b.example.com")),
        VirtualHost(name="shop", domains=("shop",)),
    )
    made = RouteConfiguration(virtual_hosts=hosts, ignore_port_in_host_matching=ignores_port)
    found = virtual_host(made, parse_request("http://10.0.0.1/", headers=[f"Host: {host}"]))

    assert found is not None
    assert found.name == name


def test_a_host_that_nobody_serves_has_none() -> None:
    """Without a star, a host may have no virtual host."""
    assert virtual_host(RouteConfiguration(virtual_hosts=(VirtualHost(domains=("shop",)),)), parse_request("http://cart/")) is None
