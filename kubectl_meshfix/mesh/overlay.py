"""Manifests laid over a live cluster: what it would hold if they were applied."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration, ValidatingWebhookConfiguration, Webhook
from kubectl_meshfix.resources.core import Namespace
from kubectl_meshfix.resources.kinds import Kind
from kubectl_meshfix.resources.meta import LIVE, Object

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""Where ``kubectl apply`` keeps what was applied (`k8s.io/api/core/v1/annotation_key_constants.go`)."""

_MADE = frozenset({kinds.POD, kinds.REPLICA_SET, kinds.JOB, kinds.REPLICATION_CONTROLLER})
"""Kinds that controllers make, and make anew where their maker changes."""

_Name = tuple[Kind, str, str]


def laid_over(files: Meshes, live: Mesh) -> Meshes:
    """Each mesh of files among the objects of one cluster; of two of a name, the file's.

    Pods that a cluster made of a workload of the files are left out: they are made anew by the file's template. A live object of which
    another mesh has a copy is a copy itself (``LIVE``), so that none is taken for another.
    """
    copied = {_name(obj) for obj in files.objects}
    everything = [(name := _name(obj), _as_copy(obj) if name in copied else obj) for obj in live.objects]
    return Meshes(mesh.on_cluster(live, _together(mesh, everything, live)) for mesh in files)


def _together(mesh: Mesh, everything: Iterable[tuple[_Name, Object]], live: Mesh) -> Iterator[Object]:
    written = {_name(obj): obj for obj in mesh.objects}
    makers = {name for name in written if name[0] in kinds.TEMPLATED}
    replaced: dict[_Name, Object] = {}
    for name, obj in everything:
        if name in written:
            replaced[name] = obj
        elif not (makers and name[0] in _MADE and _name(live.owner(obj)) in makers):
            yield obj
    for name, obj in written.items():
        before = replaced.get(name)
        yield _aged(_applied(obj, before) if before else obj, before.metadata.creation_timestamp if before else live.taken_at)


def _name(obj: Object) -> _Name:
    return (kinds.of_object(obj), obj.namespace, obj.name)


def _as_copy(obj: Object) -> Object:
    return msgspec.structs.replace(obj, metadata=msgspec.structs.replace(obj.metadata, copy=LIVE))


def _applied(written: Object, live: Object) -> Object:
    """An object of a file, with what ``kubectl apply`` would leave of the live one and what decides on injection.

    That is the labels of a Namespace that nobody has applied, and the certificates that istiod writes into its webhooks
    (`k8s.io/apimachinery/pkg/util/strategicpatch CreateThreeWayMergePatch`).
    """
    match written, live:
        case Namespace(), Namespace():
            labels = {**_kept(live), **written.labels}
            return msgspec.structs.replace(written, metadata=msgspec.structs.replace(written.metadata, labels=labels))
        case MutatingWebhookConfiguration(), MutatingWebhookConfiguration():
            return msgspec.structs.replace(written, webhooks=_with_bundles(written.webhooks, live.webhooks))
        case ValidatingWebhookConfiguration(), ValidatingWebhookConfiguration():
            return msgspec.structs.replace(written, webhooks=_with_bundles(written.webhooks, live.webhooks))
        case _:
            return written


def _aged(written: Object, created: str | None) -> Object:
    """An object of a file at its age: a live one keeps its own, and what is new is younger than all that is there."""
    if written.metadata.creation_timestamp:
        return written
    return msgspec.structs.replace(written, metadata=msgspec.structs.replace(written.metadata, creation_timestamp=created))


def _with_bundles(written: Iterable[Webhook], live: Iterable[Webhook]) -> tuple[Webhook, ...]:
    bundles = {webhook.name: webhook.client_config.ca_bundle for webhook in live}
    return tuple(_with_bundle(webhook, bundles) for webhook in written)


def _with_bundle(webhook: Webhook, bundles: Mapping[str, str]) -> Webhook:
    config = webhook.client_config
    bundle = config.ca_bundle or bundles.get(webhook.name, "")
    return msgspec.structs.replace(webhook, client_config=msgspec.structs.replace(config, ca_bundle=bundle))


class _AppliedMeta(msgspec.Struct):
    labels: dict[str, str] | None = None


class _Applied(msgspec.Struct):
    metadata: _AppliedMeta | None = None


def _kept(live: Object) -> dict[str, str]:
    """The labels that somebody else gave a live object: without those that were applied, which another apply takes away."""
    try:
        applied = msgspec.json.decode(live.metadata.annotations.get(LAST_APPLIED, "{}"), type=_Applied)
    except (msgspec.DecodeError, UnicodeError):
        return live.labels
    gone = (applied.metadata.labels if applied.metadata else None) or {}
    return {key: value for key, value in live.labels.items() if key not in gone}
