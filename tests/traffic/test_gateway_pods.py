"""The pods of a gateway are found wherever they are."""

from typing import Any

import pytest

from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.workloads import Deployment
from kubectl_meshfix.traffic.gateway_pods import knows_all, pod_namespaces, selectable, selects_nothing, usual_labels
from tests.traffic.objects import make


def pods(name: str = "public", container: str = "istio-proxy", **labels: Any) -> Deployment:
    """A Deployment whose only container is a proxy, as gateways have it."""
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": container, "image": "auto"}]}}
    obj: Deployment = make(Deployment, name, "ingress", template=template)
    return obj


def gateway(**selector: str) -> Gateway:
    """A Gateway with a selector."""
    obj: Gateway = make(Gateway, "public", selector=selector)
    return obj


def test_applications_and_what_istiod_makes_are_not_for_gateways_to_select() -> None:
    """A Kubernetes Gateway's pods have their own way to listeners."""
    managed: dict[str, Any] = {"gateway.istio.io/managed": "istio.io-gateway-controller"}
    mesh = Mesh([pods(istio="public"), pods("cart", "cart", app="cart"), pods("made", **managed)])

    assert [workload.name for workload in selectable(mesh)] == ["public"]


def test_all_gateways_are_known_where_everything_or_one_was_read() -> None:
    """Templates have to be read everywhere; a cluster may have no gateway at all, files say nothing then."""
    half = {kinds.DEPLOYMENT: Coverage(namespaces=frozenset({"shop"}))}

    assert knows_all(Mesh([], live=True))
    assert not knows_all(Mesh([]))
    assert knows_all(Mesh([pods()]))
    assert not knows_all(Mesh([pods()], live=True, coverage=half))
    assert not knows_all(Mesh([], live=True, coverage={kinds.POD: Coverage(reason="forbidden")}))


def test_a_gateway_selects_pods_of_any_namespace_or_nothing() -> None:
    """Without labels it is for all; in files, Istio's own gateways are taken for granted."""
    objects = [pods(istio="public")]

    assert not selects_nothing(Mesh(objects), gateway(istio="public"))
    assert selects_nothing(Mesh(objects), gateway(istio="gone"))
    assert not selects_nothing(Mesh(objects), gateway())
    assert not selects_nothing(Mesh(objects), gateway(istio="ingressgateway"))
    assert selects_nothing(Mesh(objects, live=True), gateway(istio="ingressgateway"))


def test_the_pods_of_both_kinds_of_gateways_have_namespaces() -> None:
    """Istio's are found by labels, Kubernetes' stand beside their Gateway; a Gateway for all is for unknown ones."""
    mesh = Mesh([pods(istio="public"), gateway(istio="public"), make(KubernetesGateway, "auto"), make(Gateway, "all")])

    assert pod_namespaces(mesh, "shop", "public") == {"ingress"}
    assert pod_namespaces(mesh, "shop", "auto") == {"shop"}
    assert not pod_namespaces(mesh, "shop", "all")
    assert not pod_namespaces(mesh, "shop", "gone")


@pytest.mark.parametrize(
    ("labels", "usual"),
    [({"app": "edge", "istio": "public"}, {"istio": "public"}), ({"app": "edge", "x": "y"}, {"app": "edge"}), ({"x": "y"}, {"x": "y"})],
)
def test_gateways_are_selected_by_what_people_know_them_by(labels: dict[str, str], usual: dict[str, str]) -> None:
    """``istio`` before ``app`` before whatever there is."""
    (workload,) = Mesh([pods(**labels)]).workloads

    assert usual_labels(workload) == usual
