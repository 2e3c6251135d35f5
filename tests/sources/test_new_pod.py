"""The pod to create on trial: what it is made of, in files, on a cluster and of a living pod."""

import json
from typing import Any

import pytest

from kubectl_meshfix.errors import SourceError
from kubectl_meshfix.injection.subjects import Subject, subject
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.api import Response
from kubectl_meshfix.resources.core import Namespace, NamespaceMeta
from kubectl_meshfix.resources.meta import Meta, Object
from kubectl_meshfix.resources.workloads import Deployment
from kubectl_meshfix.sources.manifest_meshes import from_texts
from kubectl_meshfix.sources.probe import manifest_of, new_pod

Json = dict[str, Any]

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: pay, namespace: shop}\n"


class Holding:
    """An API server that holds one object."""

    def __init__(self, body: bytes | None) -> None:
        self.body = body
        self.asked: list[str] = []

    def get(self, path: str, query: object = ()) -> Response:
        self.asked.append(path)
        return Response(404 if self.body is None else 200, {}, self.body or b"")

    def request(self, method: str, path: str, query: object = (), **_: Any) -> Response:
        raise AssertionError("nothing is sent")


LISTED = """apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop}}
- {apiVersion: apps/v1, kind: Deployment, metadata: {name: cart, namespace: shop}, spec: {template: {}}, more: kept}
"""
WRITTEN: Json = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "cart", "namespace": "shop"},
    "spec": {"template": {}},
    "more": "kept",
}


CART = Deployment(metadata=Meta(name="cart", namespace="shop"))


def target(found: Object = CART) -> Subject:
    """An object as a target."""
    return subject(Mesh([found]), found)


def test_a_manifest_is_as_it_is_written() -> None:
    """Every field of it, also within a list; what the files do not hold is asked for."""
    _, manifests = from_texts({"a.yaml": SERVICE, "b.yaml": f"{SERVICE}---\n{LISTED}"})
    _, others = from_texts({"a.yaml": SERVICE})
    server = Holding(json.dumps(WRITTEN).encode())

    assert manifest_of(server, target(), manifests) == WRITTEN
    assert server.asked == []
    assert manifest_of(server, target(), others) == WRITTEN
    assert manifest_of(server, target()) == WRITTEN
    assert server.asked == ["/apis/apps/v1/namespaces/shop/deployments/cart"] * 2


def test_a_namespaces_pod_says_nothing() -> None:
    """Nobody is asked for it."""
    server = Holding(None)

    assert manifest_of(server, target(Namespace(metadata=NamespaceMeta(name="shop")))) == {
        "metadata": {"name": "meshfix"},
        "spec": {"containers": [{"name": "app", "image": "app"}]},
    }
    assert server.asked == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (None, "Deployment shop/cart does not exist any more."),
        (
            json.dumps({**WRITTEN, "spec": {"template": 5}}).encode(),
            "The server's answer to the request for a Deployment is something else.",
        ),
        (json.dumps({**WRITTEN, "kind": "Pod"}).encode(), "The server's answer to the request for Deployment cart is something else."),
        (b"<html>", "The server's answer to the request for Deployment cart is something else."),
    ],
)
def test_what_is_no_such_object_ends_it(body: bytes | None, words: str) -> None:
    """It is gone, or something else answered."""
    with pytest.raises(SourceError) as caught:
        manifest_of(Holding(body), target())

    assert caught.value.message == words


OWNERS = [{"kind": "ReplicaSet", "name": "cart-1"}]


@pytest.mark.parametrize(
    ("manifest", "path", "pod"),
    [
        ({}, "", {"metadata": {"generateName": "meshfix-"}, "spec": {}}),
        ({"metadata": None, "spec": None}, "", {"metadata": {"generateName": "meshfix-"}, "spec": {}}),
        ({"metadata": {"name": "a"}}, "", {"metadata": {"generateName": "a-"}, "spec": {}}),
        ({"metadata": {"name": "a", "generateName": "b-"}}, "", {"metadata": {"generateName": "b-"}, "spec": {}}),
        ({"metadata": {"ownerReferences": []}}, "", {"metadata": {"generateName": "meshfix-"}, "spec": {}}),
        (
            {"metadata": {"ownerReferences": OWNERS}},
            "",
            {"metadata": {"generateName": "meshfix-", "ownerReferences": OWNERS}, "spec": {}},
        ),
        (
            {"metadata": {"name": "a"}, "spec": {"template": {"metadata": {"ownerReferences": OWNERS}, "spec": {"nodeName": "n", "x": 1}}}},
            "/spec/template",
            {"metadata": {"generateName": "a-"}, "spec": {"x": 1}},
        ),
        ({"spec": {"containers": None}}, "", {"metadata": {"generateName": "meshfix-"}, "spec": {"containers": []}}),
        (
            {"spec": {"template": {"spec": {"containers": [{"name": "kube-api-access-x"}], "initContainers": None}}}},
            "/spec/template",
            {
                "metadata": {"generateName": "meshfix-"},
                "spec": {"containers": [{"name": "kube-api-access-x"}], "initContainers": None},
            },
        ),
        (
            {"spec": {"containers": [{"name": "istio-proxy"}], "volumes": [{"name": "istio-proxy"}, {}]}},
            "",
            {
                "metadata": {"generateName": "meshfix-"},
                "spec": {"containers": [{"name": "istio-proxy"}], "volumes": [{"name": "istio-proxy"}, {}]},
            },
        ),
    ],
)
def test_a_pod_is_made_of_what_there_is(manifest: Json, path: str, pod: Json) -> None:
    """A living one's owners come along, those of a template do not; without an annotation of the injector nothing is Istio's."""
    metadata = {"labels": {}, "annotations": {}, "namespace": "shop", **pod["metadata"]}

    assert new_pod(manifest, path, "shop") == {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod["spec"]}


@pytest.mark.parametrize("field", ["nodeName", "priority", "tolerations", "preemptionPolicy", "ephemeralContainers"])
@pytest.mark.parametrize("path", ["", "/spec/template"])
def test_what_binds_a_pod_is_left_out(field: str, path: str) -> None:
    """The API server would refuse it, or fill it in anew."""
    pod = {"spec": {field: 1, "nodeSelector": {}}}

    assert new_pod({"spec": {"template": pod}} if path else pod, path, "shop")["spec"] == {"nodeSelector": {}}


ISTIOS = ["istio-proxy", "istio-init", "istio-validation", "enable-core-dump"]
OTHERS = ["own", "app"]
ALL = [*ISTIOS, *OTHERS]
VOLUMES = ["data", "istio-proxy"]


@pytest.mark.parametrize(
    ("status", "containers", "init_containers", "volumes"),
    [
        ('{"containers": ["own"], "initContainers": null, "volumes": ["data"]}', ["app"], OTHERS, ["istio-proxy"]),
        ('{"containers": 5, "initContainers": [{}], "volumes": {"data": 1}}', OTHERS, OTHERS, VOLUMES),
        ('{"revision": "default"}', OTHERS, OTHERS, VOLUMES),
        *((status, ALL, ALL, VOLUMES) for status in ("{}", "words", "null", "[]", "5")),
    ],
)
def test_an_injected_pod_loses_what_istio_gave_it(
    status: str, containers: list[str], init_containers: list[str], volumes: list[str]
) -> None:
    """By the annotation's lists and by Istio's own names; with an annotation that says nothing, nothing is Istio's."""
    given = {"containers": ALL, "initContainers": ALL, "volumes": VOLUMES}
    spec = {field: [{"name": name} for name in names] for field, names in given.items()}
    found = new_pod({"metadata": {"annotations": {"sidecar.istio.io/status": status, "other": "x"}}, "spec": spec}, "", "shop")

    assert found["metadata"]["annotations"] == {"other": "x"}
    assert {field: [item["name"] for item in items] for field, items in found["spec"].items()} == {
        "containers": containers,
        "initContainers": init_containers,
        "volumes": volumes,
    }
