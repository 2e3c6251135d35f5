"""What is explained: the template of an object, or a living pod as it was before injection."""

import json
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.injection.conclusion import read_request
from kubectl_meshfix.injection.subjects import Subject, subject
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import decoded
from tests.injection.scenes import HEALTHY, cluster, deployment, explained, pod, replica_set, space, template

PROXY = {"name": "istio-proxy", "image": "proxyv2:1"}
BY_HAND = template(containers=[{"name": "cart", "image": "cart:1"}, PROXY])


def names(found: Subject) -> list[str]:
    """The containers that are looked at."""
    return [container.name for container in found.template.spec.containers]


def made_of(pod_template: dict[str, Any]) -> tuple[Object, Object]:
    """A Deployment and its ReplicaSet of a template."""
    raw = json.loads(msgspec.json.encode(replica_set()))
    return deployment(pod_template), decoded({**raw, "spec": {**raw["spec"], "template": pod_template}})


@pytest.mark.parametrize(
    ("mesh", "from_manifest", "looked_at", "observed"),
    [
        (cluster(deployment(), replica_set(), pod(injected=True)), False, ["cart"], True),
        (cluster(deployment(), replica_set(), pod(injected=True)), True, ["cart", "istio-proxy"], False),
        (cluster(pod(injected=True)), False, ["cart"], True),
        (cluster(pod(injected=True, owner=None)), False, ["cart"], True),
        (cluster(*made_of(BY_HAND), pod(BY_HAND)), False, ["cart", "istio-proxy"], True),
        (Mesh([pod(injected=True, owner=None)]), True, ["cart", "istio-proxy"], False),
    ],
)
def test_a_living_pod_is_looked_at_as_it_was_made(mesh: Mesh, from_manifest: bool, looked_at: list[str], observed: bool) -> None:
    """Without its proxy, unless its maker's template has one; a manifest is what it says."""
    (found,) = (subject(mesh, obj, from_manifest=from_manifest) for obj in mesh.objects if obj.kind == "Pod")

    assert names(found) == looked_at
    assert found.is_observed is observed


def test_a_template_is_what_it_says_on_a_cluster_too() -> None:
    """Only pods were changed by somebody; a namespace has nothing that was observed, and what has no template is refused."""
    workload = deployment(BY_HAND)
    rollout = decoded({"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": {"name": "cart", "namespace": "shop"}})

    assert names(subject(cluster(workload), workload)) == ["cart", "istio-proxy"]
    assert not subject(cluster(space()), space()).is_observed
    assert subject(cluster(space()), space()).namespace == "shop"
    with pytest.raises(UsageError, match="no pod template of its own"):
        subject(cluster(rollout), rollout)


def test_a_pod_that_was_read_is_there_though_pods_may_not_be_listed() -> None:
    """Who may get a pod and not list them learns what became of that one; of a Deployment's pods nothing is known."""
    forbidden = {kinds.POD: Coverage(reason="forbidden")}
    alone = cluster(HEALTHY, space({"istio-injection": "enabled"}), deployment(), pod(owner=None), coverage=forbidden)

    def said(kind: str, name: str) -> list[str]:
        found = explained(alone, kind, name)
        return [step.status.name for stage in found.stages for step in stage.steps if (stage.stage, step.check) == ("kubelet", "pods")]

    assert said("Pod", "cart-1-x") == ["PASS"]
    assert said("Deployment", "cart") == ["UNKNOWN"]


@pytest.mark.parametrize(
    ("labels", "of_namespace", "asks"),
    [
        ({"istio.io/rev": "canary"}, {}, True),
        ({"istio.io/rev": "canary"}, {"istio-injection": "disabled"}, True),
        ({"istio.io/rev": "canary", "sidecar.istio.io/inject": "false"}, {"istio-injection": "enabled"}, False),
        ({}, {"istio-injection": "disabled"}, False),
        ({}, {"istio-injection": "enabled"}, True),
        ({}, {}, None),
    ],
)
def test_what_labels_ask_for(labels: dict[str, str], of_namespace: dict[str, str], asks: bool | None) -> None:
    """A pod's own label before its namespace's, a revision as well; nothing where nobody says anything."""
    cart = deployment(template(labels))
    mesh = cluster(HEALTHY, space(of_namespace), cart)

    assert read_request(mesh, subject(mesh, cart)) is asks
