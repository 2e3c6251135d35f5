"""What the rules about gateways and hosts of VirtualServices say of objects that differ in one thing."""

import pytest

from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.rules.routing import unknown_gateway
from kubectl_meshfix.rules.routing.binding import (
    claims_without_authentication,
    host_not_on_gateway,
    unknown_mesh_host,
)
from tests.rules.near_misses.scenes import Change, changed, example, said, summaries

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
