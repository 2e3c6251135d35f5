"""What the rules about delegates and routes that hide each other say of objects that differ in one thing."""

import pytest

from kubectl_meshfix.mesh.coverage import Coverage, Refused
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.routing.matching import broken_delegate, hidden_routes
from tests.rules.asking import fix
from tests.rules.near_misses.scenes import Change, example, said, summaries, writes

# ---------------------------------------------------------------- MF408

NAME = example(broken_delegate.RULE, "another name")
HOSTS = example(broken_delegate.RULE, "a delegate with hosts")
PATHS = example(broken_delegate.RULE, "paths that do not fit")
BY_HAND = "Match a part of what the delegating route matches."


def test_a_delegate_for_several_routes_is_told_once() -> None:
    """Whoever removes its hosts does it for all of them."""
    second = ("  http:\n  - match:\n", "  http:\n  - match: [{uri: {prefix: /more}}]\n    delegate: {name: cart-routes}\n  - match:\n")
    found = said(broken_delegate.RULE, HOSTS, second)
    assert [(row.resource.name, row.path) for row in found] == [("cart-routes", "/spec/hosts")]


@pytest.mark.parametrize(("name", "summaries_of"), [("cart-route", ["Replace cart-route with cart-routes."]), ("basket", [])])
def test_a_delegate_that_may_not_be_read_is_told_by_a_slip(name: str, summaries_of: list[str]) -> None:
    """Where some of them may not be read, the one that is named may be there, unless it is nearly the name of another."""
    coverage = {kinds.VIRTUAL_SERVICE: Coverage(refused=(Refused("shop", "basket", "forbidden"),))}
    found = said(broken_delegate.RULE, NAME, ("      name: cart-route\n", f"      name: {name}\n"), live=True, coverage=coverage)
    assert summaries(found) == summaries_of


ROOT = "        prefix: /cart\n"
OWN = "        prefix: /items\n"


@pytest.mark.parametrize(
    ("changes", "summary", "at"),
    [
        ((), "Match /cart/items.", "prefix"),
        (((OWN, "        exact: /items\n"),), "Match /cart/items.", "exact"),
        (((ROOT, "        prefix: /cart/\n"),), "Match /cart/items.", "prefix"),
        (((OWN, "        prefix: items\n"),), BY_HAND, ""),
        (((OWN, "        regex: /items.*\n"),), BY_HAND, ""),
        (((OWN, "        prefix: /items\n      ignoreUriCase: true\n"),), BY_HAND, ""),
        (((ROOT, "        prefix: /cart\n      ignoreUriCase: true\n"),), BY_HAND, ""),
        (((ROOT, "        exact: /cart\n"),), BY_HAND, ""),
        (((ROOT, "        prefix: /cart\n    - uri: {prefix: /basket}\n"),), BY_HAND, ""),
        (((OWN, "        prefix: /items\n    - uri: {prefix: /things}\n"),), BY_HAND, ""),
        (
            (
                (ROOT, "        prefix: /cart\n      headers: {x-user: {exact: a}}\n"),
                ("    - uri:\n        prefix: /items\n", "    - headers: {x-user: {exact: b}}\n"),
            ),
            BY_HAND,
            "",
        ),
        (
            (
                ("    - uri:\n        prefix: /cart\n", "    - headers: {x-user: {exact: a}}\n"),
                (OWN, "        prefix: /items\n      headers: {x-user: {exact: b}}\n"),
            ),
            BY_HAND,
            "",
        ),
        (
            (
                (ROOT, "        prefix: /cart\n      headers: {x-user: {exact: a}}\n"),
                (OWN, "        prefix: /cart/items\n      headers: {x-user: {exact: b}}\n"),
            ),
            BY_HAND,
            "",
        ),
    ],
)
def test_a_path_is_put_below_the_one_that_delegates(changes: tuple[Change, ...], summary: str, at: str) -> None:
    """Where both match one path each, by the same letters, and the delegate's is not below the other already."""
    (found,) = said(broken_delegate.RULE, PATHS, *changes)
    assert fix(found).summary == summary
    assert writes(found) == ([("replace", f"/spec/http/0/match/0/uri/{at}", "/cart/items")] if at else [])


# ---------------------------------------------------------------- MF410

LONGER = example(hidden_routes.RULE, "a longer prefix in another VirtualService")
EQUAL: Change = ("/cart/payment", "/cart")


def made(cart: str, payments: str) -> tuple[Change, ...]:
    """When the two VirtualServices were made."""
    return tuple(
        (
            f"  name: {name}\n  namespace: shop\nspec:\n  hosts",
            f"  name: {name}\n  namespace: shop\n  creationTimestamp: '{at}'\nspec:\n  hosts",
        )
        for name, at in (("cart", cart), ("payments", payments))
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            (),
            (
                "http[0].match[0] is never used if VirtualService shop/cart is older: "
                "http[0].match[0] there takes all its requests for shop.example.com."
            ),
        ),
        (
            (EQUAL,),
            (
                "http[0].match[0] and VirtualService shop/cart http[0].match[0] take the same requests for shop.example.com. "
                "Only the older VirtualService's route is used."
            ),
        ),
        (
            (EQUAL, *made("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")),
            (
                "http[0].match[0] is never used: VirtualService shop/cart http[0].match[0] takes all its requests for shop.example.com, "
                "and comes first."
            ),
        ),
    ],
)
def test_the_order_of_two_virtual_services_is_told_as_far_as_it_is_known(changes: tuple[Change, ...], message: str) -> None:
    """Where both take the same, either is the one that is not used; where their age is known, the younger one."""
    assert [row.message for row in said(hidden_routes.RULE, LONGER, *changes)] == [message]


WILDCARD = """---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: ingress}
spec:
  selector: {istio: public-gateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [SERVERS]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: all, namespace: shop}
spec: {hosts: ['*.example.com'], gateways: [ingress/edge], http: [{route: [{destination: {host: cart}}]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: some, namespace: shop}
spec:
  hosts: [web.example.com, HOST]
  gateways: [ingress/edge]
  http: [{match: [{uri: {prefix: /cart}}], route: [{destination: {host: cart}}]}]
"""


@pytest.mark.parametrize(
    ("servers", "namespace", "host", "told"),
    [
        ("'*'", "shop", "Shop.example.com", [("web.example.com", "/spec/hosts/0"), ("shop.example.com", "/spec/hosts/1")]),
        ("shop/*.example.com, store/shop.example.com", "store", "'*.com'", [("shop.example.com", "/spec/hosts")]),
    ],
)
def test_a_wildcards_routes_are_not_tried_for_a_host_with_routes(
    servers: str, namespace: str, host: str, told: list[tuple[str, str]]
) -> None:
    """The place is the host as it is written, else all of them: what a server has for one namespace alone, a wildcard there stands for."""
    place = ("{name: some, namespace: shop}", f"{{name: some, namespace: {namespace}}}")
    found = said(hidden_routes.RULE, WILDCARD, ("SERVERS", servers), ("HOST", host), place)
    assert [(row.message.partition(" that")[0].removeprefix("Requests for "), row.path) for row in found] == told
