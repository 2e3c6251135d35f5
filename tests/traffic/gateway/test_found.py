"""The pods behind the gateways that a user names."""

from kubectl_meshfix.traffic.gateway.found import gateway_parties
from kubectl_meshfix.traffic.terms.parties import Plane
from tests.traffic.gateway.scenes import HTTP_APP, PODS, files, kubernetes, listener, server

SHOP = server("shop", "80 HTTP", "'*'")


def test_the_workload_that_a_selector_finds() -> None:
    """The pods of Istio's Gateway are those of the gateway workloads that its selector finds, in any namespace; apps are none."""
    (party,) = gateway_parties(files(PODS, SHOP, HTTP_APP), "shop", "shop")

    assert (str(party), party.plane, party.service_account) == ("Deployment edge/ingress", Plane.GATEWAY, "ingress")
    assert str(party.gateway) == "Gateway shop/shop"


def test_the_gateway_of_the_charts_is_assumed() -> None:
    """Files without a gateway's pods: those of the charts are taken, in the namespace of their Service or in Istio's."""
    shop = SHOP.replace("istio: ingress", "istio: ingressgateway")
    service = """
apiVersion: v1
kind: Service
metadata: {name: gw, namespace: front}
spec: {selector: {app: gw, istio: ingressgateway}, ports: [{name: http, port: 80, targetPort: 8080}]}
"""
    (assumed,) = gateway_parties(files(shop), "shop", "shop")
    assert (assumed.namespace, assumed.service_account, assumed.workload) == ("istio-system", "istio-ingressgateway-service-account", None)
    (by_service,) = gateway_parties(files(shop, service), "shop", "shop")
    assert (by_service.namespace, by_service.labels) == ("front", {"app": "gw", "istio": "ingressgateway"})


def test_gateways_of_one_name() -> None:
    """A name may be one of Istio's and one of Kubernetes' Gateways: both are found. Nothing has no pods."""
    both = gateway_parties(files(PODS, SHOP, kubernetes(listener("web", 80, "HTTP"), name="shop", namespace="shop")), "shop", "shop")

    assert [party.gateway.group for party in both if party.gateway] == ["networking.istio.io", "gateway.networking.k8s.io"]
    assert gateway_parties(files(PODS, SHOP), "nobody", "shop") == ()
