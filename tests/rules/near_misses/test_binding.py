"""What the rules about gateways and hosts of VirtualServices say of objects that differ in one thing."""

import pytest

from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.routing import unknown_gateway
from kubectl_meshfix.rules.routing.binding import (
    claims_without_authentication,
    host_not_on_gateway,
    unknown_mesh_host,
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


# ---------------------------------------------------------------- MF403


@pytest.mark.parametrize(
    ("namespace", "name", "full"),
    [
        ("  namespace: shop\n", "bublik", "shop/bublik"),
        ("", "bublik", "bublik"),
        ("", "web/bublik", "web/bublik"),
        ("  namespace: shop\n", "web/bublik", "web/bublik"),
    ],
)
def test_a_gateway_is_named_as_far_as_files_tell(namespace: str, name: str, full: str) -> None:
    """Without a namespace, the VirtualService's own is not known; a name with one is whole."""
    gateways = "".join(
        f"---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {{{where}name: main}}\nspec: {{}}\n"
        for where in ("", "namespace: shop, ", "namespace: web, ")
    )
    text = f"""apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: cart
{namespace}spec: {{hosts: [shop.example.com], gateways: [{name}], http: [{{route: [{{destination: {{host: cart}}}}]}}]}}
"""
    (found,) = said(unknown_gateway.RULE, text + gateways)
    assert found.message.startswith(f"These files hold no gateway {full}.")


# ---------------------------------------------------------------- MF411

MORE = example(host_not_on_gateway.RULE, "a host more")
REDIRECTING: Change = (
    "  servers:\n",
    "  servers:\n  - {port: {number: 8080, name: http-2, protocol: HTTP}, hosts: [shop.example.com], tls: {httpsRedirect: true}}\n",
)
SECOND: Change = ("  servers:\n", "  servers:\n  - {port: {number: 8080, name: http-2, protocol: HTTP}, hosts: [shop.example.com]}\n")
ADDED = "Add {} to the server of Gateway ingress/edge."


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        ((), ADDED.format("basket.example.com")),
        ((REDIRECTING,), ADDED.format("basket.example.com")),
        ((SECOND,), "Add the host to a server of the gateway, or remove it here."),
        ((("basket.example.com", "shop.exmaple.com"),), ADDED.format("shop.exmaple.com")),
        (
            (("  - shop.example.com\n  - basket", "  - basket"), ("basket.example.com", "shop.exmaple.com")),
            "Replace shop.exmaple.com with shop.example.com.",
        ),
        (
            (("    - shop.example.com\n", "    - '*.example.com'\n"), ("  - basket.example.com\n", "  - '*.exmaple.com'\n")),
            ADDED.format("*.exmaple.com"),
        ),
    ],
)
def test_a_host_is_added_to_the_only_server_that_serves(changes: tuple[Change, ...], summary: str) -> None:
    """Unless it is a slip for one of the server's hosts that no other route has; a server that redirects serves nothing."""
    assert summaries(said(host_not_on_gateway.RULE, MORE, *changes)) == [summary]


# ---------------------------------------------------------------- MF412

DOTTED = example(unknown_mesh_host.RULE, "a short name with a dot")
ENTRY = """---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: known, namespace: shop}
spec: {hosts: [known.example.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}
"""


@pytest.mark.parametrize(
    ("host", "destination", "gateways", "summary"),
    [
        ("cart.shop", "cart", "[mesh]", "Replace cart.shop with cart.shop.svc.cluster.local."),
        ("cart.shop", "cart.shop", "[mesh]", "Replace cart.shop with cart.shop.svc.cluster.local."),
        (
            "cart.shop",
            "cart",
            "[mesh, ingress/public]",
            "Add cart.shop.svc.cluster.local to the hosts, if sidecars should use these routes for it.",
        ),
        ("rates.example.com", "cart", "[mesh]", "Use the host of a Service, or create a ServiceEntry for this one."),
        ("rates.example.com", "rates.example.com", "[mesh]", None),
        ("shop.example.com", "cart", "[mesh]", "Add the gateway to the VirtualService's gateways."),
        ("shop.example.com", "shop.example.com", "[mesh]", "Add the gateway to the VirtualService's gateways."),
        ("shop.example.com", "cart", "[mesh, ingress/public]", None),
    ],
)
def test_a_host_that_its_own_routes_call_is_told_once(host: str, destination: str, gateways: str, summary: str | None) -> None:
    """Unless more is known of it: the Service that is meant, or the gateway that has the host."""
    public = example(unknown_mesh_host.RULE, "the gateways are missing").partition("---")[2]
    text = changed(
        f"{DOTTED}{ENTRY}---\n{public}",
        ("  hosts:\n  - cart.shop\n", f"  gateways: {gateways}\n  hosts:\n  - {host}\n"),
        ("        host: cart\n", f"        host: {destination}\n"),
    )
    assert summaries(said(unknown_mesh_host.RULE, text)) == ([summary] if summary else [])


# ---------------------------------------------------------------- MF419

CLAIM = example(claims_without_authentication.RULE)


@pytest.mark.parametrize(("live", "namespaces", "count"), [(False, None, 1), (True, None, 1), (True, {"ingress"}, 1), (True, {"shop"}, 0)])
def test_policies_that_may_not_be_read_may_be_there(live: bool, namespaces: set[str] | None, count: int) -> None:
    """The namespace of the gateway's pods counts."""
    coverage = {kinds.REQUEST_AUTHENTICATION: Coverage(namespaces=frozenset(namespaces))} if namespaces else {}
    assert len(said(claims_without_authentication.RULE, CLAIM, live=live, coverage=coverage)) == count
