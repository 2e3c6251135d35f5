"""Which findings are shown for what somebody named."""

import pytest

from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.rules.rule import Finding
from kubectl_meshfix.scope import FindingFilter, in_scope, parse_targets
from tests.injection.installations import decoded, webhooks
from tests.injection.scenes import cluster, deployment, pod, replica_set, space

SERVICE, OTHER = (
    decoded({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "shop"}, "spec": {"selector": {"app": name}}})
    for name in ("cart", "till")
)
WEBHOOKS = webhooks("istio-sidecar-injector", "default")
OBJECTS: tuple[Object, ...] = (space({"istio-injection": "enabled"}), deployment(), replica_set(), pod(), SERVICE, OTHER, WEBHOOKS)


def shown(mesh: Mesh, *words: str) -> set[str]:
    """The objects whose findings are kept, by kind and name."""
    keeps = in_scope(Meshes([mesh]), FindingFilter(targets=parse_targets(words), namespace="shop"))
    return {f"{obj.kind}/{obj.name}" for obj in mesh.objects if keeps(Finding(resource=obj.ref, path="", message="A fact."))}


@pytest.mark.parametrize(
    ("word", "also"),
    [
        ("pod/cart-1-x", ["Deployment/cart", "Pod/cart-1-x"]),
        ("deploy/cart", ["Deployment/cart", "Pod/cart-1-x"]),
        ("rs/cart-1", ["Deployment/cart", "Pod/cart-1-x", "ReplicaSet/cart-1"]),
    ],
)
def test_what_decides_on_a_workload_is_shown_with_it(word: str, also: list[str]) -> None:
    """Its owner and its pods, the Services that select it, its namespace, and the webhooks that take its pods."""
    assert shown(cluster(*OBJECTS), word) == {
        *also,
        "Service/cart",
        "Namespace/shop",
        "MutatingWebhookConfiguration/istio-sidecar-injector",
    }


def test_a_service_is_shown_alone() -> None:
    """What selects pods is not the pods."""
    assert shown(cluster(*OBJECTS), "svc/cart") == {"Service/cart"}
