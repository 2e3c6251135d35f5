"""What no expectation touches."""

from kubectl_meshfix.expectations.coverage import coverage
from kubectl_meshfix.expectations.running import run
from kubectl_meshfix.governance.expectations.reading import parse_expectations
from kubectl_meshfix.render.expectations import words
from tests.expectations.scenes import GETS_ALONE, ROUTES, SHOP, meshes

OTHER = GETS_ALONE.replace("name: gets", "name: carts").replace("app: catalog", "app: cart")
TESTS = """
tests:
- {from: deploy/cart, namespace: shop, request: GET http://catalog.shop/new, expect: {subset: v2}}
- {from: deploy/cart, namespace: shop, request: GET http://catalog.shop/, expect: {arrives: true}}
"""


def test_routes_and_policies() -> None:
    """A route is touched that takes a request, a policy that is asked about one; a route that was only passed over is not."""
    shop = meshes(SHOP, ROUTES, GETS_ALONE, OTHER.partition("---")[0])
    traces = [outcome.worst.trace for outcome in run(shop, parse_expectations(TESTS, "tests.yaml")) if outcome.worst.trace]
    found = coverage(shop, traces)

    assert words.covered(found) == "Tested: 2 of 5 routes, 2 of 3 policies."
    assert words.untouched(found) == [
        "VirtualService shop/catalog http[1]",
        "VirtualService shop/catalog http[2]",
        "VirtualService shop/catalog http[3]",
        "AuthorizationPolicy shop/carts",
    ]
    assert words.covered(coverage(shop, traces, "elsewhere")) == ""


def test_delegates() -> None:
    """A route that only delegates is none of its own: the delegate's is the one to test."""
    root = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: root, namespace: shop}
spec: {hosts: [catalog], http: [{delegate: {name: catalog}}]}
"""
    delegate = ROUTES.replace("hosts: [catalog]", "hosts: []")
    shop = meshes(SHOP, root, delegate)
    traces = [outcome.worst.trace for outcome in run(shop, parse_expectations(TESTS, "tests.yaml")) if outcome.worst.trace]

    assert words.covered(coverage(shop, traces)) == "Tested: 2 of 5 routes."
