"""The first route that matches takes a request; what is not known makes alternatives."""

import json
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.chain.alternatives import Given
from kubectl_meshfix.chain.steps import Status, Where, answer, told
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.route.choosing import choose
from kubectl_meshfix.traffic.terms.conditions import Comparison, Condition, Field
from kubectl_meshfix.traffic.terms.request import Request, Scheme
from kubectl_meshfix.traffic.terms.routes import DirectResponse, Rule
from tests.traffic.route.scenes import CATALOG, get, mesh, rule_of

OPAQUE = r"\pL+"


def matched(match: dict[str, Any], request: Request) -> bool:
    """Whether a match of a VirtualService takes a request."""
    text = f"""
kind: VirtualService
metadata: {{name: vs}}
spec:
  hosts: [catalog]
  http:
  - match: [{json.dumps(match)}]
    directResponse: {{status: 200}}
"""
    return rule_of(mesh(CATALOG, text), request) is not None


@pytest.mark.parametrize(
    ("match", "path", "so"),
    [
        ({"uri": {"exact": "/a"}}, "/a?x=1", True),
        ({"uri": {"exact": "/a"}}, "/a/", False),
        ({"uri": {"exact": "/A"}}, "/a", False),
        ({"uri": {"exact": "/A"}, "ignoreUriCase": True}, "/a", True),
        ({"uri": {"prefix": "/a"}}, "/ab", True),
        ({"uri": {"prefix": "/A"}, "ignoreUriCase": True}, "/ab", True),
        ({"uri": {"prefix": ""}}, "/ab", True),
        ({"uri": {"regex": "/a"}}, "/ab", False),
        ({"uri": {"regex": "/a.*"}}, "/ab", True),
        ({"uri": {"regex": "/A.*"}, "ignoreUriCase": True}, "/ab", False),
        ({"uri": {"regex": "(?i)/A.*"}}, "/ab", True),
        ({"uri": {}}, "/ab", True),
        ({"queryParams": {"v": {"exact": "1"}}}, "/?v=1", True),
        ({"queryParams": {"v": {"exact": "1"}}}, "/?v=2&v=1", False),
        ({"queryParams": {"v": {"exact": "a b"}}}, "/?v=a%20b", False),
        ({"queryParams": {"v": {"regex": "*"}}}, "/?v", True),
        ({"queryParams": {"v": {}}}, "/?w=v", False),
        ({"queryParams": {"v": {"prefix": "1"}}}, "/?v=12", True),
        ({"queryParams": {"v": {"exact": ""}}}, "/?v", True),
    ],
)
def test_paths_and_query_parameters_are_compared_as_envoy_does(match: dict[str, Any], path: str, so: bool) -> None:
    """Paths without their query, parameters by their first value and not decoded."""
    assert matched(match, get(path=path)) is so


@pytest.mark.parametrize(
    ("match", "headers", "so"),
    [
        ({"headers": {"x-user": {"exact": "a"}}}, {"x-user": "a"}, True),
        ({"headers": {"X-User": {"exact": "a"}}}, {"x-user": "a"}, True),
        ({"headers": {"x-user": {"exact": "a"}}}, {"x-user": "A"}, False),
        ({"headers": {"x-user": {"exact": "a"}}}, {}, False),
        ({"headers": {"x-user": {}}}, {"x-user": ""}, True),
        ({"headers": {"x-user": {"regex": "*"}}}, {}, False),
        ({"headers": {"x-user": {"exact": ""}}}, {"x-user": ""}, True),
        ({"headers": {"x-user": {"exact": ""}}}, {}, False),
        ({"headers": {"x-user": {"prefix": "a"}, "x-team": {"regex": "b+"}}}, {"x-user": "ab", "x-team": "bb"}, True),
        ({"headers": {"x-user": {"prefix": "a"}, "x-team": {"regex": "b+"}}}, {"x-user": "ab", "x-team": "bc"}, False),
        ({"withoutHeaders": {"x-user": {"exact": "a"}}}, {}, True),
        ({"withoutHeaders": {"x-user": {"exact": "a"}}}, {"x-user": "b"}, True),
        ({"withoutHeaders": {"x-user": {"exact": "a"}}}, {"x-user": "a"}, False),
        ({"withoutHeaders": {"x-user": {}}}, {}, True),
        ({"withoutHeaders": {"x-user": {}}}, {"x-user": ""}, False),
        ({"withoutHeaders": {"x-user": {"regex": ".*"}}}, {}, False),
        ({"headers": {"host": {"exact": "catalog.shop"}}}, {}, True),
        ({"headers": {":authority": {"prefix": "catalog"}}}, {}, True),
        ({"headers": {"x-forwarded-proto": {"exact": "http"}}}, {}, True),
        ({"authority": {"exact": "catalog.shop"}}, {}, True),
        ({"authority": {"exact": "CATALOG.shop"}}, {}, False),
        ({"scheme": {"exact": "http"}}, {}, True),
        ({"method": {"exact": "GET"}}, {}, True),
        ({"method": {"regex": "PUT|POST"}}, {}, False),
    ],
)
def test_headers_are_compared_as_envoy_does(match: dict[str, Any], headers: dict[str, str], so: bool) -> None:
    """Names in any case, values in theirs; one that is absent counts as empty only where it must not match."""
    assert matched(match, get(headers=headers)) is so


def test_one_of_several_lines_of_a_header_is_enough() -> None:
    """They are not joined."""
    lines = (("x-user", "a"), ("x-user", "b"))
    request = Request(scheme=Scheme.HTTP, host="catalog.shop", port=80, headers=lines)

    assert matched({"headers": {"x-user": {"exact": "b"}}}, request)
    assert not matched({"headers": {"x-user": {"exact": "a,b"}}}, request)


def test_a_call_of_grpc_is_a_post() -> None:
    """Whatever the request was said to be."""
    assert matched({"method": {"exact": "POST"}, "headers": {"content-type": {"prefix": "application/grpc"}}}, get(scheme=Scheme.GRPC))


@pytest.mark.parametrize(
    ("claim", "wanted", "so"),
    [
        ("@request.auth.claims.sub", {"exact": "ann"}, True),
        ("@request.auth.claims[sub]", {"exact": "bob"}, False),
        ("@request.auth.claims.realm.roles", {"exact": "admin"}, True),
        ("@request.auth.claims[realm][roles]", {"prefix": "us"}, True),
        ("@request.auth.claims.scope", {"exact": "write"}, True),
        ("@request.auth.claims.age", {"exact": "7"}, False),
        ("@Request.Auth.Claims.sub", {"regex": "a.+"}, True),
        ("@request.auth.claims.missing", {"exact": "x"}, False),
    ],
)
def test_claims_are_texts_or_lists_of_texts(claim: str, wanted: dict[str, str], so: bool) -> None:
    """A scope is split at its spaces; a number never matches."""
    claims = {"sub": "ann", "realm": {"roles": ["user", "admin"]}, "scope": "read write", "age": 7}

    assert matched({"headers": {claim: wanted}}, get(claims=claims)) is so
    assert not matched({"headers": {claim: wanted}}, get())
    assert matched({"withoutHeaders": {claim: wanted}}, get())


def rule(index: int, *conditions: Condition) -> Rule:
    """The rule at a place, which answers with its number."""
    at = Where(Ref("networking.istio.io/v1", "VirtualService", "shop", "vs"), f"/spec/http/{index}")
    placed = (msgspec.structs.replace(item, path=f"{at.path}/match/0/uri") for item in conditions)
    return Rule(conditions=tuple(placed), action=DirectResponse(status=200 + index), at=at)


def path(value: str, comparison: Comparison = Comparison.EXACT, **rest: Any) -> Condition:
    """A condition on the path."""
    return Condition(field=Field.PATH, comparison=comparison, value=value, **rest)


def test_what_is_not_known_makes_one_alternative_each() -> None:
    """Each takes for granted that those before it do not match; two that hang on one thing are one."""
    opaque, other = path(OPAQUE, Comparison.REGEX), path(r"\pN", Comparison.REGEX)
    rules = [rule(0, path("/x")), rule(1, opaque), rule(2, opaque), rule(3, other), rule(4)]
    found = answer(choose(rules, get()))

    assert [item.value and item.value.action for item in found] == [DirectResponse(status=status) for status in (201, 203, 204)]
    first, second = (item.given[-1].unknown for item in found[:2])
    assert [item.given for item in found] == [
        (Given(unknown=first, is_so=True),),
        (Given(unknown=first, is_so=False), Given(unknown=second, is_so=True)),
        (Given(unknown=first, is_so=False), Given(unknown=second, is_so=False)),
    ]
    assert first.kind is UnknownKind.OPAQUE


def test_several_unknown_conditions_of_one_rule_are_one_question() -> None:
    """So that whatever is put in for it leads to one of the alternatives."""
    both = rule(0, path(OPAQUE, Comparison.REGEX), path(r"\pN", Comparison.REGEX, is_negated=True))
    found = answer(choose([both], get()))

    assert len(found) == 2
    assert " and not whether" in str(found[0].given[0].unknown.of)


def test_claims_of_which_nobody_knows_are_not_denied() -> None:
    """A sure no of another condition decides all the same."""
    claim = Condition(field=Field.CLAIM, comparison=Comparison.EXACT, value="a", name="@request.auth.claims.sub")
    (one, none) = answer(choose([rule(0, claim)], get(), claims_known=False))

    assert one.value
    assert none.value is None
    assert one.given[0].unknown.settled_by == "--jwt-claims"
    assert [item.value for item in answer(choose([rule(0, claim, path("/x"))], get(), claims_known=False))] == [None]


def test_the_identifier_that_a_proxy_makes_is_there_and_not_known() -> None:
    """`x-request-id` is made before routes are looked at."""
    exact = Condition(field=Field.HEADER, comparison=Comparison.EXACT, value="a", name="x-request-id")

    assert isinstance(answer(choose([rule(0, exact)], get()))[0].given[0].unknown, Unknown)
    assert matched({"headers": {"x-request-id": {}}}, get())


def test_each_rule_that_is_passed_over_is_told_once() -> None:
    """With its first condition that does not hold, and what the request has there; rules behind the one that matches are not asked."""
    rules = [rule(0, path("/a"), path("/b")), rule(1, path("/", Comparison.PREFIX)), rule(2)]
    steps = told(choose(rules, get(path="/x"))).steps

    assert [sentence(step) for step in steps] == [
        "VirtualService shop/vs http[0] does not match: it needs the path = /a; the request has /x.",
        "VirtualService shop/vs http[1] matches the request.",
    ]
    assert [(step.status, step.at and step.at.path) for step in steps] == [
        (Status.SKIPPED, "/spec/http/0/match/0/uri"),
        (Status.PASS, "/spec/http/1"),
    ]


def test_no_route_fails() -> None:
    """With routes, and with none."""
    assert [step.outcome.sentence for step in told(choose([], get())).steps] == ["There are no routes for the host."]
    found = told(choose([rule(0, path("/a"))], get()))
    assert [item.value for item in found.value] == [None]
    assert [step.status for step in found.steps] == [Status.SKIPPED, Status.FAIL]


def test_a_request_that_no_route_takes_is_told_why() -> None:
    """The objects of the routes, or that there are none; where one may have taken it, that no other does."""

    def last(*rules: Rule) -> tuple[str, str | None]:
        step = told(choose(rules, get())).steps[-1]
        return sentence(step), step.at.path if step.at else None

    assert last(rule(0, path("/x")))[0] == "No route of VirtualService shop/vs matches the request."
    assert last()[1] is None
    assert "VirtualService" not in last()[0]
    opaque = last(rule(0, path("/x")), rule(1, path(OPAQUE, Comparison.REGEX)))
    assert opaque[0] not in (last(rule(0, path("/x")))[0], last()[0])


@pytest.mark.parametrize(("length", "is_cut"), [(59, False), (60, False), (61, True)])
def test_long_values_are_cut(length: int, is_cut: bool) -> None:
    """After sixty characters."""
    text = "/" + "a" * (length - 1)
    (step, *_) = told(choose([rule(0, path("/x"))], get(path=text))).steps

    assert text[:59] in sentence(step)
    assert (text in sentence(step)) is not is_cut
    assert ("…" in sentence(step)) is is_cut
