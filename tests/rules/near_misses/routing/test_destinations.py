"""What the rules about destinations of routes say of objects that differ in one thing."""

import pytest

from kubectl_meshfix.rules.destinations import http_to_tls_port
from kubectl_meshfix.rules.routing import ambiguous_destination_port, undefined_subset, unknown_destination_host
from kubectl_meshfix.rules.routing.wording import severity
from kubectl_meshfix.rules.rule import Severity
from kubectl_meshfix.traffic.route.targets import targets
from tests.rules.near_misses.scenes import Change, example, objects, said, summaries

ROUTE = """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: shop}
spec: {hosts: [HOST], http: [{route: [{destination: {TO}}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [PORTS]}
"""
HTTP = "{name: http, port: 80, targetPort: 8080}"
ADMIN = "{name: http-admin, port: 90, targetPort: 9090}"
NO_ONE = "Correct the host, or create a Service for it (a ServiceEntry if it is outside of the mesh)."


def routed(to: str, *, host: str = "cart", ports: str = HTTP) -> tuple[Change, ...]:
    """A route for a host to a destination, and the ports of cart."""
    return ("HOST", host), ("TO", to), ("PORTS", ports)


def service(name: str, namespace: str = "shop", ports: str = HTTP, more: str = "") -> str:
    """One more Service."""
    meta = f"{{name: {name}, namespace: {namespace}{more}}}"
    return f"---\n{{apiVersion: v1, kind: Service, metadata: {meta}, spec: {{selector: {{app: {name}}}, ports: [{ports}]}}}}\n"


def entry(
    name: str, host: str, namespace: str = "shop", ports: str = "{number: 80, name: http, protocol: HTTP}", exports: str = "*"
) -> str:
    """A ServiceEntry."""
    spec = f"{{hosts: ['{host}'], ports: [{ports}], resolution: DNS, exportTo: ['{exports}']}}"
    meta = f"{{name: {name}, namespace: {namespace}}}"
    return f"---\n{{apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {meta}, spec: {spec}}}\n"


# ---------------------------------------------------------------- MF401


@pytest.mark.parametrize(
    ("number", "ports", "summary"),
    [
        (8080, f"{HTTP}, {ADMIN}", "Replace 8080 with 80."),
        (7, f"{HTTP}, {ADMIN}", "Route to one of its ports: 80, 90."),
        (7, HTTP, "Replace 7 with 80."),
        (8080, f"{HTTP}, {{name: http-2, port: 81, targetPort: 8080}}", "Route to one of its ports: 80, 81."),
    ],
)
def test_the_port_in_front_of_a_target_port_is_meant(number: int, ports: str, summary: str) -> None:
    """Where it is one, or else the only port that there is."""
    found = said(unknown_destination_host.RULE, ROUTE, *routed(f"host: cart, port: {{number: {number}}}", ports=ports))
    assert summaries(found) == [summary]


@pytest.mark.parametrize(
    ("more", "summary"),
    [
        (service("rates", "web"), "Replace rates with rates.web.svc.cluster.local."),
        (service("rates", "web", more=", annotations: {networking.istio.io/exportTo: '.'}"), NO_ONE),
        (
            service("rates", "web") + service("rates", "store", more=", annotations: {networking.istio.io/exportTo: '.'}"),
            "Replace rates with rates.web.svc.cluster.local.",
        ),
    ],
)
def test_a_host_elsewhere_is_meant_where_it_is_exported(more: str, summary: str) -> None:
    """One that the proxies cannot see is no way out."""
    assert summaries(said(unknown_destination_host.RULE, ROUTE + more, *routed("host: rates"))) == [summary]


ALIAS = """---
apiVersion: v1
kind: Service
metadata: {name: out, namespace: shop}
spec: {type: ExternalName, externalName: out.example.com}
"""
OTHER_PORT = entry("out", "out.shop.svc.cluster.local", ports="{number: 90, name: http, protocol: HTTP}")


@pytest.mark.parametrize(
    ("more", "to", "count"),
    [
        (ALIAS, "out", 1),
        (ALIAS + OTHER_PORT, "out", 0),
        (entry("one", "out.example.com", "web", exports="."), "out.example.com", 1),
        (entry("one", "out.example.com", "web", exports=".") + entry("two", "out.example.com", exports="~"), "out.example.com", 0),
        (entry("two", "out.example.com", exports="~"), "out.example.com", 0),
    ],
)
def test_one_entry_of_several_that_serves_is_enough(more: str, to: str, count: int) -> None:
    """A host counts as unresolved, or as hidden, where all that register it are."""
    assert len(said(unknown_destination_host.RULE, ROUTE + more, *routed(f"host: {to}"))) == count


@pytest.mark.parametrize(
    ("weight", "told", "expected"),
    [
        (100, None, None),
        (100, Severity.INFO, Severity.INFO),
        (0, None, Severity.WARNING),
        (0, Severity.INFO, Severity.INFO),
    ],
)
def test_a_destination_without_a_share_is_no_error_yet(weight: int, told: Severity | None, expected: Severity | None) -> None:
    """What is information for others stays so."""
    text = f"""
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: shop, namespace: shop}}
spec: {{hosts: [cart], http: [{{route: [{{destination: {{host: a}}, weight: {weight}}}, {{destination: {{host: b}}, weight: 1}}]}}]}}
"""
    (virtual_service,) = objects(text)
    first = next(iter(targets(virtual_service)))  # type: ignore[arg-type]
    assert severity(first, told) == expected


# ---------------------------------------------------------------- MF402

SUBSET = example(undefined_subset.RULE, "the canary's subset is missing")
CREATE = "Create a DestinationRule for reviews.shop.svc.cluster.local that defines the subset with the labels of its pods."


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        ((), "Add the subset v2 (version: v2) to DestinationRule shop/reviews."),
        ((("  host: reviews\n  subsets", "  host: reviews\n  workloadSelector: {matchLabels: {app: reviews}}\n  subsets"),), CREATE),
        (
            (("  selector:\n    app: reviews\n", ""),),
            "Add the subset v2, with the labels of its pods, to DestinationRule shop/reviews, or route to one that it defines.",
        ),
    ],
)
def test_a_subset_is_added_where_its_pods_are_known(changes: tuple[Change, ...], summary: str) -> None:
    """Not to a rule that is for some callers alone, and not for a Service that does not say which pods are its own."""
    assert summaries(said(undefined_subset.RULE, SUBSET, *changes))[-1] == summary


# ---------------------------------------------------------------- MF404


@pytest.mark.parametrize(("host", "count"), [("a.example.com", 1), ("*.example.com", 0)])
def test_a_wildcard_has_no_ports_for_what_it_covers(host: str, count: int) -> None:
    """That the host has no cluster is told by another rule."""
    two = "{number: 81, name: http, protocol: HTTP}, {number: 82, name: http-2, protocol: HTTP}"
    text = ROUTE + entry("many", host, ports=two)
    assert len(said(ambiguous_destination_port.RULE, text, *routed("host: a.example.com"))) == count


# ---------------------------------------------------------------- MF433


@pytest.mark.parametrize(("port", "count"), [(443, 1), (80, 0)])
def test_a_destination_without_a_cluster_gets_no_plain_text(port: int, count: int) -> None:
    """Sidecars call it on the port of the call, which it does not have: nothing is sent to its port for TLS."""
    text = ROUTE + service("console", ports="{name: https, port: 443}")
    assert len(said(http_to_tls_port.RULE, text, *routed("host: console", ports=f"{{name: http, port: {port}}}"), live=True)) == count
