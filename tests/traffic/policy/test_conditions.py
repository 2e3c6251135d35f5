"""A rule of an AuthorizationPolicy in its conditions, with their places and their words."""

from typing import Any

import msgspec
import pytest

from kubectl_meshfix.resources.istio_policy import AuthorizationRule
from kubectl_meshfix.traffic.policy.evaluation.conditions import Condition, is_attribute, names_in, terms_of
from tests.traffic.policy.policies import operation, source, when


def conditions(rule: dict[str, Any]) -> list[Condition]:
    """All conditions of the second rule of a policy."""
    terms = terms_of(msgspec.convert(rule, AuthorizationRule), 1)
    assert terms
    return list(terms.conditions)


@pytest.mark.parametrize(
    ("rule", "attribute", "is_negated", "path", "is_of_http", "is_of_when"),
    [
        (source(principals=["a"]), "source.principal", False, "/from/0/source/principals", False, False),
        (source(notPrincipals=["a"]), "source.principal", True, "/from/0/source/notPrincipals", False, False),
        (source(requestPrincipals=["a"]), "request.auth.principal", False, "/from/0/source/requestPrincipals", True, False),
        (source(notNamespaces=["a"]), "source.namespace", True, "/from/0/source/notNamespaces", False, False),
        (source(serviceAccounts=["a"]), "source.serviceAccount", False, "/from/0/source/serviceAccounts", False, False),
        (source(ipBlocks=["a"]), "source.ip", False, "/from/0/source/ipBlocks", False, False),
        (source(notRemoteIpBlocks=["a"]), "remote.ip", True, "/from/0/source/notRemoteIpBlocks", False, False),
        (operation(hosts=["a"]), "host", False, "/to/0/operation/hosts", True, False),
        (operation(notMethods=["a"]), "method", True, "/to/0/operation/notMethods", True, False),
        (operation(paths=["a"]), "path", False, "/to/0/operation/paths", True, False),
        (operation(notPorts=["1"]), "destination.port", True, "/to/0/operation/notPorts", False, False),
        (when("request.headers[a]", "b"), "request.headers[a]", False, "/when/0/values", True, True),
        (when("source.ip", notValues=["b"]), "source.ip", True, "/when/0/notValues", False, True),
        (when("request.auth.claims[a]", "b"), "request.auth.claims[a]", False, "/when/0/values", True, True),
        (when("request.auth.audiences", "b"), "request.auth.audiences", False, "/when/0/values", True, True),
        (when("request.auth.presenter", "b"), "request.auth.presenter", False, "/when/0/values", True, True),
        (when("connection.sni", "b"), "connection.sni", False, "/when/0/values", False, True),
        (when("destination.ip", "b"), "destination.ip", False, "/when/0/values", False, True),
        (when("source.trustDomain", "b"), "source.trustDomain", False, "/when/0/values", False, True),
    ],
)
def test_a_field_is_an_attribute_with_its_place(  # noqa: PLR0917 -- a row of a table
    rule: dict[str, Any], attribute: str, is_negated: bool, path: str, is_of_http: bool, is_of_when: bool
) -> None:
    """Negated ones too; what is of HTTP cannot be asked of a connection."""
    (found,) = conditions(rule)

    assert (found.attribute, found.is_negated, found.path) == (attribute, is_negated, f"/spec/rules/1{path}")
    assert (found.is_of_http, found.is_of_when, found.is_of_ztunnel) == (is_of_http, is_of_when, False)


@pytest.mark.parametrize(
    ("count", "words"), [(1, "a0"), (4, "a0, a1, a2, a3"), (5, "a0, a1, a2, a3 and 1 more"), (6, "a0, a1, a2, a3 and 2 more")]
)
def test_few_values_are_named(count: int, words: str) -> None:
    """Four, and how many more there are."""
    values = [f"a{number}" for number in range(count)]

    assert conditions(source(principals=values))[0].wanted == words
    assert conditions(source(notPrincipals=values))[0].wanted == f"none of {words}"


def test_values_and_those_that_are_not_are_two_conditions() -> None:
    """A ``when`` with both; one with neither asks for nothing."""
    assert [found.is_negated for found in conditions(when("source.ip", "a", notValues=["b"]))] == [False, True]
    assert conditions(when("source.ip")) == []


@pytest.mark.parametrize(
    ("key", "is_known"),
    [
        ("source.ip", True),
        ("source.ips", False),
        ("request.headers[a]", True),
        ("request.headers", True),
        ("request.auth.claims[a][b]", True),
        ("experimental.envoy.filters.a[b]", True),
        ("request.method", False),
        ("", False),
    ],
)
def test_a_rule_that_asks_for_what_is_no_attribute_is_dropped(key: str, is_known: bool) -> None:
    """Whole, whatever else it says."""
    rule = {**source(principals=["a"]), **when(key, "b")}

    assert is_attribute(key) is is_known
    assert (terms_of(msgspec.convert(rule, AuthorizationRule), 0) is not None) is is_known


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("request.auth.claims[a]", ("a",)),
        ("request.auth.claims[a][b]", ("a", "b")),
        ("request.auth.claims[a[b]]", ("a[b]",)),
        ("request.auth.claims", None),
        ("request.auth.claims[a", None),
        ("request.auth.claimsa]", None),
        ("request.headers[a]", ("a",)),
        ("request.headers[a][b]", ("a][b",)),
        ("experimental.envoy.filters.a.b[c]", ("a.b", "c")),
        ("experimental.envoy.filters.a.b", None),
    ],
)
def test_names_stand_in_brackets(key: str, names: tuple[str, ...] | None) -> None:
    """A claim may be in a claim; a header's name is all that is in the brackets."""
    assert names_in(key) == names
