"""Waypoints of a cluster: Gateways with a status, and objects whose labels name them."""

from collections.abc import Mapping
from typing import Any

from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import decoded

USE = "istio.io/use-waypoint"
USE_NAMESPACE = "istio.io/use-waypoint-namespace"
PENDING = {"type": "Programmed", "status": "Unknown", "reason": "Pending", "message": "Waiting for controller"}
PROGRAMMED = {"type": "Programmed", "status": "True", "reason": "Programmed"}
FAILING = {"type": "Programmed", "status": "False", "reason": "AddressNotAssigned", "message": "Failed to assign to any addresses."}


def waypoint(
    *,
    name: str = "waypoint",
    namespace: str = "shop",
    labels: Mapping[str, str] | None = None,
    addressed: bool = True,
    condition: Mapping[str, str] = PROGRAMMED,
    admits: Mapping[str, Any] | None = None,
    class_name: str = "istio-waypoint",
) -> Object:
    """A waypoint that works; ``admits`` is its listener's ``allowedRoutes.namespaces``."""
    listener = {"name": "mesh", "port": 15008, "protocol": "HBONE", **({"allowedRoutes": {"namespaces": admits}} if admits else {})}
    status = {
        "addresses": [{"type": "Hostname", "value": f"{name}.{namespace}.svc.cluster.local"}] if addressed else [],
        "conditions": [dict(condition)] if condition else [],
    }
    return decoded(
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "Gateway",
            "metadata": {"name": name, "namespace": namespace, "labels": dict(labels or {})},
            "spec": {"gatewayClassName": class_name, "listeners": [listener]},
            "status": status,
        }
    )


def service(labels: Mapping[str, str] | None = None, *, name: str = "cart", namespace: str = "shop") -> Object:
    """A Service in front of shop/cart."""
    spec = {"selector": {"app": "cart"}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}
    metadata = {"name": name, "namespace": namespace, "labels": dict(labels or {})}
    return decoded({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})
