"""Installations of Istio, and things to hold against them, as the chart and people write them."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import yaml

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload, workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Object

SUFFIX = "sidecar-injector.istio.io"

REVISION_WEBHOOKS = """
- name: rev.namespace.
  namespaceSelector:
    matchExpressions: [{key: istio.io/rev, operator: In, values: [VALUE]}, {key: istio-injection, operator: DoesNotExist}]
  objectSelector: {matchExpressions: [{key: sidecar.istio.io/inject, operator: NotIn, values: ["false"]}]}
- name: rev.object.
  namespaceSelector: {matchExpressions: [{key: istio.io/rev, operator: DoesNotExist}, {key: istio-injection, operator: DoesNotExist}]}
  objectSelector:
    matchExpressions:
    - {key: sidecar.istio.io/inject, operator: NotIn, values: ["false"]}
    - {key: istio.io/rev, operator: In, values: [VALUE]}
"""
DEFAULT_WEBHOOKS = """
- name: namespace.
  namespaceSelector: {matchExpressions: [{key: istio-injection, operator: In, values: [enabled]}]}
  objectSelector: {matchExpressions: [{key: sidecar.istio.io/inject, operator: NotIn, values: ["false"]}]}
- name: object.
  namespaceSelector: {matchExpressions: [{key: istio.io/rev, operator: DoesNotExist}, {key: istio-injection, operator: DoesNotExist}]}
  objectSelector:
    matchExpressions: [{key: sidecar.istio.io/inject, operator: In, values: ["true"]}, {key: istio.io/rev, operator: DoesNotExist}]
"""
AUTO_WEBHOOK = """
- name: auto.
  namespaceSelector:
    matchExpressions:
    - {key: istio.io/rev, operator: DoesNotExist}
    - {key: istio-injection, operator: DoesNotExist}
    - {key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-node-lease, kube-public, kube-system, local-path-storage]}
  objectSelector:
    matchExpressions: [{key: sidecar.istio.io/inject, operator: DoesNotExist}, {key: istio.io/rev, operator: DoesNotExist}]
"""


def decoded(raw: Mapping[str, Any]) -> Object:
    """A manifest as an object."""
    kind = kinds.of(raw["apiVersion"], raw["kind"])
    assert kind is not None
    obj: Object = msgspec.convert(raw, kind.struct)
    return obj


def manifest(text: str) -> Object:
    """An object from YAML."""
    return decoded(yaml.safe_load(text))


def webhooks(name: str, revision: str, *, value: str | None = None, every_namespace: bool = False, tag: str | None = None) -> Object:
    """A MutatingWebhookConfiguration as Istio's chart renders it; ``value`` is what its selectors ask for."""
    value = value or revision
    text = REVISION_WEBHOOKS.replace("VALUE", value)
    if value == "default":
        text += DEFAULT_WEBHOOKS + (AUTO_WEBHOOK if every_namespace else "")
    service = {"name": "istiod" if revision == "default" else f"istiod-{revision}", "namespace": "istio-system", "path": "/inject"}
    common = {
        "clientConfig": {"service": service},
        "rules": [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}],
        "sideEffects": "None",
    }
    labels = {"app": "sidecar-injector", "istio.io/rev": revision, **({"istio.io/tag": tag} if tag else {})}
    return decoded(
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "MutatingWebhookConfiguration",
            "metadata": {"name": name, "labels": labels},
            "webhooks": [{**row, **common, "name": row["name"] + SUFFIX} for row in yaml.safe_load(text)],
        }
    )


OWN, R1 = "istio-sidecar-injector", "istio-sidecar-injector-r1"
TAG_DEFAULT, TAG_PROD = "istio-revision-tag-default", "istio-revision-tag-prod"

INSTALLATIONS: dict[str, tuple[Object, ...]] = {
    "default": (webhooks(OWN, "default"),),
    "default everywhere": (webhooks(OWN, "default", every_namespace=True),),
    "r1": (webhooks(R1, "r1"),),
    "r1 as prod": (webhooks(R1, "r1"), webhooks(TAG_PROD, "r1", value="prod", tag="prod")),
    "r1 as default": (webhooks(R1, "r1"), webhooks(TAG_DEFAULT, "r1", value="default", tag="default")),
    "default and r1": (webhooks(OWN, "default"), webhooks(R1, "r1")),
    "default twice": (webhooks(OWN, "default"), webhooks(TAG_DEFAULT, "default", value="default", tag="default")),
}


def injector(revision: str = "default", values: Mapping[str, Any] | None = None, **config: Any) -> Object:
    """The injector's ConfigMap; ``config`` adds to what the chart renders."""
    rendered = {
        "policy": "enabled",
        "defaultTemplates": ["sidecar"],
        "templates": {"sidecar": "spec: {}", "gateway": "spec: {}"},
        "neverInjectSelector": [],
        "alwaysInjectSelector": [],
        **config,
    }
    return config_map(f"{OWN}{suffix(revision)}", config=json.dumps(rendered), values=json.dumps(values or {}))


def config_map(name: str, namespace: str = "istio-system", **data: str) -> Object:
    """A ConfigMap."""
    return decoded({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": data})


def istiod(revision: str = "default", image: str = "docker.io/istio/pilot:1.30.0", namespace: str = "istio-system", **env: str) -> Object:
    """The Deployment of an istiod."""
    labels = {"app": "istiod", "istio.io/rev": revision}
    container = {"name": "discovery", "image": image, "env": [{"name": name, "value": value} for name, value in env.items()]}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    metadata = {"name": f"istiod{suffix(revision)}", "namespace": namespace, "labels": labels}
    return decoded({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"template": template}})


def suffix(revision: str) -> str:
    """What the chart appends to names."""
    return "" if revision == "default" else f"-{revision}"


def node(name: str, kubelet: str) -> Object:
    """A node whose kubelet has a version."""
    return decoded({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "status": {"nodeInfo": {"kubeletVersion": kubelet}}})


def namespace(name: str, labels: Mapping[str, str] | None = None) -> Object:
    """A namespace with labels."""
    return decoded({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": dict(labels or {})}})


def deployment(
    labels: Mapping[str, str] | None = None,
    *,
    namespace: str = "shop",
    annotations: Mapping[str, str] | None = None,
    spec: Mapping[str, Any] | None = None,
) -> Object:
    """A Deployment called ``cart`` whose pods have these labels and annotations."""
    metadata = {"labels": dict(labels or {}), "annotations": dict(annotations or {})}
    template = {"metadata": metadata, "spec": {"containers": [{"name": "cart", "image": "cart:1"}], **(spec or {})}}
    where = {"name": "cart", "namespace": namespace}
    return decoded({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": where, "spec": {"template": template}})


def as_workload(obj: Object) -> Workload:
    """An object as the workload it is."""
    found = workload(obj)
    assert found is not None
    return found


def mesh(*objects: Object | Iterable[Object], live: bool = False) -> Mesh:
    """A snapshot of objects and of whole installations."""
    flat = [item for given in objects for item in ([given] if isinstance(given, Object) else given)]
    return Mesh(flat, live=live)
