"""Small meshes by chance: what several situations change at once, with any of their callers and requests, and some objects left out."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from hypothesis import strategies as st

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.terms.request import Request
from tests.traffic.situations.scenes import changed, mesh, situations

_ALL = situations()
_CALLERS = ("web/cart", "shop/cart", "plain/old")
_REQUESTS = tuple(dict.fromkeys(msgspec.structs.replace(item.request, claims=None) for item in _ALL))
_KEPT = frozenset({"Namespace", "Deployment"})
"""Callers need these."""


class World(NamedTuple):
    """Documents of a mesh, and a request that one of its pods makes."""

    documents: tuple[Mapping[str, Any], ...]
    caller: str
    request: Request

    @property
    def files(self) -> Mesh:
        """The documents as manifests."""
        return mesh(self.documents)

    @property
    def live(self) -> Mesh:
        """A cluster that runs them: every workload has its pods, all of them ready, and every Service lists them."""
        return mesh((*self.documents, *running(self.documents)), live=True)


@st.composite
def worlds(draw: st.DrawFn, *, is_whole: bool = False) -> World:
    """A mesh in which one to three situations hold at once. Where it is not whole, up to two objects are left out."""
    chosen = draw(st.lists(st.sampled_from(_ALL), min_size=1, max_size=3, unique_by=lambda item: item.name))
    documents = changed(*(part for item in chosen for part in item.row.get("change", ())))
    if not is_whole:
        able = [document for document in documents if document["kind"] not in _KEPT]
        gone = draw(st.lists(st.sampled_from(able), max_size=2, unique_by=id))
        documents = tuple(document for document in documents if not any(document is item for item in gone))
    caller = draw(st.sampled_from((*_CALLERS, *(item.caller for item in chosen))))
    there = {f"{document['metadata'].get('namespace')}/{document['metadata']['name']}" for document in documents}
    caller = caller if caller.rpartition(" ")[2] in there else "web/cart"
    request = draw(st.sampled_from((chosen[0].request, *_REQUESTS)))
    return World(documents, caller, request)


def running(documents: tuple[Mapping[str, Any], ...]) -> list[dict[str, Any]]:
    """The ReplicaSet, the pod and the endpoints of each Deployment that has replicas."""
    namespaces = {item["metadata"]["name"]: item["metadata"].get("labels", {}) for item in documents if item["kind"] == "Namespace"}
    made: list[dict[str, Any]] = []
    pods: list[dict[str, Any]] = []
    for number, document in enumerate(item for item in documents if item["kind"] == "Deployment"):
        if document["spec"].get("replicas", 1):
            replica_set, pod = _pod_of(document, namespaces.get(document["metadata"]["namespace"], {}), f"10.244.1.{number + 1}")
            made += [replica_set, pod]
            pods.append(pod)
    for service in documents:
        if service["kind"] == "Service" and service["spec"].get("selector"):
            made.append(_slice_of(service, pods))
    return made


def _pod_of(deployment: Mapping[str, Any], labels: Mapping[str, str], address: str) -> tuple[dict[str, Any], dict[str, Any]]:
    meta, template = deployment["metadata"], deployment["spec"]["template"]
    name, namespace = meta["name"], meta["namespace"]
    own = template["metadata"]
    takes = labels.get("istio-injection") == "enabled" and own.get("labels", {}).get("sidecar.istio.io/inject") != "false"
    has_proxy = takes and not template["spec"].get("hostNetwork")
    is_ambient = labels.get("istio.io/dataplane-mode") == "ambient"
    is_gateway = any(item["name"] == "istio-proxy" for item in template["spec"]["containers"])
    proxy = [{"name": "istio-proxy", "image": "proxyv2"}] if has_proxy and not is_gateway else []
    notes = {"sidecar.istio.io/status": "{}"} if has_proxy else {"ambient.istio.io/redirection": "enabled"} if is_ambient else {}
    mark = {"security.istio.io/tlsMode": "istio"} if has_proxy else {}
    controls = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "controller": True, "uid": name}
    replica_set = {
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {"name": name, "namespace": namespace, "ownerReferences": [controls]},
        "spec": {"replicas": 1, "template": template},
    }  # fmt: skip
    pod = {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": f"{name}-live", "namespace": namespace, "labels": {**own.get("labels", {}), **mark},
            "annotations": {**own.get("annotations", {}), **notes}, "ownerReferences": [{**controls, "kind": "ReplicaSet"}],
        },
        "spec": {**template["spec"], "containers": [*template["spec"]["containers"], *proxy]},
        "status": {"phase": "Running", "podIP": address, "conditions": [{"type": "Ready", "status": "True"}]},
    }  # fmt: skip
    return replica_set, pod


def _slice_of(service: Mapping[str, Any], pods: list[dict[str, Any]]) -> dict[str, Any]:
    namespace, name = service["metadata"]["namespace"], service["metadata"]["name"]
    selector = service["spec"]["selector"].items()
    behind = [pod for pod in pods if pod["metadata"]["namespace"] == namespace and selector <= pod["metadata"]["labels"].items()]
    ports = [{"name": port.get("name", ""), "port": port.get("targetPort", port["port"])} for port in service["spec"].get("ports", ())]
    return {
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4", "ports": ports,
        "metadata": {"name": f"{name}-x", "namespace": namespace, "labels": {"kubernetes.io/service-name": name}},
        "endpoints": [
            {
                "addresses": [pod["status"]["podIP"]], "conditions": {"ready": True},
                "targetRef": {"kind": "Pod", "name": pod["metadata"]["name"], "namespace": namespace},
            }
            for pod in behind
        ],
    }  # fmt: skip
