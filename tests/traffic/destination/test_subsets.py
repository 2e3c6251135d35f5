"""A subset is undefined where no client that counts has a cluster for it, and that is known."""

from typing import Any

import pytest

from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.traffic.destination.subsets import UndefinedSubset, client_classes, home_of, undefined
from tests.traffic.objects import entry, gateway_pods, make, routes, rule, service

HOST = "reviews.shop.svc.cluster.local"


def lacks(*objects: Object, live: bool = True, host: str = HOST, subset: str = "v1", namespace: str = "web", **spec: Any) -> bool:
    """Whether a subset is undefined for those that follow a VirtualService."""
    return undefined(Mesh(objects, live=live), routes(namespace=namespace, **spec), host, subset) is not None


def test_a_subset_that_one_class_of_clients_has_is_defined() -> None:
    """A VirtualService for all is only wrong where nobody has the subset."""
    other = rule(HOST, "v1", namespace="other")

    assert not lacks(service("reviews"), other)
    assert lacks(service("reviews"), other, exportTo=["."])
    assert lacks(service("reviews"), other, subset="v2")


def test_nobody_lacks_what_nobody_follows() -> None:
    """``exportTo: ["~"]`` switches a VirtualService off."""
    assert not lacks(service("reviews"), exportTo=["~"])


def test_the_rules_that_count_are_told_from_those_that_do_not() -> None:
    """What defines the subset for others is told apart, and where the host is at home."""
    near, far = rule("*.local", name="near", namespace="web"), rule("reviews", "v1")
    mesh = Mesh([service("reviews"), near, far], live=True)

    assert undefined(mesh, routes(namespace="web", exportTo=["."]), HOST, "v1") == UndefinedSubset("shop", (near,), (far,))


def test_an_unregistered_host_has_no_subsets_to_lack() -> None:
    """What has no cluster at all is another matter; so are hosts of other clusters."""
    assert not lacks(service("cart"))
    assert not lacks(service("cart"), host="reviews.shop.svc.corp.example")


def test_a_rule_that_was_left_out_may_define_it() -> None:
    """What lies beside another copy of what is here may have the subset."""
    left = Mesh([service("reviews"), rule("reviews", "v2")], left_out=[(kinds.DESTINATION_RULE, "shop")])

    assert undefined(left, routes(), HOST, "v1") is None


def test_rules_that_were_not_read_may_define_it() -> None:
    """Only a rule beside the host settles the matter, for it decides for most."""
    coverage = {kinds.DESTINATION_RULE: Coverage(namespaces=frozenset({"shop"}))}

    assert undefined(Mesh([service("reviews")], live=True, coverage=coverage), routes(), HOST, "v1") is None
    assert undefined(Mesh([service("reviews"), rule("reviews")], live=True, coverage=coverage), routes(), HOST, "v1")


def test_files_know_subsets_beside_the_host() -> None:
    """They need its rule, or its Service and another rule there; a rule without a namespace may be the one."""
    assert not lacks(service("reviews"), live=False)
    assert lacks(service("reviews"), rule("cart"), live=False)
    assert lacks(rule("reviews"), live=False)
    assert not lacks(rule("reviews"), rule("reviews", "v1", namespace="default"), live=False)


@pytest.mark.parametrize(
    ("host", "home"),
    [(HOST, "shop"), ("gone.films.svc.cluster.local", "films"), ("api.example.com", "egress"), ("www.example.com", "web")],
)
def test_a_host_is_at_home_where_it_is_registered(host: str, home: str) -> None:
    """A Service's host says so itself; a host that nobody registers is taken for the caller's own."""
    assert home_of(Mesh([service("reviews"), entry("api", "egress", "api.example.com")]), host, "web") == home


def test_clients_that_follow_the_same_rules_are_one_class() -> None:
    """One namespace stands for each: the VirtualService's, the host's, and each that has a rule; or the gateways' alone."""
    gateway = make(Gateway, "public", selector={"istio": "public"})
    mesh = Mesh([rule(HOST, namespace="films"), rule("cart", namespace="books"), gateway, gateway_pods("gate", istio="public")])

    assert client_classes(mesh, routes(namespace="web"), HOST, "shop") == {"web", "shop", "films"}
    assert client_classes(mesh, routes(namespace="web", exportTo=["books", "."]), HOST, "shop") == {"web", "books"}
    assert client_classes(mesh, routes(gateways=["public"]), HOST, "shop") == {"ingress"}
