"""Expectations of requests: which hold, which do not, and what is said."""

import pytest

from kubectl_meshfix.expectations.running import run
from kubectl_meshfix.expectations.terms import Verdict
from kubectl_meshfix.governance.expectations.reading import parse_expectations
from kubectl_meshfix.render.expectations import words
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.expectations.scenes import GETS_ALONE, ROUTES, SHOP, asked, outcomes, said

CATALOG = "GET http://catalog.shop"


@pytest.mark.parametrize(
    ("request_", "expect"),
    [
        (f"{CATALOG}/new", "{arrives: true, destination: catalog, subset: v2, mtls: true, allowed: true}"),
        (f"{CATALOG}/new", "{destination: 'catalog.shop:80'}"),
        (f"{CATALOG}/new", "{destination: catalog.shop.svc.cluster.local}"),
        (f"{CATALOG}/new", "{destination: deploy/catalog-v2}"),
        (f"{CATALOG}/gone", "{status: 503, flag: NC}"),
        (f"{CATALOG}/gone", "{arrives: false, destination: catalog, subset: v3}"),
        (f"{CATALOG}/broken", "[{status: 418, share: 25%}, {subset: v1, share: 75%}]"),
        (f"{CATALOG}/moved", "{status: 301, location: http://www.example.com/moved}"),
        (f"{CATALOG}/", "[{subset: v1, share: 90%}, {subset: v2, share: 10%, arrives: true}]"),
        (f"{CATALOG}/", "{arrives: true, destination: catalog.shop}"),
        ("{url: 'http://catalog.shop/new', method: POST, headers: {x-user: a}}", "{subset: v2}"),
    ],
)
def test_what_holds(request_: str, expect: str) -> None:
    """Expectations that are as the routes say hold, in parts and as a whole."""
    result = asked(request_, expect)

    assert (result.verdict, said(result)) == (Verdict.HOLDS, said(result))


@pytest.mark.parametrize(
    ("request_", "expect", "sentence"),
    [
        (f"{CATALOG}/new", "{subset: v1}", "Expected subset v1, but it is v2."),
        (f"{CATALOG}/", "{subset: v1}", "Expected subset v1, but it is v2."),
        (f"{CATALOG}/", "{subset: v2, share: 20%}", "Expected 20% of the requests to go to subset v2, but it is 10%."),
        (f"{CATALOG}/new", "{destination: cart}", "Expected destination cart, but it is catalog.shop.svc.cluster.local:80."),
        (f"{CATALOG}/new", "{destination: deploy/catalog}", "Expected destination deploy/catalog, but it is Deployment shop/catalog-v2."),
        (f"{CATALOG}/gone", "{destination: catalog}", "Expected that it arrives, but it does not."),
        (f"{CATALOG}/gone", "{status: 404}", "Expected status 404, but it is 503."),
        (f"{CATALOG}/gone", "{status: 503, flag: UH}", "Expected flag UH, but it is NC."),
        (f"{CATALOG}/moved", "{destination: catalog}", "Expected destination catalog, but the request ends before that is decided."),
        (f"{CATALOG}/new", "{mtls: false}", "Expected no mutual TLS, but it is mutual TLS."),
        (f"{CATALOG}/new", "{allowed: false}", "Expected that policies deny it, but they allow it."),
        (f"{CATALOG}/new", "{arrives: false}", "Expected that it does not arrive, but it does."),
        (f"{CATALOG}/new", "{arrives: true, given: rain}", 'Expected a condition "rain", but nothing is unknown here.'),
    ],
)
def test_what_does_not_hold(request_: str, expect: str, sentence: str) -> None:
    """An expectation that is not so fails with what was expected, what is, and the verdict of the trace."""
    result = asked(request_, expect)

    assert result.verdict is Verdict.FAILS
    assert words.why(result)[0] == sentence
    assert len(words.why(result)) > 1


def test_status_of_what_arrives() -> None:
    """When a request arrives the application answers: an expected status fails, and the sentence says what to expect instead."""
    result = asked(f"{CATALOG}/new", "{status: 200}")

    assert result.verdict is Verdict.FAILS
    assert words.why(result)[0] == "Expected status 200, but the request arrives and the application answers: expect arrives: true."


def test_policies() -> None:
    """What a policy refuses is not allowed, and the policy is the object that decided; what is plain text is no matter of policies."""
    assert asked("POST http://catalog.shop/", "{allowed: false, status: 403}", GETS_ALONE).verdict is Verdict.HOLDS
    refused = asked("POST http://catalog.shop/", "{allowed: true}", GETS_ALONE)
    assert refused.verdict is Verdict.FAILS
    assert "AuthorizationPolicy shop/gets" in said(refused)
    plain = asked("GET http://catalog.shop/", "{allowed: false}", GETS_ALONE, caller="deploy/old")
    assert words.why(plain)[0] == "Expected that policies deny it, but the request ends before that is decided."


def test_the_object_that_decides() -> None:
    """A subset is decided by the route, a failure by the object that it fails at."""
    assert words.decided_by(asked(f"{CATALOG}/new", "{subset: v1}")) == "VirtualService shop/catalog http[0].match[0]"
    assert words.decided_by(asked(f"{CATALOG}/gone", "{arrives: true}")).startswith("VirtualService shop/catalog http[1]")


TWO = ROUTES.replace("name: catalog,", "name: other,", 1).replace("subset: v2", "subset: v1")


def test_what_hangs_on_something_unknown() -> None:
    """Files do not tell which of two VirtualServices is older: what differs by that is not known, with what settles it; given it, it is."""
    both = (ROUTES, TWO)
    unsure = asked(f"{CATALOG}/new", "{subset: v2}", *both)
    assert unsure.verdict is Verdict.UNKNOWN
    assert "not known" in said(unsure)
    assert "settled by a live cluster" in said(unsure)
    assert asked(f"{CATALOG}/new", "{arrives: true}", *both).verdict is Verdict.HOLDS
    pinned = [asked(f"{CATALOG}/new", f"{{subset: v2, given: {words_}}}", *both).verdict for words_ in ("oldest", "not oldest")]
    assert sorted(pinned) == [Verdict.FAILS, Verdict.HOLDS]
    nothing = asked(f"{CATALOG}/new", "{subset: v2, given: weather}", *both)
    assert nothing.verdict is Verdict.FAILS
    assert "the conditions are: whether VirtualService" in said(nothing)


FILTER = """\
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: headers, namespace: shop}
spec:
  configPatches:
  - {applyTo: HTTP_FILTER, match: {context: SIDECAR_OUTBOUND}, patch: {operation: ADD, value: {}}}
"""


def test_an_envoyfilter_on_the_way() -> None:
    """What nobody evaluates does not fail an expectation that holds otherwise; it is said."""
    result = asked(f"{CATALOG}/new", "{subset: v2}", ROUTES, FILTER)

    assert result.verdict is Verdict.HOLDS
    assert words.notes(result) == ["Not evaluated, and on the way: EnvoyFilter shop/headers."]


def test_workloads() -> None:
    """Whether pods get a sidecar is held against the explanation, and a name that is not there is an error with the nearest one."""
    text = """
namespace: shop
tests:
- {workload: deploy/cart, injected: true}
- {workload: deploy/old, injected: true}
- {workload: deploy/crat, injected: true}
- {from: deploy/crat, request: GET http://catalog, expect: {arrives: true}}
"""
    holds, fails, *missing = (outcome.worst for outcome in outcomes(text))

    assert holds.verdict is Verdict.HOLDS
    assert (fails.verdict, words.why(fails)[0]) == (Verdict.FAILS, "Expected a sidecar, but it gets none.")
    assert "sidecar.istio.io/inject" in said(fails)
    assert [row.verdict for row in missing] == [Verdict.ERROR, Verdict.ERROR]
    assert all("Did you mean cart" in said(row) for row in missing)


def test_copies_of_an_object() -> None:
    """In a folder of environments an expectation has to hold beside each copy; the one beside which it does not is named."""
    one, other = (ROUTES.replace("weight: 90", f"weight: {weight}") for weight in (90, 190))
    found = from_texts({"dev/all.yaml": f"{SHOP}---\n{one}", "prod/all.yaml": f"{SHOP}---\n{other}"})[0].meshes
    text = "tests: [{from: deploy/cart, namespace: shop, request: GET http://catalog.shop/, expect: {subset: v1, share: 90%}}]"
    (outcome,) = run(found, parse_expectations(text, "tests.yaml"))

    assert len(outcome.results) == 2
    assert outcome.worst.verdict is Verdict.FAILS
    assert words.title(outcome.worst) == "deploy/cart: GET http://catalog.shop/ (beside prod)"
