"""Why no webhook takes a pod: the overview, the webhook that decides, and those that are passed over."""

import json
from typing import Any

import msgspec
import pytest

from kubectl_meshfix.chain.steps import Outcome, told
from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.injection.apiserver.calls import Calls, call_webhooks
from kubectl_meshfix.injection.apiserver.webhooks import namespace_labels
from kubectl_meshfix.injection.checks import apiserver as checks
from kubectl_meshfix.injection.views import view_pod
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import PodTemplate
from kubectl_meshfix.resources.meta import Meta, Object
from tests.injection.installations import OWN, R1, TAG_DEFAULT, decoded, namespace, webhooks

INJECT, REVISION, INJECTION = "sidecar.istio.io/inject", "istio.io/rev", "istio-injection"
ENABLED, DISABLED = {INJECTION: "enabled"}, {INJECTION: "disabled"}
NEVER = {"key": "istio.io/deactivated", "operator": "In", "values": ["never-match"]}
ASKED_FOR = {"key": INJECT, "operator": "In", "values": ["true"]}
NOT_REFUSED = {"key": INJECT, "operator": "NotIn", "values": ["false"]}


def calls(
    objects: list[Object], labels: dict[str, str], pod: dict[str, str], annotations: dict[str, str] | None = None
) -> tuple[list[tuple[Outcome, str]], Calls]:
    """What is told of a new pod of namespace shop, and what it comes to."""
    mesh = Mesh([*objects, namespace("shop", labels)], live=True)
    view = view_pod("shop", PodTemplate(metadata=Meta(labels={"app": "cart", **pod}, annotations=annotations or {})))
    found = told(call_webhooks(mesh, namespace_labels(mesh, "shop"), view))
    return [(step.outcome, sentence(step)) for step in found.steps], found.value


def hook(name: str = "own", *, configuration: str = OWN, **rest: Any) -> Object:
    """One webhook of the injector."""
    raw = json.loads(msgspec.json.encode(webhooks(configuration, "default")))
    first = raw["webhooks"][0]
    plain = {**first, "name": f"{name}.sidecar-injector.istio.io", "namespaceSelector": {}, "objectSelector": {}}
    return decoded({**raw, "webhooks": [{**plain, **rest}]})


def expressions(*found: dict[str, Any]) -> dict[str, Any]:
    """A selector."""
    return {"matchExpressions": list(found)}


DEFAULT, ON_R1 = webhooks(OWN, "default"), webhooks(R1, "r1")


@pytest.mark.parametrize(
    ("objects", "labels", "pod", "annotations", "overview"),
    [
        ([], {}, {}, {}, checks.NOT_INSTALLED),
        ([DEFAULT], {}, {}, {}, checks.NOBODY_ASKS),
        ([DEFAULT], DISABLED, {}, {}, checks.NAMESPACE_REFUSES),
        ([DEFAULT], DISABLED, {INJECT: "true"}, {}, checks.NAMESPACE_REFUSES),
        ([hook(objectSelector=expressions(ASKED_FOR))], DISABLED, {}, {}, checks.NOBODY_ASKS),
        ([hook(objectSelector=expressions(ASKED_FOR))], DISABLED, {REVISION: "r1"}, {}, checks.POD_UNSERVED),
        ([DEFAULT], ENABLED, {INJECT: "false"}, {}, checks.POD_REFUSES),
        ([DEFAULT], {REVISION: "gone"}, {INJECT: "false"}, {}, checks.NAMESPACE_UNSERVED),
        ([hook(rules=[])], {}, {INJECT: "false"}, {}, checks.OTHER_VALUE),
        (
            [hook("a", rules=[]), hook("b", configuration=R1, objectSelector=expressions(NOT_REFUSED))],
            {},
            {INJECT: "false"},
            {},
            checks.POD_REFUSES,
        ),
        ([ON_R1], ENABLED, {}, {}, checks.NO_DEFAULT),
        ([DEFAULT], {REVISION: "gone"}, {}, {}, checks.NAMESPACE_UNSERVED),
        ([DEFAULT], {}, {REVISION: "gone"}, {}, checks.POD_UNSERVED),
        ([ON_R1], {}, {INJECT: "true"}, {}, checks.DEFAULT_UNSERVED),
        ([DEFAULT], {}, {}, {INJECT: "true"}, checks.ANNOTATION_ONLY),
        ([DEFAULT], {}, {}, {INJECT: "True"}, checks.ANNOTATION_ONLY),
        ([DEFAULT], {}, {}, {INJECT: "false"}, checks.NOBODY_ASKS),
        ([DEFAULT], {}, {INJECT: "yes"}, {}, checks.OTHER_VALUE),
        ([DEFAULT], {}, {INJECT: "yes"}, {INJECT: "true"}, checks.OTHER_VALUE),
        ([hook(namespaceSelector=expressions({"key": "team", "operator": "Exists"}))], ENABLED, {}, {}, checks.CHANGED),
        ([hook(rules=[])], ENABLED, {}, {}, checks.CHANGED),
    ],
)
def test_the_overview_names_the_cause(
    objects: list[Object], labels: dict[str, str], pod: dict[str, str], annotations: dict[str, str], overview: Outcome
) -> None:
    """The first thing on the way that keeps every webhook away; a webhook that somebody changed comes before all of them."""
    steps, found = calls(objects, labels, pod, annotations)

    assert found.called == ()
    assert found.overview.outcome is overview
    assert overview in [outcome for outcome, _ in steps]


def resting(*names: str, configuration: str = OWN) -> Object:
    """Webhooks that `istioctl tag set` has deactivated."""
    raw = json.loads(msgspec.json.encode(webhooks(configuration, "default")))
    first = {**raw["webhooks"][0], "namespaceSelector": expressions(NEVER), "objectSelector": expressions(NEVER)}
    return decoded({**raw, "webhooks": [{**first, "name": f"{name}.sidecar-injector.istio.io"} for name in names]})


ONE = "Webhook a of istio-sidecar-injector selects namespaces by istio.io/deactivated=never-match; the namespace has no label "
ONE += "istio.io/deactivated."
OFF = "istio-sidecar-injector is deactivated, as `istioctl tag set` does."
REPLACED = "istio-sidecar-injector is deactivated; istio-revision-tag-default replaces it."


@pytest.mark.parametrize(
    ("objects", "labels", "told_of"),
    [
        ([resting("a")], {}, [ONE]),
        ([resting("a", "b")], {}, [ONE, OFF]),
        ([resting("a", "b", "c")], {}, [ONE, OFF]),
        ([resting("a"), webhooks(TAG_DEFAULT, "default", tag="default")], ENABLED, [REPLACED]),
    ],
)
def test_webhooks_that_rest_are_told_once(objects: list[Object], labels: dict[str, str], told_of: list[str]) -> None:
    """The one that decides is told by itself, and the others once a configuration, with what replaces them."""
    steps, found = calls(objects, labels, {})

    assert [text for _, text in steps if "deactivated" in text] == told_of
    assert (found.decider.args.get("wanted") == "istio.io/deactivated=never-match") is (not labels)


@pytest.mark.parametrize(
    ("objects", "labels", "pod", "decider"),
    [
        ([DEFAULT], {}, {}, ("object", checks.POD_DIFFERS)),
        ([DEFAULT], DISABLED, {}, ("namespace", checks.NAMESPACE_DIFFERS)),
        ([DEFAULT], ENABLED, {INJECT: "false"}, ("namespace", checks.POD_DIFFERS)),
        ([DEFAULT], {REVISION: "gone"}, {}, ("rev.namespace", checks.NAMESPACE_DIFFERS)),
        ([DEFAULT], {}, {INJECT: "yes"}, ("object", checks.POD_DIFFERS)),
        ([hook("a", rules=[]), hook("b", configuration=R1, namespaceSelector=expressions(NEVER))], {}, {}, ("a", checks.NOT_COVERED)),
        ([hook("a", rules=[]), hook("b", configuration=R1, rules=[])], {}, {}, ("a", checks.NOT_COVERED)),
    ],
)
def test_the_webhook_that_came_closest_decides(
    objects: list[Object], labels: dict[str, str], pod: dict[str, str], decider: tuple[str, Outcome]
) -> None:
    """Of several the one that asks for the label that the overview names; of several such one that finds another value."""
    _, found = calls(objects, labels, pod)

    assert (str(found.decider.args["webhook"]).partition(" of ")[0], found.decider.outcome) == decider
