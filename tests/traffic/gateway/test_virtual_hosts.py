"""Which VirtualServices a gateway follows for a host, and in which order."""

import pytest

from kubectl_meshfix.traffic.gateway.virtual_hosts import SHOWN
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.routes import DirectResponse
from tests.traffic.gateway.scenes import PODS, ask, files, http, https, routes, server

SHOP = server("shop", "80 HTTP", "shop.example.com")


@pytest.mark.parametrize(
    ("hosts", "theirs", "gateways", "more", "reason"),
    [
        ("s.org", "s.org", "shop", "", 'Its gateway "shop" means web/shop, not shop/shop: a bare name is one of its own namespace.'),
        ("s.org", "s.org", "shop/other", "", "It is for shop/other, not for gateway shop/shop."),
        ("s.org", "s.org", "shop/shop", "  exportTo: ['.']", "It is not exported to edge, where the gateway's pods are."),
        ("infra/s.org", "s.org", "shop/shop", "", "The server admits VirtualServices of other namespaces alone: infra/s.org."),
        ("s.org", "t.org", "shop/shop", "", "Its hosts, t.org, have nothing in common with those of the server, s.org."),
    ],
)
def test_why_a_virtual_service_is_not_followed(hosts: str, theirs: str, gateways: str, more: str, reason: str) -> None:
    """Each VirtualService that could be meant has one step with the first reason against it, and the answer is 404."""
    mesh = files(PODS, server("shop", "80 HTTP", hosts), routes("vs", theirs, gateways, "web", more=more))
    found = ask(mesh, "shop/shop", http("s.org"))

    assert found.failure is Failure.NO_ROUTE
    assert list(found.told("virtualService").values()) == [reason]


def test_one_for_sidecars_alone_is_not_followed() -> None:
    """Without ``gateways`` a VirtualService is for the mesh."""
    mesh = files(PODS, SHOP, routes("vs", "shop.example.com", "mesh"))

    assert ask(mesh, "shop/shop", http()).failure is Failure.NO_ROUTE


def test_the_narrower_host_of_each_pair_counts() -> None:
    """A wildcard server and an exact VirtualService make an exact virtual host, and the other way round; the port of Host is ignored."""
    mesh = files(PODS, server("shop", "80 HTTP", "'*.example.com', www.other.org"), routes("vs", "a.example.com, '*.other.org'", "shop"))

    assert ask(mesh, "shop/shop", http("a.example.com", headers=(("host", "A.example.com:8080"),))).host.domain == "a.example.com"
    assert ask(mesh, "shop/shop", http("www.other.org")).host.domain == "www.other.org"
    assert ask(mesh, "shop/shop", http("x.other.org")).failure is Failure.NO_ROUTE


def test_the_most_specific_virtual_host_alone_is_tried() -> None:
    """An exact host is taken before the longest wildcard, and that before ``*``."""
    mesh = files(
        PODS,
        server("shop", "80 HTTP", "'*'"),
        routes("all", "'*'", "shop"),
        routes("com", "'*.com'", "shop"),
        routes("example", "'*.example.com'", "shop"),
        routes("one", "a.example.com", "shop"),
    )
    domains = [ask(mesh, "shop/shop", http(name)).host.domain for name in ("a.example.com", "b.example.com", "b.com", "b.org")]

    assert domains == ["a.example.com", "*.example.com", "*.com", "*"]


def test_routes_for_one_host_follow_each_other_and_catch_alls_come_last() -> None:
    """Routes of two VirtualServices are appended in istiod's order: private ones first; a route for everything goes to the end."""
    narrow = """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: b, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [shop]
  http:
  - match: [{uri: {prefix: /cart}}]
    route: [{destination: {host: cart}}]
"""
    mesh = files(PODS, SHOP, routes("a", "shop.example.com", "shop"), narrow)
    found = ask(mesh, "shop/shop", http())

    assert [rule.at.resource.name for rule in found.host.rules if rule.at] == ["b", "a"]
    (told,) = found.told("virtualHost").values()
    assert told.endswith("with routes of VirtualService shop/a, VirtualService shop/b: the older is first. Names decide here.")


def test_two_gateways_share_a_port_for_plain_http() -> None:
    """Servers of two Gateways on one port are one listener, each with its own hosts; a request is answered by the server of its host."""
    mesh = files(
        PODS,
        SHOP,
        server("web", "80 HTTP", "web.example.com", namespace="web"),
        routes("web", "'*'", "web", "web"),
        routes("vs", "'*'", "shop"),
    )

    assert str(ask(mesh, "shop/shop", http("web.example.com")).host.by) == "VirtualService web/web"
    assert str(ask(mesh, "web/web", http()).host.by) == "VirtualService shop/vs"


def test_plain_requests_are_redirected_whatever_routes_there_are() -> None:
    """With httpsRedirect 301 is the answer for the server's hosts, without any VirtualService too; TLS is not redirected."""
    redirecting = server("shop", "80 HTTP", "shop.example.com", "httpsRedirect: true")

    assert ask(files(PODS, redirecting), "shop/shop", http()).host.has_https_redirect
    assert ask(files(PODS, redirecting), "shop/shop", http("x.example.com")).failure is Failure.NO_ROUTE
    with_tls = server("shop", "443 HTTPS", "shop.example.com", "mode: SIMPLE, credentialName: c, httpsRedirect: true")
    assert not ask(files(PODS, with_tls, routes("vs", "'*'", "shop")), "shop/shop", https()).host.has_https_redirect


def test_gateways_for_other_pods_are_told_of() -> None:
    """A Gateway that has a server for the host and selects other pods is named, with its selector."""
    other = SHOP.replace("name: shop,", "name: away,").replace("istio: ingress", "istio: elsewhere")
    found = ask(files(PODS, SHOP, other), "shop/shop", http())

    assert found.told("gateways")["away/spec/selector"] == "Gateway shop/away is for other pods: its selector is istio=elsewhere."


@pytest.mark.parametrize(("count", "shown"), [(1, "h0.org"), (SHOWN, None), (SHOWN + 1, None)])
def test_hosts_of_a_port_are_named_up_to_a_number(count: int, shown: str | None) -> None:
    """Of more than that the rest is left out."""
    names = ", ".join(f"h{number}.org" for number in range(count))
    mesh = files(PODS, server("shop", "80 HTTP", "'*'"), routes("vs", names, "shop"))

    (told,) = ask(mesh, "shop/shop", http("other.example.com")).told("virtualHost").values()

    assert ("…" in told) is (count > SHOWN)
    assert told.count(".org") == min(count, SHOWN)
    assert shown is None or shown in told


CATCHING = """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: {name}, namespace: shop}}
spec:
  hosts: [shop.example.com]
  gateways: [shop]
  http: [{{{match}directResponse: {{status: {status}}}}}]
"""


@pytest.mark.parametrize(
    ("match", "is_last"),
    [
        ("", True),
        ("match: [{uri: {prefix: /}}], ", True),
        ("match: [{uri: {regex: '.*'}}], ", True),
        ("match: [{uri: {regex: '*'}}], ", True),
        ("match: [{uri: {prefix: /a}}], ", False),
        ("match: [{uri: {exact: /}}], ", False),
        ("match: [{uri: {regex: '/.*'}}], ", False),
        ("match: [{uri: {prefix: /}, headers: {x: {exact: a}}}], ", False),
        ("match: [{headers: {x: {exact: a}}}], ", False),
        ("match: [{withoutHeaders: {x: {exact: a}}}], ", False),
    ],
)
def test_what_takes_all_comes_last(match: str, is_last: bool) -> None:
    """Of two objects, though the older one has it (`route.go IsCatchAllRoute`)."""
    first, second = (
        CATCHING.format(name="a", match=match, status=201),
        CATCHING.format(name="b", match="match: [{uri: {prefix: /b}}], ", status=202),
    )
    found = ask(files(PODS, SHOP, first, second), "shop/shop", http())

    actions = [rule.action for rule in found.host.rules]
    assert all(isinstance(action, DirectResponse) for action in actions)
    assert [action.status for action in actions if isinstance(action, DirectResponse)] == ([202, 201] if is_last else [201, 202])
