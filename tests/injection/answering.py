"""Manifests as they look on a cluster whose injectors answer: a caBundle, and a Service with an address for each webhook."""

import base64
from collections.abc import Iterable
from typing import Any

from tests.injection.reaching.certificates import ROOT

INJECTOR = "sidecar-injector.istio.io"


def answered(documents: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The documents with what a running istiod adds to them."""
    found = [_trusted(item) for item in documents]
    configurations = [item for item in found if item["kind"] == "MutatingWebhookConfiguration"]
    hooks = [hook for item in configurations for hook in item.get("webhooks", []) if hook["name"].endswith(INJECTOR)]
    services = sorted({(service["namespace"], service["name"]) for hook in hooks if (service := hook["clientConfig"].get("service"))})
    there = {(item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]) for item in found}
    behind = [item for namespace, name in services for item in _backend(namespace, name)]
    return [*found, *(item for item in behind if (item["kind"], item["metadata"]["namespace"], item["metadata"]["name"]) not in there)]


def _trusted(item: dict[str, Any]) -> dict[str, Any]:
    if item["kind"] != "MutatingWebhookConfiguration":
        return item
    bundle = base64.b64encode(ROOT.encode()).decode()
    hooks = [{**hook, "clientConfig": {"caBundle": bundle, **hook["clientConfig"]}} for hook in item.get("webhooks", [])]
    return {**item, "webhooks": hooks}


def _backend(namespace: str, name: str) -> tuple[dict[str, Any], ...]:
    port = {"name": "https-webhook", "port": 443, "targetPort": 15017}
    return (
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": {"ports": [port]}},
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": f"{name}-made", "namespace": namespace, "labels": {"kubernetes.io/service-name": name}},
            "addressType": "IPv4",
            "ports": [{"name": "https-webhook", "port": 15017}],
            "endpoints": [{"addresses": ["10.1.0.7"], "conditions": {"ready": True}}],
        },
    )
