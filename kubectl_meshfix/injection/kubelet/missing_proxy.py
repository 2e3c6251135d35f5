"""A pod without the sidecar that a pod made now would get: what was different when it was made."""

from collections.abc import Iterator
from datetime import datetime

from kubectl_meshfix.chain.steps import Step, Steps, Where, step
from kubectl_meshfix.chain.unknown import DRY_RUN, Unknown, UnknownKind
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.injection.checks import kubelet as checks
from kubectl_meshfix.injection.labels import INJECT, INJECTION
from kubectl_meshfix.injection.membership import Membership, predicted
from kubectl_meshfix.injection.reaching import CallPath
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import template_of
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration
from kubectl_meshfix.resources.core import Namespace, Pod, PodTemplate


def explain_missing(mesh: Mesh, pod: Pod, expected: Membership, path: CallPath) -> Steps[Step]:
    """The likely causes, most certain first; at least one that says that there must be one. The first of them."""
    found = [*_another_template(mesh, pod), *_older(mesh, pod, expected), *_failed_open(mesh, expected, path)]
    found = found or [_unseen(pod)]
    yield from found
    return found[0]


def _another_template(mesh: Mesh, pod: Pod) -> Iterator[Step]:
    """The pod's labels and its template's differ: the pod got some later, or is of an older template."""
    at = Where(resource=pod.ref, path="/metadata/labels")
    own = predicted(mesh, pod.namespace, PodTemplate(metadata=pod.metadata, spec=pod.spec))
    if own.injected is not True:
        yield step(checks.NEWER_TEMPLATE, at, cause=own.because[-1])
        return
    maker = mesh.owner(pod)
    made = template_of(maker) if maker is not pod else None
    if made is None or predicted(mesh, pod.namespace, made[0]).injected is not False:
        return
    added = sorted(
        f"{key}={pod.labels[key]}"
        for key in (INJECT, REVISION_LABEL)
        if pod.labels.get(key) != made[0].labels.get(key) and key in pod.labels
    )
    if added:
        yield step(checks.ADDED_LATE, at, evidence=tuple(added), labels=" and ".join(added), owner=str(maker.ref))


def _older(mesh: Mesh, pod: Pod, expected: Membership) -> Iterator[Step]:
    """Injection happens when a pod is created, and never after."""
    made = pod.metadata.creation_timestamp
    if not made:
        return
    at = Where(resource=pod.ref, path="/metadata/creationTimestamp")
    for name in dict.fromkeys(webhook.configuration for webhook in expected.webhooks):
        configuration = mesh.get(MutatingWebhookConfiguration, "", name)
        since = configuration.metadata.creation_timestamp if configuration else None
        if since and made < since:
            yield step(checks.OLDER_THAN_WEBHOOKS, at, evidence=(f"pod: {made}", f"{name}: {since}"), configuration=name)
            return
    if (space := mesh.namespace(pod.namespace)) and made < (labelled := _labelled_at(space)):
        evidence = (f"pod: {made}", f"label: {labelled}")
        yield step(checks.OLDER_THAN_LABEL, at, evidence=evidence, span=_span(made, labelled), label=_spelt(space))


def _labelled_at(namespace: Namespace) -> str:
    """When a label of injection was last written, by the owners of the namespace's fields."""
    times = [
        entry.time or ""
        for entry in namespace.metadata.managed_fields
        if any(f"f:{key}" in _labels_in(entry.fields_v1) for key in (INJECTION, REVISION_LABEL) if key in namespace.labels)
    ]
    return max(times, default="")


def _labels_in(fields: dict[str, object]) -> dict[str, object]:
    for name in ("f:metadata", "f:labels"):
        found = fields.get(name)
        fields = found if isinstance(found, dict) else {}
    return fields


def _spelt(namespace: Namespace) -> str:
    return next(f"{key}={namespace.labels[key]}" for key in (INJECTION, REVISION_LABEL) if key in namespace.labels)


def _span(earlier: str, later: str) -> str:
    try:
        seconds = (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()
    except ValueError:
        return "some time"
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def _failed_open(mesh: Mesh, expected: Membership, path: CallPath) -> Iterator[Step]:
    for name in expected.webhooks:
        configuration = mesh.get(MutatingWebhookConfiguration, "", name.configuration)
        if configuration is None:  # it was assumed
            continue
        for index, webhook in enumerate(configuration.webhooks):
            if webhook.name == name.webhook and webhook.failure_policy == "Ignore":
                at = Where(resource=configuration.ref, path=join("webhooks", index, "failurePolicy"))
                evidence = ("failurePolicy: Ignore",)
                if path.broken:
                    yield step(checks.STILL_OPEN, at, evidence=evidence, configuration=name.configuration, cause=path.broken)
                else:
                    yield step(checks.WAS_OPEN, at, evidence=evidence, configuration=name.configuration)
                return


def _unseen(pod: Pod) -> Step:
    unknown = Unknown(kind=UnknownKind.RUNTIME, of=pod.ref, settled_by=DRY_RUN)
    return step(checks.PROXY_MISSING, Where(resource=pod.ref, path="/spec/containers"), unknown=unknown, pod=pod.name)
