"""MF304: a label names a revision that no webhook serves."""

from collections.abc import Iterator

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes import pod_template
from kubectl_meshfix.injection.apiserver import is_assumed, served_revisions
from kubectl_meshfix.injection.labels import DATAPLANE_MODE, INJECT, INJECTION
from kubectl_meshfix.injection.membership import membership, predicted
from kubectl_meshfix.injection.reaching import reachable_revisions
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace, PodTemplate
from kubectl_meshfix.rules.injection import INPUTS, lasting, revision_corrections, unfinished
from kubectl_meshfix.rules.injection.serving import is_served
from kubectl_meshfix.rules.rule import Finding, Rule, Severity


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each namespace, and each workload of a namespace without such labels, whose revision or tag has no webhook."""
    if is_assumed(mesh) or not mesh.holds_all(kinds.MUTATING_WEBHOOK_CONFIGURATION):
        return
    for namespace in lasting(mesh):
        yield from _namespace(mesh, namespace)
    for workload in unfinished(mesh):
        yield from _workload(mesh, workload)


def _namespace(mesh: Mesh, namespace: Namespace) -> Iterator[Finding]:
    labels = namespace.labels
    key = INJECTION if INJECTION in labels else REVISION_LABEL
    value, revision = labels.get(key, ""), labels.get(REVISION_LABEL, "")
    if not value or (key == INJECTION and value != "enabled") or labels.get(DATAPLANE_MODE) == "ambient":
        return
    is_hidden = key == INJECTION and revision and is_served(mesh, namespace.name, {REVISION_LABEL: revision})
    is_unserved = predicted(mesh, namespace.name, PodTemplate()).injected is False and not is_served(mesh, namespace.name, {key: value})
    if is_unserved and not is_hidden:
        yield Finding(
            resource=namespace.ref,
            path=join("metadata", "labels", key),
            message=f"{_unserved(mesh, key, value)} New pods get no sidecar.",
            evidence=_served(mesh),
            fix=revision_corrections.of_namespace(mesh, namespace, key),
        )


def _workload(mesh: Mesh, workload: Workload) -> Iterator[Finding]:
    space = mesh.namespace(workload.namespace)
    labels = workload.labels
    key = REVISION_LABEL if labels.get(REVISION_LABEL) else INJECT
    if space is None or space.labels.keys() & {INJECTION, REVISION_LABEL} or labels.get(INJECT) == "false":
        return
    if not labels.get(key) or (key == INJECT and labels[key] != "true"):
        return
    made = membership(mesh, workload)
    is_unserved = made.injected is False and made.decided_by.stage == "apiserver"
    if is_unserved and not is_served(mesh, workload.namespace, {}, {key: labels[key]}):
        yield Finding(
            resource=workload.ref,
            path=pod_template.label_path(workload, key),
            message=f"{_unserved(mesh, key, labels[key])} {'The pod gets' if workload.is_pod else 'New pods get'} no sidecar.",
            evidence=_served(mesh),
            fix=revision_corrections.of_workload(mesh, workload),
        )


def _unserved(mesh: Mesh, key: str, value: str) -> str:
    where = "" if mesh.live else " in these files"
    if key == REVISION_LABEL:
        return f"No webhook{where} serves the revision or tag {value} ({key})."
    return f"No webhook{where} serves the default revision ({key}={value})."


def _served(mesh: Mesh) -> tuple[str, ...]:
    served, sound = served_revisions(mesh), reachable_revisions(mesh)
    if not served:
        return ("there is no webhook of Istio's injector",)
    lost = [value for value in served if value not in sound]
    return (
        f"revisions and tags that webhooks serve: {', '.join(sound) or 'none that can be called'}",
        *((f"their istiod cannot be called: {', '.join(lost)}",) if lost else ()),
    )


RULE = Rule(
    code="MF304",
    name="unknown-revision",
    severity=Severity.WARNING,
    inputs=(kinds.NAMESPACE, kinds.MUTATING_WEBHOOK_CONFIGURATION, *kinds.WORKLOADS),
    optional=INPUTS,
    about=(kinds.NAMESPACE, *kinds.WORKLOADS),
    words=("MutatingWebhookConfiguration",),
    summary="A label names a revision that no webhook serves",
    check=check,
)
