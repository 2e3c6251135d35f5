"""Scenes: a cluster as it looks when one thing has gone wrong, told in few words. What is not said is in order."""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from kubectl_meshfix.injection.chain import explain
from kubectl_meshfix.injection.explanation import Explanation
from kubectl_meshfix.injection.subjects import subject
from kubectl_meshfix.mesh.coverage import Coverage
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import Object
from tests.injection.installations import OWN, decoded, injector, istiod, node, webhooks
from tests.injection.reaching.certificates import ROOT

NOW = "2026-03-01T12:00:00Z"
HOUR_AGO, DAY_AGO, MONTH_AGO = "2026-03-01T11:00:00Z", "2026-02-28T12:00:00Z", "2026-02-01T12:00:00Z"
WEBHOOK = "namespace.sidecar-injector.istio.io"
CALL = f'Internal error occurred: failed calling webhook "{WEBHOOK}": failed to call webhook: Post '
CALL += '"https://istiod.istio-system.svc:443/inject?timeout=10s": '


def encoded(pem: str) -> str:
    """A caBundle as the API has it."""
    return base64.b64encode(pem.encode()).decode()


def hooks(
    name: str = OWN, revision: str = "default", *, ca: str = ROOT, policy: str = "Fail", made: str = MONTH_AGO, **kind: Any
) -> Object:
    """A webhook configuration of a living cluster: with a caBundle, a failurePolicy and a time."""
    raw = json.loads(msgspec.json.encode(webhooks(name, revision, **kind)))
    raw["metadata"]["creationTimestamp"] = made
    for webhook in raw["webhooks"]:
        webhook["failurePolicy"] = policy
        webhook["clientConfig"]["caBundle"] = encoded(ca) if ca else ""
    return decoded(raw)


def backend(*, ready: bool = True, root: str = ROOT, namespace: str = "istio-system", name: str = "istiod") -> tuple[Object, ...]:
    """The Service, the endpoints and the root certificate of an istiod."""
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {"app": "istiod"}, "ports": [{"name": "https-webhook", "port": 443, "targetPort": 15017}]},
    }
    endpoints = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": f"{name}-x", "namespace": namespace, "labels": {"kubernetes.io/service-name": name}},
        "endpoints": [{"addresses": ["10.0.0.7"], "conditions": {"ready": ready}}],
    }
    authority = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "istio-ca-root-cert", "namespace": namespace},
        "data": {"root-cert.pem": root},
    }
    return decoded(service), decoded(endpoints), decoded(authority)


def answered(objects: Iterable[Object]) -> tuple[Object, ...]:
    """The objects, with an istiod in good order behind each webhook of the injector: Service, endpoints, trust."""
    found = tuple(objects)
    configurations = [item for item in found if isinstance(item, MutatingWebhookConfiguration)]
    services = {
        (service.namespace, service.name) for item in configurations for hook in item.webhooks if (service := hook.client_config.service)
    }
    behind = {obj.ref: obj for namespace, name in sorted(services) for obj in backend(namespace=namespace, name=name)}
    return (*map(_trusted, found), *behind.values())


def _trusted(obj: Object) -> Object:
    if not isinstance(obj, MutatingWebhookConfiguration):
        return obj
    raw = json.loads(msgspec.json.encode(obj))
    for webhook in raw["webhooks"]:
        webhook["clientConfig"]["caBundle"] = encoded(ROOT)
    return decoded(raw)


HEALTHY: tuple[Object, ...] = (hooks(), *backend(), istiod(), injector(), node("n1", "v1.32.0"))
"""A plain installation in good order, on nodes too old for native sidecars by default."""


def space(labels: Mapping[str, str] | None = None, *, labelled: str = MONTH_AGO, name: str = "shop") -> Object:
    """A namespace whose labels were set at a time."""
    fields: dict[str, Any] = {"f:metadata": {"f:labels": {f"f:{key}": {} for key in labels or {}}}}
    metadata = {
        "name": name,
        "labels": dict(labels or {}),
        "managedFields": [{"manager": "kubectl-label", "time": labelled, "fieldsV1": fields}],
    }
    return decoded({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})


def template(labels: Mapping[str, str] | None = None, annotations: Mapping[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    """A pod template."""
    metadata = {"labels": {"app": "cart", **(labels or {})}, "annotations": dict(annotations or {})}
    return {"metadata": metadata, "spec": {"containers": [{"name": "cart", "image": "cart:1"}], **spec}}


def deployment(pod: Mapping[str, Any] | None = None, labels: Mapping[str, str] | None = None, **status: Any) -> Object:
    """Deployment shop/cart."""
    return decoded(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "cart", "namespace": "shop", "labels": dict(labels or {}), "uid": "d"},
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "cart"}}, "template": pod or template()},
            "status": status,
        }
    )


def replica_set(failure: str = "", *, revision: int = 1, name: str = "cart-1") -> Object:
    """A ReplicaSet of it; with a failure, one that cannot create its pods."""
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "cart", "controller": True}
    condition = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": failure}
    return decoded(
        {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": name,
                "namespace": "shop",
                "ownerReferences": [owner],
                "annotations": {"deployment.kubernetes.io/revision": str(revision)},
            },
            "spec": {"replicas": 1, "template": template()},
            "status": {"conditions": [condition] if failure else []},
        }
    )


def pod(
    pod: Mapping[str, Any] | None = None,
    *,
    made: str = HOUR_AGO,
    injected: bool = False,
    native: bool = False,
    owner: tuple[str, str] | None = ("ReplicaSet", "cart-1"),
    init: Mapping[str, Any] | None = None,
    states: Mapping[str, Mapping[str, Any]] | None = None,
    revision: str = "default",
    image: str = "docker.io/istio/proxyv2:1.30.0",
    phase: str = "Running",
) -> Object:
    """Pod shop/cart-1-x as kubelet reports it."""
    raw = json.loads(json.dumps(pod or template()))
    metadata = {**raw["metadata"], "name": "cart-1-x", "namespace": "shop", "creationTimestamp": made, "uid": "p"}
    if owner:
        version = {"ReplicaSet": "apps/v1", "StatefulSet": "apps/v1", "Job": "batch/v1", "ReplicationController": "v1"}[owner[0]]
        metadata["ownerReferences"] = [{"apiVersion": version, "kind": owner[0], "name": owner[1], "controller": True}]
    spec = raw["spec"]
    if injected:
        metadata["annotations"]["sidecar.istio.io/status"] = json.dumps({"containers": ["istio-proxy"], "revision": revision})
        proxy = {"name": "istio-proxy", "image": image}
        spec["initContainers"] = [*spec.get("initContainers", []), {"name": "istio-init", "image": image}]
        if native:
            spec["initContainers"].append({**proxy, "restartPolicy": "Always"})
        else:
            spec["containers"].append(proxy)
    running = {"ready": True, "state": {"running": {"startedAt": made}}}
    statuses = [{"name": item["name"], **running, **(states or {}).get(item["name"], {})} for item in spec["containers"]]
    status = {"phase": phase, "containerStatuses": statuses, "initContainerStatuses": [init] if init else []}
    return decoded({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status})


def event(reason: str, message: str, kind: str = "Pod", name: str = "cart-1-x", seen: str = NOW) -> Object:
    """An event about an object of the shop."""
    about = {"kind": kind, "name": name, "namespace": "shop"}
    metadata = {"name": f"{name}.{reason.lower()}", "namespace": "shop"}
    return decoded(
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": metadata,
            "involvedObject": about,
            "reason": reason,
            "message": message,
            "type": "Warning",
            "lastTimestamp": seen,
        }
    )


def cluster(*objects: Object | Iterable[Object], coverage: Mapping[Kind, Coverage] | None = None) -> Mesh:
    """A live snapshot."""
    flat = [item for given in objects for item in ([given] if isinstance(given, Object) else given)]
    return Mesh(flat, live=True, taken_at=NOW, coverage=coverage)


def explained(mesh: Mesh, kind: str = "Deployment", name: str = "cart", namespace: str = "shop") -> Explanation:
    """The explanation of an object of the snapshot."""
    found = next(obj for obj in mesh.objects if (obj.kind, obj.name) == (kind, name) and obj.namespace in ("", namespace))
    return explain(mesh, subject(mesh, found))
