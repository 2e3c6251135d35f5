"""MF312 to MF314: which object an annotation or a label is on decides on what is said of it."""

from collections.abc import Mapping
from typing import Any

import pytest

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Object
from kubectl_meshfix.rules.injection import deprecated_annotation, misplaced_annotation, unknown_annotation
from kubectl_meshfix.rules.rule import Rule
from tests.injection.installations import INSTALLATIONS, decoded, istiod, namespace
from tests.injection.scenes import answered
from tests.rules.asking import asked, fix

MISPLACED, UNKNOWN, DEPRECATED = misplaced_annotation.RULE, unknown_annotation.RULE, deprecated_annotation.RULE
ENABLED = {"istio-injection": "enabled"}
INJECT, CPU, LOG = "sidecar.istio.io/inject", "sidecar.istio.io/proxyCPU", "sidecar.istio.io/logLevel"
CLASS, EXPORT = "kubernetes.io/ingress.class", "networking.istio.io/exportTo"
VERSIONS = {
    "Service": "v1",
    "Pod": "v1",
    "Deployment": "apps/v1",
    "Gateway": "gateway.networking.k8s.io/v1",
    "VirtualService": "networking.istio.io/v1",
}

Found = list[tuple[str, str]]


def on(kind: str, annotations: Mapping[str, str], where: str = "shop", labels: Mapping[str, str] | None = None) -> Object:
    """An object of a kind with annotations of its own."""
    metadata = {"name": "cart", "namespace": where, "annotations": dict(annotations), "labels": dict(labels or {})}
    spec: Any = {"containers": [{"name": "cart", "image": "cart:1"}]} if kind == "Pod" else {}
    if kind == "Deployment":
        spec = {"template": {"metadata": {"labels": {"app": "cart"}}, "spec": {"containers": [{"name": "cart", "image": "cart:1"}]}}}
    return decoded({"apiVersion": VERSIONS[kind], "kind": kind, "metadata": metadata, "spec": spec})


def pods(annotations: Mapping[str, str], where: str = "shop", labels: Mapping[str, str] | None = None) -> Object:
    """A Deployment whose pods have annotations and labels."""
    template = {
        "metadata": {"annotations": dict(annotations), "labels": {"app": "cart", **(labels or {})}},
        "spec": {"containers": [{"name": "cart", "image": "cart:1"}]},
    }
    metadata = {"name": "cart", "namespace": where}
    return decoded({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"template": template}})


def said(rule: Rule, *objects: Object, live: bool = False) -> Found:
    """What a rule says of objects beside a default installation, and how to correct it."""
    given = (*INSTALLATIONS["default"], *objects)
    return [(found.message, fix(found).summary) for found in asked(rule, Mesh(answered(given) if live else given, live=live))]


REMOVE = "Remove it, or set it on the object that it is meant for."


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        (on("Service", {CLASS: "istio"}), [(f"The annotation {CLASS} is on the Service. Istio reads it only on Ingress objects.", REMOVE)]),
        (on("Pod", {EXPORT: "."}), [(f"The annotation {EXPORT} is on the Pod. Istio reads it only on Service objects.", REMOVE)]),
        (pods({EXPORT: "."}), [(f"The annotation {EXPORT} is on the pod template. Istio reads it only on Service objects.", REMOVE)]),
        (
            on("Deployment", {EXPORT: "."}),
            [(f"The annotation {EXPORT} is on the Deployment. Istio reads it only on Service objects.", REMOVE)],
        ),
        (
            on("Deployment", {LOG: "debug"}),
            [
                (
                    f"The annotation {LOG} is on the Deployment, not on its pod template, and is ignored.",
                    "Move it to spec.template.metadata.annotations.",
                )
            ],
        ),
        (
            on("Deployment", {CPU: "many"}),
            [
                (
                    f"The annotation {CPU} is on the Deployment, not on its pod template, and is ignored.",
                    "Remove it, or correct its value and move it to the pod template.",
                )
            ],
        ),
        (
            on("Deployment", {"sidecar.istio.io/extraStatTags": "a"}),
            [
                (
                    "The annotation sidecar.istio.io/extraStatTags is on the Deployment, not on its pod template, and is ignored.",
                    "Remove it: it is deprecated too.",
                )
            ],
        ),
        (on("Service", {LOG: "debug"}), [(f"The annotation {LOG} is on the Service. Istio reads it only on Pod objects.", REMOVE)]),
        (on("Service", {LOG: "{{ .Values.level }}"}), []),
        (on("Gateway", {LOG: "debug"}), []),
        (on("Deployment", {LOG: "debug"}, where="kube-system"), []),
        (
            on("Service", {"topology.istio.io/network": "west"}),
            [
                (
                    "topology.istio.io/network is an annotation here. Istio reads it as a label only.",
                    "Make it a label of the Service, or remove it.",
                )
            ],
        ),
        (on("Service", {"topology.istio.io/network": "west"}, labels={"topology.istio.io/network": "west"}), []),
        (on("VirtualService", {"topology.istio.io/network": "west"}), []),
    ],
)
def test_what_is_said_of_an_annotation_by_its_object(obj: Object, expected: Found) -> None:
    """Each is read on some kinds only; pods' annotations around a template move into it; what no kind of object reads is left alone."""
    assert said(MISPLACED, obj) == expected


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        (on("Deployment", {"sidecar.istio.io/logLevl": "debug"}), f"Remove it, and write {LOG} on the pod template."),
        (pods({"sidecar.istio.io/logLevl": "debug"}), f"Replace sidecar.istio.io/logLevl with {LOG}."),
        (pods({"sidecar.istio.io/logLevl": "debug", LOG: "info"}), f"Remove it: {LOG} is set too."),
        (pods({"sidecar.istio.io/proxyCpu": "many"}), f"Write {CPU}, with a value that Istio takes."),
        (on("Service", {"networking.istio.io/exportto": "."}), f"Replace networking.istio.io/exportto with {EXPORT}."),
    ],
)
def test_how_a_misspelt_annotation_is_corrected(obj: Object, expected: str) -> None:
    """By its right name, where that is read here, is not taken, and may have this value."""
    ((message, summary),) = said(UNKNOWN, obj)

    assert message.endswith("is meant. It has no effect.")
    assert summary == expected


EVERYWHERE = INSTALLATIONS["default everywhere"]
OPTED_OUT = {INJECT: "false"}
INSTEAD = f"Replace it by the label {INJECT}."


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        ((namespace("shop", ENABLED), pods(OPTED_OUT)), [INSTEAD]),
        ((namespace("shop", ENABLED), pods(OPTED_OUT, labels=OPTED_OUT)), []),
        ((namespace("shop", ENABLED), pods({INJECT: "true"})), [INSTEAD]),
        ((namespace("shop"), pods({INJECT: "true"})), []),
        ((namespace("shop", ENABLED), pods(OPTED_OUT), istiod(image="istio/pilot:1.9.9")), []),
        ((namespace("shop", ENABLED), pods(OPTED_OUT), istiod(image="istio/pilot:1.10.0")), [INSTEAD]),
        ((on("Gateway", OPTED_OUT),), []),
        ((pods(OPTED_OUT, where="istio-system"),), []),
        ((namespace("istio-system"), pods(OPTED_OUT, where="istio-system")), []),
        ((namespace("istio-system", {"team": "mesh"}), pods(OPTED_OUT, where="istio-system")), []),
        ((namespace("istio-system", ENABLED), pods(OPTED_OUT, where="istio-system")), [INSTEAD]),
        ((namespace("istio-system", {"istio.io/rev": "default"}), pods(OPTED_OUT, where="istio-system")), [INSTEAD]),
        ((namespace("istio-system", ENABLED), pods({INJECT: "true"}, where="istio-system")), [INSTEAD]),
        ((*EVERYWHERE, namespace("istio-system"), pods({INJECT: "true"}, where="istio-system")), [INSTEAD]),
    ],
)
def test_the_annotation_for_injection_is_deprecated(objects: tuple[Object, ...], expected: list[str]) -> None:
    """Where it has its effect, on an istiod that reads the label; in istiod's own namespace, which nobody injects, it changes nothing."""
    assert [summary for _, summary in said(DEPRECATED, *objects)] == expected
