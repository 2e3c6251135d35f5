"""What is to be done where callers and servers disagree about TLS, for rules that differ in one thing."""

import pytest

from kubectl_meshfix.rules.policy.client_and_server_tls_disagree import RULE
from tests.rules.near_misses.scenes import Change, example, said, summaries, writes

PLAIN = example(RULE, "plain text to pods that demand mTLS")
REMOVED = "Remove tls, so that callers use what each pod takes."
BY_HAND = "Set the tls.mode that the pods take, or change what they take."
BALANCER = "    loadBalancer:\n      simple: LEAST_REQUEST\n"
TLS = "/spec/trafficPolicy/tls"
HTTPS: Change = ("  - name: http\n    port: 80", "  - {name: https, port: 443, targetPort: 8443}\n  - name: http\n    port: 80")
HTTPS_TOO: Change = ("    targetPort: 8080", "    targetPort: 8080\n  - {name: https, port: 443, targetPort: 8443}")
PERMISSIVE: Change = ("mode: STRICT", "mode: PERMISSIVE")
SIMPLE: Change = ("mode: DISABLE", "mode: SIMPLE")


@pytest.mark.parametrize(
    ("changes", "summary", "removed"),
    [
        ((), REMOVED, TLS),
        (((BALANCER, ""),), REMOVED, "/spec/trafficPolicy"),
        (((BALANCER, "    connectionPool: {tcp: {maxConnections: 1}}\n"),), REMOVED, TLS),
        (((BALANCER, "    outlierDetection: {consecutive5xxErrors: 5}\n"),), REMOVED, TLS),
        (((BALANCER, "    tunnel: {targetHost: cart, targetPort: 80}\n"),), REMOVED, TLS),
        (((BALANCER, "    proxyProtocol: {version: V2}\n"),), REMOVED, TLS),
        (((BALANCER, "    retryBudget: {percent: 20}\n"),), REMOVED, TLS),
        (((BALANCER, "    portLevelSettings: [{port: {number: 81}, connectionPool: {tcp: {maxConnections: 1}}}]\n"),), REMOVED, TLS),
        (((BALANCER, "    portLevelSettings: [{port: {number: 81}, tls: {mode: DISABLE}}]\n"),), BY_HAND, ""),
        ((("LEAST_REQUEST", "PASSTHROUGH"),), BY_HAND, ""),
        ((HTTPS,), REMOVED, TLS),
        ((HTTPS_TOO,), REMOVED, TLS),
        ((SIMPLE,), REMOVED, TLS),
        ((SIMPLE, PERMISSIVE), REMOVED, TLS),
        (
            (SIMPLE, PERMISSIVE, HTTPS),
            "Set tls in portLevelSettings, for the ports that serve TLS alone; port 80 does not.",
            "",
        ),
    ],
)
def test_tls_is_removed_where_istiod_then_chooses(changes: tuple[Change, ...], summary: str, removed: str) -> None:
    """With all of the policy where nothing else is in it; not where other settings of ``tls`` would count, or another port needs it."""
    found = said(RULE, PLAIN, *changes)
    assert summaries(found) == [summary]
    assert [(op, path) for row in found for op, path, _ in writes(row)] == ([("remove", removed)] if removed else [])


ROUTE = """---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec: {hosts: [cart], http: [{route: [{destination: {host: cart, subset: v1}}]}]}
"""
POLICY = f"  trafficPolicy:\n{BALANCER}    tls:\n      mode: DISABLE\n"


@pytest.mark.parametrize(
    ("top", "own", "summary", "removed"),
    [
        ("", "{tls: {mode: DISABLE}}", REMOVED, "/spec/subsets/0/trafficPolicy"),
        ("", "{tls: {mode: DISABLE}, loadBalancer: {simple: RANDOM}}", REMOVED, "/spec/subsets/0/trafficPolicy/tls"),
        ("  trafficPolicy: {loadBalancer: {simple: RANDOM}}\n", "{tls: {mode: DISABLE}}", REMOVED, "/spec/subsets/0/trafficPolicy"),
        ("  trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}\n", "{tls: {mode: DISABLE}}", BY_HAND, ""),
    ],
)
def test_tls_of_a_subset_is_removed_where_none_is_around_it(top: str, own: str, summary: str, removed: str) -> None:
    """Else the ``tls`` of the whole host would count instead."""
    subset = f"{top}  subsets: [{{name: v1, labels: {{app: cart}}, trafficPolicy: {own}}}]\n"
    found = said(RULE, PLAIN + ROUTE, (POLICY, subset))
    assert summaries(found) == [summary]
    assert [(op, path) for row in found for op, path, _ in writes(row)] == ([("remove", removed)] if removed else [])
