"""Whose a Kubernetes Gateway is, and what istiod makes for it."""

from typing import Any

import pytest

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.traffic.gateway.kubernetes import classes
from tests.fixes.objects import made

API = "gateway.networking.k8s.io/v1"


def gateway(name: str = "istio", annotations: dict[str, str] | None = None, **spec: Any) -> KubernetesGateway:
    """A Gateway called front of a class."""
    found = made(API, "Gateway", {"gatewayClassName": name, **spec}, name="front", namespace="edge", annotations=annotations or {})
    assert isinstance(found, KubernetesGateway)
    return found


def service(name: str, namespace: str = "edge") -> Service:
    """A Service."""
    found = made("v1", "Service", {}, name=name, namespace=namespace)
    assert isinstance(found, Service)
    return found


@pytest.mark.parametrize(
    ("name", "controller", "is_istios", "made_name", "is_outward"),
    [
        ("istio", "istio.io/gateway-controller", True, "front-istio", True),
        ("istio-waypoint", "istio.io/mesh-controller", True, "front", False),
        ("istio-east-west", "istio.io/eastwest-controller", True, "front", True),
        ("istio-remote", "istio.io/unmanaged-gateway", False, "front-istio-remote", True),
        ("my-agentgateway", "istio.io/agentgateway-controller", False, "front-my-agentgateway", True),
        ("nginx", None, False, "front-nginx", True),
    ],
)
def test_a_class_decides_who_makes_what(name: str, controller: str | None, is_istios: bool, made_name: str, is_outward: bool) -> None:
    """Of the classes that istiod makes itself it is known without a GatewayClass; pods of waypoints and between clusters have no suffix."""
    front = gateway(name)

    assert (classes.controller(Mesh([front]), front), classes.is_istios(Mesh([front]), front)) == (controller, is_istios)
    assert (classes.made_name(front), classes.service_account(front), classes.is_made_for_outside(front)) == (
        made_name,
        made_name,
        is_outward,
    )


def test_a_gateway_class_says_whose_it_is() -> None:
    """Whatever its name."""
    mine = made(API, "GatewayClass", {"controllerName": "istio.io/gateway-controller"}, name="nginx", namespace="")
    other = made(API, "GatewayClass", {"controllerName": "x/y"}, name="istio", namespace="")

    assert classes.is_istios(Mesh([mine, gateway("nginx")]), gateway("nginx"))
    assert not classes.is_istios(Mesh([other, gateway()]), gateway())


def test_annotations_choose_names_and_the_type_of_the_service() -> None:
    """Each its own."""
    named = gateway(annotations={"gateway.istio.io/name-override": "a", "gateway.istio.io/service-account": "b"})

    assert (classes.made_name(named), classes.service_account(named)) == ("a", "b")
    assert not classes.is_made_for_outside(gateway(annotations={"networking.istio.io/service-type": "ClusterIP"}))
    assert classes.is_made_for_outside(gateway("istio-waypoint", {"networking.istio.io/service-type": "NodePort"}))


@pytest.mark.parametrize(
    ("addresses", "is_managed", "found"),
    [
        ([], True, ["front-istio"]),
        ([{"type": "IPAddress", "value": "10.0.0.1"}], True, ["front-istio"]),
        ([{"value": "10.0.0.1"}], True, ["front-istio"]),
        ([{"type": "IPAddress", "value": "10.0.0.1"}] * 2, False, []),
        ([{"type": "Hostname", "value": "ingress"}], False, ["ingress"]),
        ([{"type": "Hostname", "value": "ingress.edge.svc.cluster.local"}], False, ["ingress"]),
        ([{"type": "Hostname", "value": "ingress.other.svc.cluster.local"}], False, []),
        ([{"type": "x", "value": "ingress"}], False, []),
    ],
)
def test_a_gateway_that_names_services_has_no_pods_of_its_own(addresses: list[dict[str, str]], is_managed: bool, found: list[str]) -> None:
    """One address of IP is asked for; a host is a Service of its own namespace."""
    front = gateway(addresses=addresses)
    services = [service("front-istio"), service("ingress"), service("ingress", "other"), service("front-istio", "other")]
    mesh = Mesh([front, *services])

    assert classes.is_managed(front) is is_managed
    assert [item.name for item in services if classes.is_service_of(mesh, front, item)] == found
