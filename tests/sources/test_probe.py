"""The pod that the API server makes on trial, and what its answer means."""

import json
from typing import Any

import pytest

from kubectl_meshfix.errors import ApiError, ForbiddenError, MeshfixError, SourceError
from kubectl_meshfix.injection.creation import CreationResult
from kubectl_meshfix.injection.explanation import Probe
from kubectl_meshfix.resources.api import Response
from kubectl_meshfix.sources.probe import new_pod, probe

Json = dict[str, Any]

CONTAINERS = [{"name": "cart", "image": "cart:1"}]
TEMPLATE: Json = {"metadata": {"labels": {"app": "cart"}}, "spec": {"containers": CONTAINERS}}
DEPLOYMENT: Json = {"metadata": {"name": "cart"}, "spec": {"template": TEMPLATE}}


class Server:
    """An API server with one answer, which keeps what it was sent."""

    def __init__(self, answer: Json | MeshfixError | None) -> None:
        self.answer = answer
        self.sent: Json = {}

    def get(self, path: str, query: object = ()) -> Response:
        raise AssertionError("nothing is read")

    def request(self, method: str, path: str, query: object = (), *, body: bytes | None = None, **_: Any) -> Response:
        assert (method, path, query) == ("POST", "/api/v1/namespaces/shop/pods", [("dryRun", "All")])
        self.sent = json.loads(body or b"")
        if isinstance(self.answer, MeshfixError):
            raise self.answer
        return Response(404 if self.answer is None else 201, {}, json.dumps(self.answer or {}).encode())


def probed(answer: Json | MeshfixError | None, expected: CreationResult = CreationResult.INJECTED) -> Probe:
    """The outcome of a probe of the Deployment's pods."""
    return probe(Server(answer), DEPLOYMENT, "/spec/template", "shop", expected)


def made(*containers: Json, annotations: Json | None = None, labels: Json | None = None) -> Json:
    """The pod as the server would make it."""
    metadata = {"name": "cart-x", "namespace": "shop", "labels": {"app": "cart", **(labels or {})}, "annotations": annotations or {}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [*CONTAINERS, *containers]}}


def test_an_init_container_that_others_added_is_told() -> None:
    """Those of a native sidecar are Istio's."""
    answer = made()
    answer["spec"]["initContainers"] = [PROXY, {"name": "wait", "image": "wait:1"}]

    assert (probed(answer).containers, probed(answer).changes) == (
        ("istio-proxy", "wait", "cart"),
        ("another webhook added the container wait",),
    )
    assert probed({**answer, "spec": {"initContainers": [PROXY]}}).containers == ("istio-proxy",)
    assert probed({**answer, "spec": {}}).containers == ()


PROXY = {"name": "istio-proxy", "image": "proxyv2:1"}
STATUS = {"sidecar.istio.io/status": "{}"}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "There is no namespace shop in the cluster"),
        (
            ForbiddenError('pods is forbidden: User "me" cannot create resource "pods" in API group ""', ""),
            "You may not create pods in shop",
        ),
        (SourceError("no answer"), "no answer"),
        ({"kind": "Status"}, "is something else"),
    ],
)
def test_a_pod_that_nobody_judged_was_not_probed(answer: Json | MeshfixError | None, words: str) -> None:
    """A namespace that is not there, a right that lacks, no answer, or one that is no pod: it did not run, and nothing agrees."""
    found = probed(answer)

    assert (found.ran, found.injected, found.agrees) == (False, None, None)
    assert found.error
    assert words in found.error


@pytest.mark.parametrize("expected", list(CreationResult))
def test_a_refusal_is_an_outcome(expected: CreationResult) -> None:
    """It agrees with an explanation that expects one, and with none where that knows nothing."""
    found = probed(ApiError("the pod is too large", status=422), expected)

    assert (found.ran, found.injected) == (True, None)
    assert found.agrees is {CreationResult.REFUSED: True, CreationResult.UNKNOWN: None}.get(expected, False)
    assert found.error


@pytest.mark.parametrize(
    ("answer", "injected"),
    [(made(), False), (made(PROXY), True), (made(annotations=STATUS), True), (made(PROXY, annotations=STATUS), True)],
)
def test_an_annotation_or_a_proxy_shows_injection(answer: Json, injected: bool) -> None:
    """And what was expected agrees with it, or not."""
    found = probed(answer)

    assert (found.ran, found.injected, found.agrees, found.error) == (True, injected, injected, None)
    assert probed(answer, CreationResult.BARE).agrees is not injected
    assert found.containers[0] == "cart"


def test_what_others_changed_is_told() -> None:
    """Containers, images and labels that are neither Istio's nor the template's own."""
    agent = {"name": "agent", "image": "agent:1"}
    answer = made(PROXY, agent, annotations={"istio.io/rev": "default", "team": "a"}, labels={"injected-by": "b"})
    answer["spec"]["containers"] = [{"name": "cart", "image": "mirror/cart:1"}, PROXY, agent]

    assert list(probed(answer).changes) == [
        "another webhook changed the image of cart to mirror/cart:1",
        "another webhook added the container agent",
        "another webhook, or the API server, added the label injected-by=b",
        "another webhook, or the API server, added the annotation team=a",
    ]


def test_an_image_that_is_still_to_be_chosen_is_no_change() -> None:
    """Istio fills in ``auto``."""
    automatic = {"metadata": {"name": "edge"}, "spec": {"template": {"spec": {"containers": [{"name": "istio-proxy", "image": "auto"}]}}}}
    answer = {**made(), "metadata": {"name": "edge-x", "namespace": "shop"}, "spec": {"containers": [PROXY]}}

    assert probe(Server(answer), automatic, "/spec/template", "shop", CreationResult.INJECTED).changes == ()
    assert probe(Server(answer), automatic, "/spec/template", "shop", CreationResult.INJECTED).injected is False


def test_a_pod_is_made_like_its_template() -> None:
    """With its labels, annotations and containers, a generated name and the namespace; what a living one is bound to is left out."""
    server = Server(made())
    probe(server, DEPLOYMENT, "/spec/template", "shop", CreationResult.BARE)

    assert server.sent["metadata"] == {"labels": {"app": "cart"}, "annotations": {}, "generateName": "cart-", "namespace": "shop"}
    assert server.sent["spec"] == {"containers": CONTAINERS}
    assert new_pod({}, "/spec/template", "shop")["metadata"]["generateName"] == "meshfix-"


def test_a_living_pod_is_taken_back_to_before_its_injection() -> None:
    """Its sidecar, what the API server mounted, and the node are gone; its owner stays, because rules may ask for it."""
    token = {"name": "kube-api-access-x"}
    own = {"name": "cart", "image": "cart:1", "volumeMounts": [token, {"name": "data"}]}
    owners = [{"kind": "ReplicaSet", "name": "cart-1"}]
    living = {
        "metadata": {
            "name": "cart-1-x",
            "generateName": "cart-1-",
            "ownerReferences": owners,
            "annotations": {"sidecar.istio.io/status": json.dumps({"initContainers": ["istio-init"], "volumes": ["istio-data"]})},
        },
        "spec": {
            "nodeName": "n",
            "containers": [own, PROXY],
            "initContainers": [{"name": "istio-init"}, {"name": "migrate", "volumeMounts": [{"name": "data"}, token]}],
            "volumes": [token, {"name": "istio-data"}, {"name": "data"}],
        },
    }
    found = new_pod(living, "", "shop")

    assert found["metadata"] == {
        "labels": {},
        "annotations": {},
        "generateName": "cart-1-",
        "namespace": "shop",
        "ownerReferences": owners,
    }
    assert found["spec"] == {
        "containers": [{"name": "cart", "image": "cart:1", "volumeMounts": [{"name": "data"}]}],
        "initContainers": [{"name": "migrate", "volumeMounts": [{"name": "data"}]}],
        "volumes": [{"name": "data"}],
    }
    assert new_pod({**living, "metadata": {"annotations": {"sidecar.istio.io/status": "{"}}}, "", "shop")["metadata"]["annotations"] == {}


@pytest.mark.parametrize("name", ["istio-proxy", "istio-init", "istio-validation", "enable-core-dump"])
def test_istios_own_containers_are_no_change(name: str) -> None:
    """Nor are the marks that Istio and its CNI leave."""
    marks = {
        "sidecar.istio.io/status": "{}",
        "prometheus.io/scrape": "true",
        "kubectl.kubernetes.io/default-container": "cart",
        "k8s.v1.cni.cncf.io/networks": "istio-cni",
    }

    assert probed(made({"name": name}, annotations=marks, labels={"service.istio.io/canonical-name": "cart"})).changes == ()
