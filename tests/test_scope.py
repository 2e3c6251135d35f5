"""Which findings are shown for what somebody named."""

from typing import Any

import pytest

from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Object, Ref
from kubectl_meshfix.rules.rule import Finding
from kubectl_meshfix.scope import FindingFilter, in_scope, parse_targets
from tests.injection.installations import decoded, webhooks
from tests.injection.scenes import HEALTHY, cluster, deployment, pod, replica_set, space, template

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


ENABLED, INJECT = {"istio-injection": "enabled"}, "sidecar.istio.io/inject"


@pytest.mark.parametrize(
    ("labels", "made", "is_kept"),
    [
        (ENABLED, template(), True),
        ({}, template(), False),
        ({}, template({INJECT: "true"}), True),
        (ENABLED, template({INJECT: "false"}), False),
        ({}, template({"istio.io/rev": "gone"}), True),
        ({"istio.io/rev": "gone"}, template(), True),
        (ENABLED, template(annotations={"inject.istio.io/templates": "gone"}), True),
        (ENABLED, template(hostNetwork=True), False),
        (ENABLED, template({INJECT: "true"}, hostNetwork=True), True),
        ({"istio-injection": "disabled"}, template(), False),
    ],
)
def test_what_a_mishap_keeps_out_of_the_mesh_is_shown(labels: dict[str, str], made: dict[str, Any], *, is_kept: bool) -> None:
    """A workload that labels mean for the mesh, whatever its pods get; not one that somebody keeps out, or that nobody speaks of."""
    mesh = cluster(space(labels), deployment(made), HEALTHY[1:], WEBHOOKS)
    cart = Finding(resource=Ref("apps/v1", "Deployment", "shop", "cart"), path="", message="A fact.")

    assert in_scope(Meshes([mesh]), FindingFilter(mesh_only=True))(cart) is is_kept
