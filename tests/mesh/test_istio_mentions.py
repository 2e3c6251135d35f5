"""Whether a mesh is meant at all: one word of Istio in anything that was read."""

from typing import Any

import pytest

from kubectl_meshfix.mesh.istio_mentions import speaks_of_istio
from kubectl_meshfix.mesh.problems import Problem
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.meta import Ref
from tests.injection.installations import decoded

ADMISSION = "admissionregistration.k8s.io/v1"


def made(api: str, kind: str, *, namespace: str = "shop", name: str = "cart", labels: Any = None, notes: Any = None, **fields: Any) -> Any:
    """An object of any kind."""
    metadata = {"name": name, "namespace": namespace, "labels": labels or {}, "annotations": notes or {}}
    return decoded({"apiVersion": api, "kind": kind, "metadata": metadata, **fields})


def pods(labels: dict[str, str], notes: dict[str, str]) -> dict[str, Any]:
    """The spec of a workload whose pods get labels and annotations."""
    return {"template": {"metadata": {"labels": labels, "annotations": notes}, "spec": {"containers": [{"name": "main"}]}}}


def containers(*names: str, init: tuple[str, ...] = ()) -> dict[str, Any]:
    """The spec of a pod."""
    return {"containers": [{"name": name} for name in names], "initContainers": [{"name": name} for name in init]}


@pytest.mark.parametrize(
    ("obj", "speaks"),
    [
        (made("v1", "Service"), False),
        (made("v1", "Service", namespace="istio-system"), True),
        (made("v1", "Service", labels={"app": "istio"}), False),
        (made("v1", "Service", labels={"istio": "gateway"}), True),
        (made("v1", "Service", notes={"Istio.io/x": ""}), True),
        (made("v1", "Service", spec={"selector": {"app": "istio"}}), False),
        (made("v1", "Service", spec={"selector": {"ISTIO": "gateway"}}), True),
        (made("v1", "Namespace", namespace="", name="shop"), False),
        (made("v1", "Namespace", namespace="", name="istio-system"), True),
        (made("v1", "ConfigMap", name="istio-system"), False),
        (made("apps/v1", "Deployment", spec=pods({"app": "istio"}, {"a": "istio"})), False),
        (made("apps/v1", "Deployment", spec=pods({"sidecar.istio.io/inject": "true"}, {})), True),
        (made("apps/v1", "Deployment", spec=pods({}, {"sidecar.istio.io/inject": "true"})), True),
        (made("v1", "Pod", spec=containers("main", "istio-proxy")), True),
        (made("v1", "Pod", spec=containers("main", init=("istio-proxy",))), True),
        (made("v1", "Pod", spec=containers("main", "istio-proxy-2", init=("istio-init",))), False),
        (made("v1", "Pod", labels={"istio.io/rev": "x"}), True),
        (made("networking.istio.io/v1", "VirtualService"), True),
        (made("gateway.networking.k8s.io/v1", "HTTPRoute"), True),
        (made("networking.k8s.io/v1", "Ingress"), False),
    ],
)
def test_objects_speak_of_istio_by_their_keys_or_their_kind(obj: Any, speaks: bool) -> None:
    """Keys in any case, of the object's own and of its pods; values may be anybody's."""
    assert speaks_of_istio(Mesh([made("v1", "Secret"), obj])) is speaks


@pytest.mark.parametrize(
    ("kind", "names", "speaks"),
    [
        ("MutatingWebhookConfiguration", [], False),
        ("MutatingWebhookConfiguration", ["other.example.com"], False),
        ("MutatingWebhookConfiguration", ["validation.istio.io"], False),
        ("MutatingWebhookConfiguration", ["other.example.com", "namespace.sidecar-injector.istio.io"], True),
        ("ValidatingWebhookConfiguration", [], False),
        ("ValidatingWebhookConfiguration", ["sidecar-injector.istio.io"], False),
        ("ValidatingWebhookConfiguration", ["rev.validation.istio.io", "other.example.com"], True),
    ],
)
def test_one_of_istiods_webhooks_speaks_for_the_others(kind: str, names: list[str], speaks: bool) -> None:
    """The injector among those that change objects, the check of Istio's among those that do not."""
    webhooks = [{"name": name, "clientConfig": {"url": "https://example.com"}} for name in names]

    assert speaks_of_istio(Mesh([made(ADMISSION, kind, namespace="", webhooks=webhooks)])) is speaks


@pytest.mark.parametrize(
    ("api", "kind", "speaks"),
    [
        ("istio.io/v1", "Thing", True),
        ("security.istio.io/v1", "Thing", True),
        ("notistio.io/v1", "Thing", False),
        ("sailoperator.io/v1", "Istio", True),
        ("gateway.networking.k8s.io/v1", "Thing", True),
        ("networking.k8s.io/v1", "Thing", False),
        ("example.com/v1", "IstioOperator", True),
        ("v1", "IstioOperator", True),
        ("v1", "Thing", False),
    ],
)
def test_what_could_not_be_read_counts_too(api: str, kind: str, speaks: bool) -> None:
    """A document of Istio's with a mistake in it, or of a kind that nobody here knows."""
    problem = Problem(resource=Ref(api, kind, "shop", "cart"), path="", reason="no")

    assert speaks_of_istio(Mesh([], problems=[problem])) is speaks
