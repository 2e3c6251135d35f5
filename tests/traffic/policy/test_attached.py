"""Policies apply by labels to sidecars and gateways, and by the targets they name to waypoints and Kubernetes Gateways."""

from typing import Any

import pytest

from kubectl_meshfix.injection.labels import GATEWAY_NAME
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.terms.parties import Party, Plane
from tests.traffic.policy.policies import CATALOG, policy, verdict

WAYPOINT = Party(plane=Plane.WAYPOINT, namespace="shop", labels={GATEWAY_NAME: "waypoint"})
GATEWAY = Party(plane=Plane.GATEWAY, namespace="shop", labels={GATEWAY_NAME: "web", "app": "web"})
CLASSIC = Party(plane=Plane.GATEWAY, namespace="istio-ingress", labels={"istio": "ingress"})
SERVICE = Ref("v1", "Service", "shop", "catalog")
EXTERNAL = Ref("networking.istio.io/v1", "ServiceEntry", "shop", "bank")

TO_SERVICE = {"targetRefs": [{"kind": "Service", "name": "catalog"}]}
TO_ENTRY = {"targetRefs": [{"group": "networking.istio.io", "kind": "ServiceEntry", "name": "bank"}]}
TO_WAYPOINT = {"targetRefs": [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "waypoint"}]}
TO_WEB = {"targetRef": {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "web"}}
TO_CLASS = {"targetRefs": [{"group": "gateway.networking.k8s.io", "kind": "GatewayClass", "name": "istio-waypoint"}]}
BY_APP = {"selector": {"matchLabels": {"app": "catalog"}}}


def applies(server: Party, spec: dict[str, Any], namespace: str = "shop", services: tuple[Ref, ...] = ()) -> bool:
    """Whether a policy that denies all denies anything."""
    return verdict(policy("p", "DENY", {}, namespace=namespace, **spec), server=server, services=services) != "allowed"


@pytest.mark.parametrize(
    ("server", "spec", "namespace", "services", "wanted"),
    [
        (CATALOG, {}, "shop", (), True),
        (CATALOG, BY_APP, "shop", (), True),
        (CATALOG, {"selector": {"matchLabels": {"app": "cart"}}}, "shop", (), False),
        (CATALOG, {"selector": {}}, "shop", (), True),
        (CATALOG, BY_APP, "istio-system", (), True),
        (CATALOG, BY_APP, "bank", (), False),
        (CATALOG, TO_SERVICE, "shop", (SERVICE,), False),
        (CLASSIC, {}, "istio-system", (), True),
        (CLASSIC, {}, "shop", (), False),
        (GATEWAY, {}, "shop", (), True),
        (GATEWAY, {"selector": {"matchLabels": {"app": "web"}}}, "shop", (), True),
        (GATEWAY, TO_WEB, "shop", (), True),
        (GATEWAY, TO_WEB, "istio-system", (), False),
        (GATEWAY, TO_WAYPOINT, "shop", (), False),
        (WAYPOINT, {}, "shop", (SERVICE,), False),
        (WAYPOINT, {}, "istio-system", (SERVICE,), False),
        (WAYPOINT, BY_APP, "shop", (SERVICE,), False),
        (WAYPOINT, TO_SERVICE, "shop", (SERVICE,), True),
        (WAYPOINT, TO_SERVICE, "shop", (), False),
        (WAYPOINT, TO_SERVICE, "istio-system", (SERVICE,), False),
        (WAYPOINT, TO_ENTRY, "shop", (EXTERNAL,), True),
        (WAYPOINT, TO_ENTRY, "shop", (SERVICE,), False),
        (WAYPOINT, TO_WAYPOINT, "shop", (SERVICE,), True),
        (WAYPOINT, TO_CLASS, "istio-system", (SERVICE,), True),
        (WAYPOINT, TO_CLASS, "shop", (SERVICE,), False),
    ],
)
def test_who_is_meant(server: Party, spec: dict[str, Any], namespace: str, services: tuple[Ref, ...], wanted: bool) -> None:
    """Sidecars follow no target, waypoints no selector; a target is of the policy's own namespace."""
    assert applies(server, spec, namespace, services) is wanted
