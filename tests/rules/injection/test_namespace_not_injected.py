"""MF301: which configuration is about pods of a namespace, and which pods nothing but the namespace keeps out of the mesh."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.istio_networking.proxies import EnvoyFilter, Sidecar
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy, Telemetry
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import deployment, manifest, namespace
from tests.rules.test_injection import DEFAULT, ENABLED, INJECT, OUTSIDE, found
from tests.traffic.objects import make

CART = {"app": "cart"}
WAYPOINT = {"kind": "Gateway", "group": "gateway.networking.k8s.io", "name": "waypoint"}
OF_PODS: Mapping[str, Any] = {"selector": {"matchLabels": CART}}
OF_PROXIES: Mapping[str, Any] = {"workloadSelector": {"labels": CART}}


@pytest.mark.parametrize(
    ("struct", "spec", "is_found"),
    [
        (AuthorizationPolicy, {}, True),
        (AuthorizationPolicy, OF_PODS, True),
        (AuthorizationPolicy, {"targetRef": WAYPOINT}, False),
        (AuthorizationPolicy, {"targetRefs": [WAYPOINT]}, False),
        (Telemetry, {}, True),
        (Telemetry, {"targetRef": WAYPOINT}, False),
        (EnvoyFilter, {}, True),
        (EnvoyFilter, OF_PROXIES, True),
        (EnvoyFilter, {"targetRefs": [WAYPOINT]}, False),
        (Sidecar, {}, True),
        (Sidecar, OF_PROXIES, True),
        (Gateway, {"selector": CART}, True),
        (Gateway, {}, False),
    ],
)
def test_what_selects_pods_needs_their_sidecars(struct: type[Object], spec: Mapping[str, Any], *, is_found: bool) -> None:
    """An object with targets is for a waypoint or a Service's traffic, and a Gateway without a selector for no pods."""
    obj = make(struct, "own", **spec)
    findings = found(OUTSIDE, DEFAULT, namespace("shop"), deployment(CART), obj)

    said = f"Pods of this namespace get no sidecar, so {obj.ref} has no effect on them."
    assert [item.message for item in findings] == ([said] if is_found else [])


def test_only_the_pods_of_a_namespace_speak_for_it() -> None:
    """A Gateway selects pods of all namespaces; those that are in the mesh elsewhere keep no other namespace out."""
    objects = (namespace("shop"), deployment(CART), namespace("web", ENABLED), deployment(CART, namespace="web"))
    gateway = make(Gateway, "own", "edge", selector=CART)

    assert [item.resource.name for item in found(OUTSIDE, DEFAULT, *objects, gateway)] == ["shop"]


def workload(kind: str, labels: str, spec: str = "") -> Object:
    """A workload beside Deployment cart, whose pods have the label ``app: cart`` too."""
    return manifest(f"""
        apiVersion: apps/v1
        kind: {kind}
        metadata: {{name: other, namespace: shop}}
        spec: {{template: {{metadata: {{labels: {{app: cart{labels}}}}}, spec: {{containers: [{{name: other, image: "other:1"}}]{spec}}}}}}}
    """)


OUT = f', {INJECT}: "false"'
GATEWAY = manifest(f"""
    apiVersion: apps/v1
    kind: Deployment
    metadata: {{name: edge, namespace: shop}}
    spec:
      template:
        metadata: {{labels: {{app: cart, {INJECT}: "true"}}, annotations: {{inject.istio.io/templates: gateway}}}}
        spec: {{containers: [{{name: istio-proxy, image: auto}}]}}
""")


@pytest.mark.parametrize(
    ("objects", "is_found"),
    [
        ((deployment(CART),), True),
        ((deployment(CART, spec={"hostNetwork": True}),), False),
        ((deployment({**CART, INJECT: "false"}),), False),
        ((deployment(CART), workload("StatefulSet", "")), True),
        ((deployment(CART), workload("StatefulSet", OUT)), True),
        ((deployment(CART), workload("DaemonSet", "", ", hostNetwork: true")), True),
        ((workload("StatefulSet", OUT), workload("DaemonSet", "", ", hostNetwork: true")), False),
        ((deployment(CART), GATEWAY), False),
    ],
    ids=["one", "host network", "refuses", "two", "one refuses", "one on the host", "none", "a gateway"],
)
def test_one_plain_workload_is_enough(objects: tuple[Object, ...], *, is_found: bool) -> None:
    """One that nothing but its namespace keeps out; where a gateway that the same object selects is in the mesh, it has an effect."""
    assert bool(found(OUTSIDE, DEFAULT, namespace("shop"), *objects, make(AuthorizationPolicy, "own", **OF_PODS))) is is_found
