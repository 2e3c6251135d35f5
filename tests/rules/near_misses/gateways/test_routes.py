"""What the rules about routes and listeners of the Gateway API say of objects that differ in one thing."""

import pytest

from kubectl_meshfix.rules.gateways import missing_tls_secret, route_not_attached, routes_on_kubernetes_gateway, unusable_route_backend
from kubectl_meshfix.rules.rule import Severity
from tests.rules.near_misses.scenes import Change, example, said, summaries

# ---------------------------------------------------------------- MF505

REFUSED = example(route_not_attached.RULE, "the namespace is not admitted")
MISSPELT = example(route_not_attached.RULE, "a misspelt listener")
ALONE = "The route is not attached, and requests get 404."
BY_HAND = "Change the parentRef of this route, or the listener."
SECTION: Change = ("    sectionName: http-public\n", "    sectionName: http-public\n    port: 8080\n")
NONE: Change = ("    sectionName: http-public\n", "    port: 8080\n")


def listening(hostname: str, more: str = "") -> Change:
    """The listener with a hostname, and more listeners."""
    return "  - name: https-public\n", f"{more}  - name: http-public\n    hostname: '{hostname}'\n"


def routed(*hosts: str) -> Change:
    """The route with hosts."""
    return "spec:\n  parentRefs:\n", f"spec:\n  hostnames: [{', '.join(hosts)}]\n  parentRefs:\n"


NARROW = "  - {name: narrow, port: 80, protocol: HTTP, hostname: cart.example.com}\n"


@pytest.mark.parametrize(
    ("text", "changes", "message", "fix"),
    [
        (
            MISSPELT,
            (),
            f"Gateway shop/public has no listener with the name http-public. {ALONE}",
            "Replace http-public with https-public.",
        ),
        (
            MISSPELT,
            (SECTION,),
            f"Gateway shop/public has no listener with the name http-public and the port 8080. {ALONE}",
            "Name a listener of Gateway shop/public.",
        ),
        (
            MISSPELT,
            (SECTION, ("port: 8080", "port: 80")),
            f"Gateway shop/public has no listener with the name http-public and the port 80. {ALONE}",
            "Replace http-public with https-public.",
        ),
        (MISSPELT, (NONE,), f"Gateway shop/public has no listener with the port 8080. {ALONE}", BY_HAND),
        (
            MISSPELT,
            (listening("cart.example.com"), routed("stock.example.com")),
            f"No listener of Gateway shop/public is for stock.example.com. {ALONE}",
            "Change the hostnames or the parentRef of this route, or the listener.",
        ),
        (
            MISSPELT,
            (listening("*.example.com", NARROW), routed("cart.example.com")),
            f"cart.example.com is for a more specific listener of Gateway shop/public than http-public. {ALONE}",
            BY_HAND,
        ),
        (
            MISSPELT,
            (("  - name: public\n", "  - {name: public, sectionName: https-public}\n  - name: public\n"),),
            "Gateway shop/public has no listener with the name http-public. The route is attached by its other parentRefs alone.",
            "Replace http-public with https-public.",
        ),
        (
            REFUSED,
            (),
            f"Gateway ingress/public admits no route of namespace shop (http: Same). {ALONE}",
            "Admit namespace shop at listener http of Gateway ingress/public.",
        ),
        (
            REFUSED,
            (
                (
                    "    protocol: HTTP\n",
                    "    protocol: HTTP\n    allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {routes: public}}}}\n",
                ),
            ),
            "Gateway ingress/public admits no route of namespace shop (http: Selector routes In (public)). " + ALONE,
            "Let listener http of Gateway ingress/public admit namespace shop, or label the namespace.",
        ),
    ],
)
def test_a_route_is_told_how_far_it_comes(text: str, changes: tuple[Change, ...], message: str, fix: str) -> None:
    """A listener's name is corrected where one of the route's port is meant, and a listener that admits by labels is left to a person."""
    shop = "---\n{apiVersion: v1, kind: Namespace, metadata: {name: shop}}\n"
    found = said(route_not_attached.RULE, f"{text}{shop}", *changes)
    assert ([row.message for row in found], summaries(found)) == ([message], [fix])


# ---------------------------------------------------------------- MF506

BACKEND = example(unusable_route_backend.RULE, "a port that the Service does not have")
TWO: Change = ("    targetPort: 8080", "    targetPort: 8080\n  - {name: http-admin, port: 90}")


@pytest.mark.parametrize(
    ("changes", "message", "fix"),
    [
        ((), "Service shop/cart has no port 8080 (80). Its requests get 500.", "Replace 8080 with 80."),
        ((TWO,), "Service shop/cart has no port 8080 (80, 90). Its requests get 500.", "Use one of 80, 90."),
        ((("port: 8080", "port: 0"),), "Service shop/cart has no port 0 (80). Its requests get 500.", "Name a port of the Service: 80."),
        (
            (("      port: 8080\n", ""),),
            "The backend Service shop/cart names no port. Istio ignores this route.",
            "Name a port of the Service: 80.",
        ),
        (
            (("    - name: cart\n", "    - name: cart.shop\n"),),
            "cart.shop is a host, and a backend is the name of a Service. Istio ignores this route.",
            "Write the name of the Service, and its namespace as the backend's namespace.",
        ),
    ],
)
def test_a_backend_is_told_by_what_it_lacks(changes: tuple[Change, ...], message: str, fix: str) -> None:
    """A port that is one of the Service's, any port, or the name of a Service."""
    found = said(unusable_route_backend.RULE, BACKEND, *changes)
    assert ([row.message for row in found], summaries(found)) == ([message], [fix])


# ---------------------------------------------------------------- MF507

SLIP = example(missing_tls_secret.RULE, "a slip in the name")
ELSEWHERE = """---
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: shop-tsl, namespace: shop}
spec: {encryptedData: {}}
"""
LISTENER = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: ingress}
spec:
  gatewayClassName: istio
  listeners:
  - {name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: shop-tsl}]}}
---
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: shop-tls, namespace: ingress}
spec: {encryptedData: {}}
"""
CREATE = "Create Secret shop-tsl in namespace ingress, or name one that is there."


@pytest.mark.parametrize(
    ("text", "changes", "fix", "where"),
    [
        (SLIP, (), "Replace shop-tsl with shop-tls.", "ingress, where the gateway's pods are"),
        (SLIP + ELSEWHERE, (), CREATE, "ingress, where the gateway's pods are"),
        (SLIP, (("Name: shop-tsl", "Name: kubernetes://shop-tsl"),), CREATE, "ingress, where the gateway's pods are"),
        (LISTENER, (), "Replace shop-tsl with shop-tls.", "ingress, which the certificateRef means"),
    ],
)
def test_a_secret_is_renamed_where_the_name_alone_is_wrong(text: str, changes: tuple[Change, ...], fix: str, where: str) -> None:
    """Not where there is one of that name elsewhere, nor where it is written as more than a name."""
    found = said(missing_tls_secret.RULE, text, *changes)
    assert (summaries(found), [row.evidence for row in found]) == ([fix], [(f"it is looked for in namespace {where}",)])


# ---------------------------------------------------------------- MF560

BOUND = example(routes_on_kubernetes_gateway.RULE)
ROUTE = """---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: cart, namespace: shop}
spec: {parentRefs: [{name: edge, namespace: ingress}], rules: [{backendRefs: [{name: cart, port: 80}]}]}
"""


@pytest.mark.parametrize(
    ("more", "live", "severity", "evidence"),
    [
        ("", True, None, ()),
        ("", False, Severity.WARNING, ()),
        (ROUTE, True, Severity.WARNING, ("routes of the Gateway API name it",)),
    ],
)
def test_a_gateway_with_routes_of_its_own_answers(more: str, live: bool, severity: Severity | None, evidence: tuple[str, ...]) -> None:
    """Without any it is an error, unless files may lack them."""
    (found,) = said(routes_on_kubernetes_gateway.RULE, BOUND + more, live=live)
    assert (found.severity, found.evidence) == (severity, evidence)
