"""What is not there is only missing where that is known."""

from typing import Any

import pytest

from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace, NamespaceMeta
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.resources.meta import Meta
from kubectl_meshfix.traffic.absence import (
    holds_pods_of,
    installed_namespace,
    is_no_namespace,
    is_unplaced,
    is_unregistered,
    may_be_unplaced,
    may_hold_gateways,
)
from tests.traffic.objects import deployment, entry, service

HOST = "reviews.shop.svc.cluster.local"


def test_a_cluster_that_was_read_knows_what_it_lacks() -> None:
    """Live and complete, every host without an entry is absent."""
    mesh = Mesh([], live=True)

    assert is_unregistered(mesh, HOST, "web")
    assert is_unregistered(mesh, "api.example.com", "web")


@pytest.mark.parametrize("host", ["reviews.shop.svc.clusterset.local", "reviews.shop.svc.corp.example", "reviews.shop.global"])
def test_nobody_knows_the_hosts_of_other_clusters(host: str) -> None:
    """Names under another domain may be registered by clusters that were not read."""
    assert not is_unregistered(Mesh([], live=True), host, "shop")


@pytest.mark.parametrize(
    "labels",
    [
        {"istio": "eastwestgateway"},
        {"topology.istio.io/network": "network1"},
        {"gateway.istio.io/managed": "istio.io-eastwest-controller"},
    ],
)
def test_an_east_west_gateway_means_more_clusters(labels: dict[str, str]) -> None:
    """Behind it, other clusters have Services of the same hosts; hosts outside of Kubernetes are still known."""
    mesh = Mesh([service("eastwest", "istio-system", labels=labels)], live=True)

    assert not is_unregistered(mesh, HOST, "shop")
    assert is_unregistered(mesh, "api.example.com", "shop")


def test_a_namespaced_user_knows_one_namespace() -> None:
    """Where only a namespace was read, only its Services are known to be missing, and no host outside."""
    only_shop = Coverage(namespaces=frozenset({"shop"}))
    mesh = Mesh([], live=True, coverage={kinds.SERVICE: only_shop, kinds.SERVICE_ENTRY: only_shop})

    assert is_unregistered(mesh, HOST, "shop")
    assert not is_unregistered(mesh, "reviews.web.svc.cluster.local", "shop")
    assert not is_unregistered(mesh, "api.example.com", "shop")


def test_files_speak_for_namespaces_of_which_they_hold_a_service() -> None:
    """A namespace without any Service in the files is not known, nor is one that an installer fills."""
    mesh = Mesh([service("cart"), service("kiali", "istio-system")])

    assert is_unregistered(mesh, HOST, "web")
    assert not is_unregistered(mesh, "reviews.web.svc.cluster.local", "shop")
    assert not is_unregistered(mesh, "istiod.istio-system.svc.cluster.local", "shop")


def test_files_speak_for_outer_hosts_beside_a_service_entry() -> None:
    """Hosts outside of Kubernetes are known where the VirtualService's namespace holds a ServiceEntry."""
    mesh = Mesh([entry("api", "shop", "api.example.com")])

    assert is_unregistered(mesh, "www.example.com", "shop")
    assert not is_unregistered(mesh, "www.example.com", "web")


def test_files_do_not_hold_what_istiod_makes() -> None:
    """The Service of a Kubernetes Gateway is never in files."""
    gateway = KubernetesGateway(metadata=Meta(name="public", namespace="shop"))

    assert not is_unregistered(Mesh([service("cart"), gateway]), "public-istio.shop.svc.cluster.local", "shop")
    assert is_unregistered(Mesh([service("cart"), gateway], live=True), "public-istio.shop.svc.cluster.local", "shop")


def test_files_without_a_namespace_may_belong_anywhere() -> None:
    """``default`` is where files without a namespace are read into; on a cluster it is a namespace like others."""
    assert is_unplaced(Mesh([]), "shop", "default")
    assert not is_unplaced(Mesh([]), "shop")
    assert not is_unplaced(Mesh([], live=True), "default")


@pytest.mark.parametrize(
    ("home", "caller", "host", "may_be"),
    [
        ("default", "shop", HOST, True),
        ("shop", "default", HOST, True),
        ("shop", "web", "reviews.default.svc.cluster.local", True),
        ("shop", "web", "reviews.edge.svc.cluster.local", False),
        ("default", "default", "ratings.shop.svc.cluster.local", False),
    ],
)
def test_a_service_of_that_name_may_be_the_one_that_is_meant(home: str, caller: str, host: str, may_be: bool) -> None:
    """Where it, its caller or the host may be of no namespace; a Service of another name never is."""
    mesh = Mesh([service("reviews", home)])

    assert may_be_unplaced(mesh, host, caller) is may_be
    assert not may_be_unplaced(Mesh(mesh.objects, live=True), host, caller)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("istio-systm", "istio-system"),
        ("istio-ingres", "istio-ingress"),
        ("istio-system", None),
        ("istio-system2", None),
        ("kube-sytem", "kube-system"),
        ("istio-mine", None),
        ("shop", None),
    ],
)
def test_an_installers_namespace_is_known_by_its_slips(name: str, meant: str | None) -> None:
    """Numbered ones are names of their own."""
    assert installed_namespace(name) == meant


def spaces(*names: str, live: bool = False, **rest: Any) -> Mesh:
    """A mesh of namespaces."""
    return Mesh([Namespace(metadata=NamespaceMeta(name=name)) for name in names], live=live, **rest)


@pytest.mark.parametrize(
    ("mesh", "name", "is_none"),
    [
        (spaces("shop", live=True), "shop", False),
        (spaces("shop", live=True), "web", True),
        (spaces("shop", live=True, coverage={kinds.NAMESPACE: Coverage(reason="forbidden")}), "web", False),
        (spaces("shop", "bank"), "shop", False),
        (spaces("shop", "bank"), "web", True),
        (spaces("shop"), "web", False),
        (spaces("shop"), "shopp", True),
        (spaces(), "web", False),
        (spaces("shop", "bank"), "istio-ingress", False),
        (spaces("shop", "bank"), "istio-systm", True),
        (spaces("shop", "bank"), "kube-mine", False),
    ],
)
def test_a_namespace_that_is_none(mesh: Mesh, name: str, *, is_none: bool) -> None:
    """Files know where they hold several, or one of nearly that name; of an installer's they know slips alone."""
    assert is_no_namespace(mesh, name) is is_none


def test_a_namespace_of_objects_is_one() -> None:
    """A Service says as well as a Namespace that its namespace is there."""
    held = (*spaces("shop", "bank").objects, service("till", "web"))

    assert not is_no_namespace(Mesh(held), "web")
    assert is_no_namespace(Mesh(held), "depot")


@pytest.mark.parametrize(
    ("name", "may"),
    [("istio-system", True), ("istio-ingress", True), ("my-gateways", True), ("ingress", True), ("egress-x", True), ("shop", False)],
)
def test_namespaces_that_may_hold_gateways(name: str, *, may: bool) -> None:
    """By their names."""
    assert may_hold_gateways(name) is may


def test_a_host_is_whole_with_its_service_and_pods() -> None:
    """Pods that another Service selects, or of another namespace, are not the host's."""
    own, pods = service("reviews"), deployment("reviews", app="reviews")

    assert holds_pods_of(Mesh([own, pods]), HOST)
    assert not holds_pods_of(Mesh([own]), HOST)
    assert not holds_pods_of(Mesh([pods]), HOST)
    assert not holds_pods_of(Mesh([own, deployment("reviews", "films", app="reviews")]), HOST)
    assert not holds_pods_of(Mesh([own, pods]), "reviews.example.com")
