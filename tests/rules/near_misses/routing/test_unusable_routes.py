"""What the rule about routes that nothing uses says of objects that differ in one thing."""

import pytest

from kubectl_meshfix.rules.routing.binding import (
    unusable_routes,
)
from tests.rules.near_misses.scenes import Change, changed, example, said, summaries

# ---------------------------------------------------------------- MF406

PASSED = example(unusable_routes.RULE, "http routes where TLS is passed through")
TERMINATED = changed(
    PASSED,
    ("protocol: TLS", "protocol: HTTPS"),
    ("mode: PASSTHROUGH", "mode: SIMPLE\n      credentialName: shop-tls"),
    ("  http:\n  - route:", "  tls:\n  - match: [MATCH]\n    route:"),
)
MADE_TLS, MADE_HTTP = "Make the http route a route of tls.", "Make the tls route a route of http."
WRITE_TLS = "Write tls routes, or change the protocol or the TLS mode of the gateway's server."
WRITE_HTTP = "Write http routes, or change the protocol or the TLS mode of the gateway's server."
SHOP = "sniHosts: [shop.example.com]"


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        ((), MADE_TLS),
        ((("  - route:\n", "  - name: all\n    route:\n"),), MADE_TLS),
        ((("  - route:\n", "  - timeout: 1s\n    route:\n"),), WRITE_TLS),
        ((("        host: cart\n", "        host: cart\n      headers: {request: {set: {a: b}}}\n"),), WRITE_TLS),
        ((("  - shop.example.com\n  gateways", "  - '*.example.com'\n  gateways"),), MADE_TLS),
        ((("  - shop.example.com\n  gateways", "  - shop.*.com\n  - shop.example.com\n  gateways"),), WRITE_TLS),
    ],
)
def test_a_plain_http_route_becomes_one_for_tls(changes: tuple[Change, ...], summary: str) -> None:
    """Not where it does what only HTTP can do, nor where a host is one that a server's name is never compared with."""
    assert summaries(said(unusable_routes.RULE, PASSED, *changes)) == [summary]


@pytest.mark.parametrize(
    ("match", "summary"),
    [
        (f"{{{SHOP}}}", MADE_HTTP),
        (f"{{{SHOP}, port: 443}}", MADE_HTTP),
        ("{sniHosts: [shop.example.com, web.example.com]}", MADE_HTTP),
        ("{sniHosts: [web.example.com]}", WRITE_HTTP),
        (f"{{{SHOP}}}, {{sniHosts: [web.example.com]}}", WRITE_HTTP),
        (f"{{{SHOP}, sourceLabels: {{app: web}}}}", WRITE_HTTP),
        (f"{{{SHOP}, sourceNamespace: shop}}", WRITE_HTTP),
        (f"{{{SHOP}, destinationSubnets: [10.0.0.0/8]}}", WRITE_HTTP),
    ],
)
def test_a_tls_route_for_the_hosts_becomes_one_for_http(match: str, summary: str) -> None:
    """Each of its matches takes all hosts, and asks nothing else."""
    assert summaries(said(unusable_routes.RULE, TERMINATED, ("MATCH", match))) == [summary]


PLAIN = """---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: plain, namespace: ingress}
spec: {selector: {istio: public-gateway}, servers: [{port: {number: 8888, name: http, protocol: HTTP}, hosts: [shop.example.com]}]}
"""
OTHER = """---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: other, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [ingress/tls]
  tls: [{match: [{sniHosts: [shop.example.com]}], route: [{destination: {host: cart}}]}]
"""
OF_TLS = """---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: shop, namespace: shop}
spec: {hosts: [shop.example.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}
"""


@pytest.mark.parametrize(
    ("gateways", "more", "paths"),
    [
        ("[ingress/tls, ingress/plain]", "", ["/spec/gateways/0"]),
        ("[ingress/plain, ingress/tls]", "", ["/spec/gateways/1"]),
        ("[ingress/tls, ingress/plain]", OTHER, []),
        ("[ingress/tls, ingress/plain]", OTHER.replace("shop.example", "web.example"), ["/spec/gateways/0"]),
        ("[mesh, ingress/plain]", OF_TLS, []),
        ("[mesh]", OF_TLS, ["/spec/http"]),
    ],
)
def test_one_of_several_gateways_that_uses_no_route_is_told(gateways: str, more: str, paths: list[str]) -> None:
    """Not where another VirtualService has routes for the hosts there, and not of sidecars, which call the hosts themselves."""
    bound = ("  gateways:\n  - ingress/tls\n", f"  gateways: {gateways}\n")
    found = said(unusable_routes.RULE, PASSED + PLAIN + more, bound, ("        host: cart\n", "        host: shop.example.com\n"))
    assert [row.path for row in found] == paths


@pytest.mark.parametrize(
    ("gateways", "fixes"),
    [
        ("[ingress/public]", ["Replace 8080 with 80."]),
        ("[ingress/public, ingress/plain]", ["Match one of 80, 8888."]),
        ("[ingress/public, ingress/unread]", []),
    ],
)
def test_a_port_of_a_match_is_told_where_all_ports_are_known(gateways: str, fixes: list[str]) -> None:
    """A gateway that files do not hold may have the port."""
    text = example(unusable_routes.RULE, "the container's port instead of the server's") + PLAIN
    assert summaries(said(unusable_routes.RULE, text, ("  gateways:\n  - ingress/public\n", f"  gateways: {gateways}\n"))) == fixes
