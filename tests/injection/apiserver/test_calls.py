"""What is told of the injector's webhooks that take a pod, and of other people's around them."""

from typing import Any

import pytest

from kubectl_meshfix.chain.steps import Step, told
from kubectl_meshfix.injection.apiserver.calls import call_webhooks, see_others
from kubectl_meshfix.injection.apiserver.webhooks import namespace_labels
from kubectl_meshfix.injection.checks import apiserver as checks
from kubectl_meshfix.injection.views import view_pod
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import PodTemplate
from kubectl_meshfix.resources.meta import Meta, Object
from tests.injection.installations import OWN, R1, TAG_DEFAULT, decoded, namespace, webhooks

ENABLED = namespace("shop", {"istio-injection": "enabled"})


def steps(*objects: Object) -> tuple[Step, ...]:
    """What is told of a new pod of namespace shop in a cluster."""
    mesh = Mesh(objects, live=True)
    view = view_pod("shop", PodTemplate(metadata=Meta(labels={"app": "cart"})))
    return told(call_webhooks(mesh, namespace_labels(mesh, "shop"), view)).steps


def hook(configuration: str, name: str = "a.example.com", **rest: Any) -> Object:
    """Somebody else's webhook for pods."""
    rules = [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}]
    api = "admissionregistration.k8s.io/v1"
    webhook = {"name": name, "rules": rules, "clientConfig": {"url": "https://a"}, **rest}
    return decoded({"apiVersion": api, "kind": "MutatingWebhookConfiguration", "metadata": {"name": configuration}, "webhooks": [webhook]})


@pytest.mark.parametrize(
    ("others", "count"),
    [
        ((), None),
        ((webhooks(R1, "r1"),), None),
        ((webhooks(TAG_DEFAULT, "default", tag="default"),), 2),
        ((webhooks(TAG_DEFAULT, "default", tag="default"), webhooks("z", "default")), 3),
    ],
    ids=["one", "of another revision", "two", "three"],
)
def test_a_pod_that_several_webhooks_take_is_injected_again(others: tuple[Object, ...], count: int | None) -> None:
    """Two are enough, and those that do not take the pod do not count; the last by name is named, as the API server calls it last."""
    found = [step for step in steps(ENABLED, webhooks(OWN, "default"), *others) if step.outcome is checks.INJECTED_AGAIN]

    assert [step.args["count"] for step in found] == ([] if count is None else [count])
    assert all(len(step.evidence) == count and step.args["last"] == ("z" if count == 3 else OWN) for step in found)


@pytest.mark.parametrize(
    ("configuration", "rest", "place"),
    [
        ("a", {}, "before"),
        ("z", {}, "after"),
        ("a", {"objectSelector": {"matchLabels": {"app": "x"}}}, ""),
        ("a", {"rules": []}, ""),
    ],
)
def test_others_see_a_pod_before_or_after_the_injector(configuration: str, rest: dict[str, Any], place: str) -> None:
    """The API server calls them by the names of their configurations; what does not select the pod sees nothing."""
    mesh = Mesh([ENABLED, webhooks(OWN, "default"), hook(configuration, **rest)], live=True)
    labels = namespace_labels(mesh, "shop")
    found = told(see_others(mesh, labels, {"app": "cart"}, ()))

    assert found.value is bool(place)
    assert [step.evidence for step in found.steps] == ([(f"{configuration}/a.example.com: {place} the injector",)] if place else [])
