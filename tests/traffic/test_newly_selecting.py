"""Whoever would select pods by one label more is known before the label is added."""

from typing import Any

import pytest

from kubectl_meshfix.mesh.snapshot import Mesh, UndeclaredInputError
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.istio_networking.proxies import EnvoyFilter, Sidecar
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.resources.workloads import Deployment
from kubectl_meshfix.traffic.newly_selecting import newly_selecting
from tests.traffic.objects import deployment, make, rule, service

CART = deployment("cart", tier="web")
APP = {"app": "cart"}


def selecting(*objects: Object, added: dict[str, str] | None = None, cart: Deployment = CART) -> tuple[str, ...]:
    """What would select the pods of ``cart`` by a label more, or by ``app: cart``."""
    mesh = Mesh([cart, *objects])
    (workload,) = [item for item in mesh.workloads if item.name == "cart"]
    return newly_selecting(mesh, workload, added or APP)


def policy(namespace: str) -> AuthorizationPolicy:
    """A policy for ``app: cart``."""
    obj: AuthorizationPolicy = make(AuthorizationPolicy, "policy", namespace, selector={"matchLabels": APP})
    return obj


@pytest.mark.parametrize(
    ("waiting", "named"),
    [
        (service("cart"), ("Service shop/cart",)),
        (service("cart", selector={"app": "cart", "tier": "web"}), ("Service shop/cart",)),
        (service("cart", selector={"app": "cart", "tier": "back"}), ()),
        (service("cart", "web"), ()),
        (make(Gateway, "edge", "ingress", selector=APP), ("Gateway ingress/edge",)),
        (policy("shop"), ("AuthorizationPolicy shop/policy",)),
        (policy("web"), ()),
        (policy("istio-system"), ("AuthorizationPolicy istio-system/policy",)),
        (make(Sidecar, "egress", workloadSelector={"labels": APP}), ("Sidecar shop/egress",)),
        (make(EnvoyFilter, "filter", workloadSelector={"labels": APP}), ("EnvoyFilter shop/filter",)),
        (make(Deployment, "old", selector={"matchLabels": APP}, template={}), ("Deployment shop/old",)),
    ],
)
def test_all_kinds_of_selectors_are_asked_where_they_look(waiting: Object, named: tuple[str, ...]) -> None:
    """Services look into their namespace, gateways into all, policies into all from the root namespace."""
    assert selecting(waiting) == named


def test_what_selects_the_pods_today_is_not_new() -> None:
    """Nor is what the label would not please."""
    assert not selecting(service("cart", selector={"tier": "web"}), added={"tier": "web"})
    assert not selecting(service("cart"), added={"app": "till"})


def test_a_workloads_own_selector_is_none_of_the_others() -> None:
    """The Deployment that is to get the label may well select by it."""
    own: dict[str, Any] = {"selector": {"matchLabels": APP}, "template": {"metadata": {"labels": {"tier": "web"}}}}

    assert not selecting(cart=make(Deployment, "cart", **own))


def test_an_expression_may_wait_for_a_value() -> None:
    """``In`` names its values; what it asks for is indexed like a pair."""
    among: dict[str, Any] = {"selector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["cart", "till"]}]}}

    assert selecting(make(Deployment, "old", **among, template={})) == ("Deployment shop/old",)


@pytest.mark.parametrize(("host", "named"), [("cart", ("subset v2 of DestinationRule shop/rule",)), ("till", ()), ("cart.example.com", ())])
def test_a_subset_takes_pods_behind_its_host_alone(host: str, named: tuple[str, ...]) -> None:
    """Another Service's subsets are none of the pods'."""
    behind = service("cart", selector={"tier": "web"})

    assert selecting(behind, rule(host, "v2"), added={"version": "v2"}) == named


def test_a_view_without_the_kinds_is_refused() -> None:
    """Whether or not the answer was made before."""
    mesh = Mesh([CART])
    newly_selecting(mesh, mesh.workloads[0], APP)

    with pytest.raises(UndeclaredInputError):
        newly_selecting(mesh.restricted_to(kinds.SERVICE), mesh.workloads[0], APP)
