"""The functional test of injection: a server-side dry run of the pod's creation, through the real webhooks; nothing is stored."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from kubectl_meshfix.chain.words import sentence
from kubectl_meshfix.documents import pointer
from kubectl_meshfix.documents.reading.manifests import Manifests
from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.errors import ApiError, ForbiddenError, SourceError
from kubectl_meshfix.injection.creation import CreationResult
from kubectl_meshfix.injection.explanation import Probe
from kubectl_meshfix.injection.kubelet import read_refusal
from kubectl_meshfix.injection.proxy import PROXY, STATUS_ANNOTATION
from kubectl_meshfix.injection.subjects import Subject
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.api import NOT_JSON, Api, decode_object, unexpected
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.sources.api.pagination import collection_path
from kubectl_meshfix.sources.decode import Misfit, decode

_INJECTED = frozenset({PROXY, "istio-init", "istio-validation", "enable-core-dump"})
_BOUND = ("nodeName", "priority", "tolerations", "preemptionPolicy", "ephemeralContainers")
"""What the API server or the scheduler filled in, and would refuse or contradict in a new pod."""
_TOKEN = "kube-api-access-"  # noqa: S105 -- the name of a volume
_NO_RIGHT = 'cannot create resource "pods"'
_ISTIO = ("istio.io/", "prometheus.io/", "kubectl.kubernetes.io/default-", "k8s.v1.cni.cncf.io/")


def manifest_of(api: Api, subject: Subject, manifests: Manifests | None = None) -> Mapping[str, Any]:
    """A target as it is written, every field of it, in the manifests or on the cluster; for a namespace a pod that says nothing."""
    if subject.workload is None:
        return _PLAIN
    if manifests and (origin := manifests.origins.get(subject.ref.key)):
        return dict(pointer.at(read(manifests.texts[origin.file]).documents[origin.document].value, origin.prefix))
    kind = subject.workload.kind
    answer = api.get(f"{collection_path(kind, kind.versions[0], subject.namespace)}/{quote(subject.ref.name)}")
    if answer.missing:
        raise SourceError(f"{subject.ref} does not exist any more.", "Run the same command again.")
    return _fitting(decode_object(answer.body, kind.kind, subject.ref.name), kind)


_PLAIN = {"metadata": {"name": "meshfix"}, "spec": {"containers": [{"name": "app", "image": "app"}]}}


def probe(api: Api, manifest: Mapping[str, Any], template_path: str, namespace: str, expected: CreationResult) -> Probe:
    """What the API server makes of a pod now, beside what was ``expected``.

    ``manifest`` is a pod as it was read, or its maker with the pod template at ``template_path``.
    """
    pod = new_pod(manifest, template_path, namespace)
    try:
        answer = api.request("POST", f"/api/v1/namespaces/{namespace}/pods", [("dryRun", "All")], body=msgspec.json.encode(pod))
    except (ForbiddenError, ApiError) as error:
        if _NO_RIGHT in error.message:
            return Probe(ran=False, error=f"You may not create pods in {namespace}, so the API server could not be asked: {error.message}")
        found = read_refusal(error.message).step
        return Probe(
            ran=True, agrees=_agrees(expected, CreationResult.REFUSED), error=f"{sentence(found)} {error.message}", cause=found.check
        )
    except SourceError as error:
        return Probe(ran=False, error=error.message)
    if answer.missing:
        return Probe(ran=False, error=f"There is no namespace {namespace} in the cluster, so nothing was probed.")
    try:
        made = _fitting(decode_object(answer.body, "Pod"), kinds.POD)
    except SourceError as error:
        return Probe(ran=False, error=error.message)
    injected = STATUS_ANNOTATION in _at(made, "metadata", "annotations") or (PROXY in _names(made) and PROXY not in _names(pod))
    result = CreationResult.INJECTED if injected else CreationResult.BARE
    return Probe(
        ran=True, injected=injected, agrees=_agrees(expected, result), containers=tuple(_names(made)), changes=tuple(_changes(pod, made))
    )


def _fitting(document: dict[str, Any], kind: Kind) -> dict[str, Any]:
    """An object as it was answered, if it is made as its kind is. Raises SourceError."""
    if isinstance(decode(document, kind.struct), Misfit):
        raise unexpected(f"a {kind.kind}")
    return document


def new_pod(manifest: Mapping[str, Any], template_path: str, namespace: str) -> dict[str, Any]:
    """The pod to create: the template's, or a living one's as it was before it was injected (`pkg/kube/inject/inject.go stripPod`)."""
    found: Any = manifest
    for part in pointer.split(template_path):
        found = found.get(part) or {}
    source = copy.deepcopy(dict(found))
    old = source.get("metadata") or {}
    name = old.get("generateName") or f"{(manifest.get('metadata') or {}).get('name') or 'meshfix'}-"
    metadata: dict[str, Any] = {key: dict(old.get(key) or {}) for key in ("labels", "annotations")} | {
        "generateName": name,
        "namespace": namespace,
    }
    if not template_path and old.get("ownerReferences"):
        metadata["ownerReferences"] = old["ownerReferences"]
    spec = {key: value for key, value in (source.get("spec") or {}).items() if key not in _BOUND}
    if not template_path:
        _strip(metadata["annotations"], spec)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _strip(annotations: dict[str, str], spec: dict[str, Any]) -> None:
    try:
        status = msgspec.json.decode(str(annotations.pop(STATUS_ANNOTATION, "{}")), type=dict[str, Any])
    except NOT_JSON:
        status = {}
    for field in ("containers", "initContainers", "volumes"):
        listed = status.get(field)
        gone = [*(listed if isinstance(listed, list) else []), *(_INJECTED if status and field != "volumes" else ())]
        kept = [item for item in spec.get(field) or [] if item.get("name") not in gone and not str(item.get("name", "")).startswith(_TOKEN)]
        if field in spec:
            spec[field] = kept
    for container in (*(spec.get("containers") or []), *(spec.get("initContainers") or [])):
        mounts = container.get("volumeMounts")
        if mounts:
            container["volumeMounts"] = [item for item in mounts if not str(item.get("name", "")).startswith(_TOKEN)]


def _agrees(expected: CreationResult, result: CreationResult) -> bool | None:
    return None if expected is CreationResult.UNKNOWN else expected is result


def _at(value: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    for key in path:
        value = value.get(key) or {}
    return value


def _containers(pod: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    spec = _at(pod, "spec")
    return [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]


def _names(pod: Mapping[str, Any]) -> list[str]:
    return [str(container.get("name", "")) for container in _containers(pod)]


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """What others than the injector and the API server's defaults did."""
    images = {str(container.get("name", "")): container.get("image", "") for container in _containers(before)}
    for container in _containers(after):
        name, image = str(container.get("name", "")), container.get("image", "")
        if name not in images and name not in _INJECTED:
            yield f"another webhook added the container {name}"
        elif name in images and images[name] not in (image, "auto"):
            yield f"another webhook changed the image of {name} to {image}"
    for field in ("labels", "annotations"):
        old, new = _at(before, "metadata", field), _at(after, "metadata", field)
        for key in sorted(new.keys() - old.keys()):
            if not any(part in key for part in _ISTIO):
                yield f"another webhook, or the API server, added the {field.removesuffix('s')} {key}={new[key]}"
