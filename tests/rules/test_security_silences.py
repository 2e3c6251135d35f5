"""Where rules about policies, tokens and identities have nothing to say, or do not know."""

import pytest

from kubectl_meshfix.engine import diagnose
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.rules.test_mtls import SHOP

TCP = """
apiVersion: v1
kind: Service
metadata: {name: cache, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: tcp-cache, port: 6379}]}
"""


def policy(spec: str, name: str = "policy") -> str:
    """An AuthorizationPolicy for all pods of shop."""
    return f"""
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {{name: {name}, namespace: shop}}
spec: {{{spec}}}
"""


def codes(*documents: str) -> set[str]:
    """The codes of policy and mTLS that are found in manifests."""
    mesh, _ = from_texts({"all.yaml": "\n---\n".join(documents)})
    return {row.code for row in diagnose(mesh, RULES).active if row.code.startswith("MF6")}


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        ("action: DENY, rules: [{to: [{operation: {methods: [POST]}}]}]", {"MF606"}),
        ('action: DENY, rules: [{to: [{operation: {methods: [POST], ports: ["8080"]}}]}]', set()),
        ("action: ALLOW, rules: [{to: [{operation: {methods: [GET]}}]}]", {"MF606"}),
        ('action: ALLOW, rules: [{to: [{operation: {methods: [GET]}}]}, {to: [{operation: {ports: ["6379"]}}]}]', set()),
        ("action: AUDIT, rules: [{to: [{operation: {methods: [POST]}}]}]", set()),
    ],
)
def test_a_rule_that_leaves_tcp_ports_alone_is_silent(spec: str, wanted: set[str]) -> None:
    """A rule for other ports closes none, and a port that another ALLOW rule admits is open."""
    assert codes(SHOP, TCP, policy(spec)) == wanted


@pytest.mark.parametrize(
    ("spec", "is_limited"),
    [
        ("{to: [{operation: {methods: [POST]}}]}", False),
        ('{to: [{operation: {methods: [POST], ports: ["6379"]}}]}', False),
        ("{to: [{operation: {methods: [POST]}}], from: [{source: {namespaces: [web]}}]}", True),
        ("{to: [{operation: {methods: [POST]}}], from: [{source: {namespaces: [web]}}, {source: {requestPrincipals: ['*']}}]}", False),
        ('{to: [{operation: {methods: [POST]}}], when: [{key: destination.port, values: ["6379"]}]}', False),
        ('{to: [{operation: {methods: [POST]}}], when: [{key: source.ip, values: ["10.0.0.1"]}]}', True),
    ],
)
def test_a_denial_refuses_what_the_rest_of_its_rule_matches(spec: str, is_limited: bool) -> None:
    """Callers and other conditions stay in the rule; a source of which nothing is left is everybody."""
    mesh, _ = from_texts({"all.yaml": "\n---\n".join((SHOP, TCP, policy(f"action: DENY, rules: [{spec}]")))})
    (found,) = (row for row in diagnose(mesh, RULES).active if row.code == "MF606")

    assert ("refuses all connections that its other conditions match." in found.message) is is_limited
    assert ("refuses every connection." in found.message) is not is_limited


def test_one_provider_is_silent_and_two_without_common_pods_too() -> None:
    """Two policies of one provider are one filter; policies for different pods do not meet."""
    own = "action: CUSTOM, provider: {name: a}, rules: [{}]"
    other = "selector: {matchLabels: {app: cart}}, action: CUSTOM, provider: {name: b}, rules: [{}]"

    assert codes(SHOP, policy(own), policy(other, "second")) == {"MF605"}
    assert codes(SHOP, policy(own), policy(other.replace("name: b", "name: a"), "second")) == set()
    assert codes(SHOP, policy(own.replace("action", "selector: {matchLabels: {app: x}}, action")), policy(other, "second")) <= {"MF602"}


def test_callers_of_whom_nothing_is_known_are_silent() -> None:
    """Callers of a namespace that the files do not hold, and of one whose pods may have a sidecar, may have an identity."""
    named = policy("rules: [{from: [{source: {principals: [cluster.local/ns/other/sa/web]}}]}]")
    caller = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: other}
spec: {template: {metadata: {labels: {app: web}}, spec: {serviceAccountName: web, containers: [{name: web, image: web}]}}}
"""
    refusing = "\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: other, labels: {istio-injection: disabled}}\n"

    assert codes(SHOP, named) == set()
    assert codes(SHOP, named, caller) == set()
    assert codes(SHOP, named, caller, refusing) == {"MF610"}
