"""A pod without the sidecar that a pod made now would get: what was different when it was made."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from kubectl_meshfix.chain.checks import Check, Status
from kubectl_meshfix.injection.labels import INJECT, INJECTION
from kubectl_meshfix.injection.membership import Membership, predicted
from kubectl_meshfix.injection.proxy import PROXY
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import template_of
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration
from kubectl_meshfix.resources.core import Namespace, Pod, PodTemplate

OLDER, LABELS, FAILED_OPEN = "age", "labels", "failedOpen"


def lacking(mesh: Mesh, pod: Pod, expected: Membership, path: Sequence[Check]) -> Iterator[Check]:
    """The likely causes, most certain first; at least one that says that there must be one."""
    found = [*_another_template(mesh, pod), *_older(mesh, pod, expected), *_failed_open(mesh, expected, path)]
    yield from found or [_unseen(pod)]


def _another_template(mesh: Mesh, pod: Pod) -> Iterator[Check]:
    """The pod's labels and its template's differ: the pod got some later, or is of an older template."""
    own = predicted(mesh, pod.namespace, PodTemplate(metadata=pod.metadata, spec=pod.spec))
    if not own.injected:
        detail = f"The pod itself asks for nothing that would inject it; its template has changed since. {own.reason}"
        yield Check(name=LABELS, status=Status.FAIL, detail=detail)
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
    detail = (
        f"The pod has {' and '.join(added)}, and its template in {maker.ref} has not: a webhook that is called after the injector's, or "
    )
    detail += "a person, added it to the pod, where it comes too late. Put it into the template."
    yield Check(name=LABELS, status=Status.FAIL, detail=detail, evidence=tuple(added))


def _older(mesh: Mesh, pod: Pod, expected: Membership) -> Iterator[Check]:
    """Injection happens when a pod is created, and never after."""
    made = pod.metadata.creation_timestamp
    if not made:
        return
    for name in dict.fromkeys(webhook.configuration for webhook in expected.webhooks):
        configuration = mesh.get(MutatingWebhookConfiguration, "", name)
        since = configuration.metadata.creation_timestamp if configuration else None
        if since and made < since:
            detail = f"The pod is older than the webhooks of {name}: it was made before anything could inject it, and stays as it is."
            yield Check(name=OLDER, status=Status.FAIL, detail=detail, evidence=(f"pod: {made}", f"{name}: {since}"))
            return
    space = mesh.namespace(pod.namespace)
    labelled = _labelled_at(space) if space else ""
    if space and labelled and made < labelled:
        detail = f"The pod is older than the namespace's label: it was made {_span(made, labelled)} before {_spelt(space)} was set, "
        detail += "and stays as it is."
        yield Check(name=OLDER, status=Status.FAIL, detail=detail, evidence=(f"pod: {made}", f"label: {labelled}"))


def _labelled_at(namespace: Namespace) -> str:
    """When a label of injection was last written, by the owners of the namespace's fields."""
    times = [
        entry.time or ""
        for entry in namespace.metadata.managed_fields
        if any(f"f:{key}" in _labels_in(entry.fields_v1) for key in (INJECTION, REVISION_LABEL))
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


def _failed_open(mesh: Mesh, expected: Membership, path: Sequence[Check]) -> Iterator[Check]:
    for name in expected.webhooks:
        configuration = mesh.get(MutatingWebhookConfiguration, "", name.configuration)
        webhook = next((item for item in configuration.webhooks if item.name == name.webhook), None) if configuration else None
        if webhook and webhook.failure_policy == "Ignore":
            broken = next((check for check in path if check.status is Status.FAIL), None)
            why = f" It still fails: {broken.detail}" if broken else " Only the API server's log and metrics tell of it."
            detail = f"{name.configuration} lets pods through without a sidecar when its call fails (failurePolicy Ignore).{why}"
            yield Check(name=FAILED_OPEN, status=Status.FAIL, detail=detail, evidence=("failurePolicy: Ignore",))
            return


def _unseen(pod: Pod) -> Check:
    detail = (
        f"{pod.name} has no sidecar, though everything that can be seen says it should: the webhooks may have changed since, its call may "
    )
    detail += "have failed, or a hand that the API does not show is at work. Ask the API server with --probe."
    return Check(name=PROXY, status=Status.FAIL, detail=detail)
