"""MF311 to MF314: on which objects annotations are judged."""

import json
from typing import Any

import pytest

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.rules.injection import deprecated_annotation, invalid_annotation, misplaced_annotation, unknown_annotation
from kubectl_meshfix.rules.rule import Rule
from kubectl_meshfix.sources.manifest_meshes import from_texts
from tests.rules.asking import asked

OF_A_GATEWAY = {"gateway.istio.io/managed": "istio.io-gateway-controller", "gateway.networking.k8s.io/gateway-name": "web"}


def gateway_of(labels: dict[str, str], annotations: dict[str, str]) -> Mesh:
    """The Service and the Deployment of a Kubernetes Gateway, with these labels and the Gateway's annotations."""
    metadata = {"name": "web-istio", "namespace": "shop", "labels": labels, "annotations": annotations}
    pods = {"app": "web"}
    template = {
        "metadata": {"labels": {**pods, **labels}, "annotations": annotations},
        "spec": {"containers": [{"name": "istio-proxy", "image": "auto"}]},
    }
    objects: list[dict[str, Any]] = [
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"selector": pods, "ports": [{"name": "http", "port": 80}]}},
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata,
            "spec": {"selector": {"matchLabels": pods}, "template": template},
        },
    ]
    return from_texts({"x.json": json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})})[0].meshes.first


@pytest.mark.parametrize(
    ("rule", "annotations"),
    [
        (misplaced_annotation.RULE, {"networking.istio.io/service-type": "ClusterIP"}),
        (unknown_annotation.RULE, {"networking.istio.io/servicetype": "ClusterIP"}),
        (deprecated_annotation.RULE, {"sidecar.istio.io/statsCompression": "true"}),
        (invalid_annotation.RULE, {"traffic.sidecar.istio.io/excludeOutboundPorts": "none"}),
    ],
)
def test_copies_that_istiod_makes_are_not_judged(rule: Rule, annotations: dict[str, str]) -> None:
    """A Gateway is judged by its annotations; the copies that istiod puts on what it makes for it are nobody's mistake."""
    assert asked(rule, gateway_of({}, annotations))
    assert not asked(rule, gateway_of(OF_A_GATEWAY, annotations))
