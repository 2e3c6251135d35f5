"""An AuthorizationPolicy is for pods where it looks."""

from typing import Any

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.traffic.policy.selectors import applies_to_nothing, namespace_of, selector
from tests.traffic.objects import deployment, make, mesh_config


def policy(namespace: str = "shop", app: str = "cart", **spec: Any) -> AuthorizationPolicy:
    """A policy that selects by ``app``."""
    obj: AuthorizationPolicy = make(AuthorizationPolicy, "policy", namespace, **{"selector": {"matchLabels": {"app": app}}, **spec})
    return obj


def test_a_policy_with_targets_does_not_select() -> None:
    """Nor does one without a selector, or with an empty one."""
    target = {"kind": "Gateway", "name": "public"}

    assert selector(policy()) == {"app": "cart"}
    for other in (policy(targetRef=target), policy(targetRefs=[target]), policy(selector=None), policy(selector={})):
        assert not selector(other)
        assert not applies_to_nothing(Mesh([], live=True), other)


def test_a_policy_of_the_root_namespace_looks_everywhere() -> None:
    """The mesh configuration says which namespace that is."""
    mesh = Mesh([deployment("cart", app="cart")], live=True)
    elsewhere = Mesh([deployment("cart", app="cart"), mesh_config("rootNamespace: roots")], live=True)

    assert namespace_of(mesh, policy()) == "shop"
    assert namespace_of(mesh, policy("istio-system")) is None
    assert not applies_to_nothing(mesh, policy("istio-system"))
    assert applies_to_nothing(elsewhere, policy("istio-system"))
    assert applies_to_nothing(mesh, policy("web"))
    assert applies_to_nothing(mesh, policy("istio-system", "gone"))
