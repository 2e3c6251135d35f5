"""What the rules about roots, agents on nodes and gateways' addresses say of objects that differ in one thing."""

import pytest

from kubectl_meshfix.rules import page as page_of
from kubectl_meshfix.rules.control_plane import (
    gateway_without_address,
    node_agent_not_ready,
    root_certificate_ends,
)
from kubectl_meshfix.rules.pages import examples
from kubectl_meshfix.rules.rule import Severity
from tests.rules.near_misses.scenes import Change, said

NOON = "2026-03-01T12:00:00Z"

# ---------------------------------------------------------------- MF905

ROOT = next(example.text for example in examples(page_of(root_certificate_ends.RULE)) if example.what == "bad")
"""A root that ends on 2026-02-09, 00:00 UTC, after ten years."""


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-01-09T23:59:59Z", []),
        ("2026-01-10T00:00:00Z", [(None, "ends on")]),
        ("2026-02-08T23:59:59Z", [(None, "ends on")]),
        ("2026-02-09T00:00:00Z", [(Severity.ERROR, "ended on")]),
    ],
)
def test_a_root_is_told_from_its_last_month_on(at: str, expected: list[tuple[Severity | None, str]]) -> None:
    """Thirty days before its end are in the month, and its last moment is its end."""
    found = said(root_certificate_ends.RULE, ROOT, ('  creationTimestamp: "2026-01-20T08:00:00Z"\n', ""), live=True, at=at)
    assert [(row.severity, row.message.partition(" 2026")[0]) for row in found] == [
        (severity, f"The mesh's root certificate {word}") for severity, word in expected
    ]


# ---------------------------------------------------------------- MF907

AMBIENT = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: istio-cni-node, namespace: istio-system}
spec:
  selector: {matchLabels: {k8s-app: istio-cni-node}}
  template:
    metadata: {labels: {k8s-app: istio-cni-node}}
    spec: {containers: [{name: install-cni}]}
---
apiVersion: v1
kind: Pod
metadata:
  name: istio-cni-node-1
  namespace: istio-system
  ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: istio-cni-node, controller: true}]
spec: {nodeName: node-1, containers: [{name: install-cni}]}
status: {phase: Running, conditions: [{type: Ready, status: "True"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: cart, namespace: shop, annotations: {ambient.istio.io/redirection: enabled}}
spec: {nodeName: node-1, containers: [{name: cart}]}
status: {phase: Running}
"""
SIDECAR = AMBIENT.replace("annotations: {ambient.istio.io/redirection: enabled}", "labels: {app: cart}")
VALIDATED: Change = (
    "containers: [{name: cart}]",
    "initContainers: [{name: istio-validation}], containers: [{name: cart}, {name: istio-proxy, image: istio/proxyv2}]",
)
UNREADY: Change = ('type: Ready, status: "True"', 'type: Ready, status: "False"')


def test_files_without_ztunnel_may_be_applied_beside_it() -> None:
    """A cluster without the DaemonSet has none; files that hold the CNI agent alone are one of two charts."""
    found = said(node_agent_not_ready.RULE, AMBIENT, live=True)
    assert [(row.path, row.message.partition(".")[0]) for row in found] == [
        ("/spec/template/spec", "This CNI agent redirects 1 ambient pod to ztunnel, which is not installed")
    ]
    assert not said(node_agent_not_ready.RULE, AMBIENT)


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [
        ((VALIDATED,), True),
        ((("containers: [{name: cart}]", "initContainers: [{name: istio-validation}], containers: [{name: cart}]"),), False),
        ((VALIDATED, ("{name: istio-validation}", "{name: prepare}")), False),
        ((VALIDATED, ("{name: istio-validation}", "{name: istio-init}, {name: istio-validation}")), False),
    ],
)
def test_the_cni_agent_is_needed_by_pods_that_it_redirects(changes: tuple[Change, ...], is_told: bool) -> None:
    """Such a pod has a proxy and the container that validates; one that redirects itself needs no agent, and one without proxy none."""
    assert bool(said(node_agent_not_ready.RULE, SIDECAR, UNREADY, *changes, live=True)) is is_told


# ---------------------------------------------------------------- MF908

BALANCER = """
apiVersion: v1
kind: Service
metadata:
  name: public
  namespace: ingress
  labels: {gateway.networking.k8s.io/gateway-name: public}
  creationTimestamp: "2026-03-01T11:50:00Z"
spec: {type: LoadBalancer, selector: {istio: public}}
status: {loadBalancer: {}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: public, namespace: ingress}
spec:
  template:
    metadata: {labels: {istio: public}, annotations: {inject.istio.io/templates: gateway}}
    spec: {containers: [{name: istio-proxy, image: auto}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: ingress}
spec: {gatewayClassName: istio}
status: {conditions: [{type: Programmed, status: "True"}]}
"""


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ((), 1),
        ((("11:50:00", "11:50:01"),), 0),
        ((('  creationTimestamp: "2026-03-01T11:50:00Z"\n', ""),), 0),
        ((('Programmed, status: "True"', 'Programmed, status: "False"'),), 0),
        ((('Programmed, status: "True"', 'Programmed, status: "False"'), ("gateway-name: public", "gateway-name: other")), 1),
    ],
)
def test_an_address_is_missed_after_ten_minutes(changes: tuple[Change, ...], count: int) -> None:
    """Not before, nor where nothing says how old the Service is, nor where its own Gateway's condition says it."""
    assert len(said(gateway_without_address.RULE, BALANCER, *changes, live=True, at=NOON)) == count
