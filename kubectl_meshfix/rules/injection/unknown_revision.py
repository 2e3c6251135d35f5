"""MF304: a label names a revision that no webhook serves."""

from collections.abc import Iterator

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes import pod_template, restarts
from kubectl_meshfix.fixes.corrections import patch
from kubectl_meshfix.fixes.fix import Fix, Safety, at_risk, manual
from kubectl_meshfix.injection.apiserver.webhooks import is_assumed, served_revisions
from kubectl_meshfix.injection.labels import DATAPLANE_MODE, INJECT, INJECTION
from kubectl_meshfix.injection.membership import INPUTS, Mode, membership, predicted
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace, PodTemplate
from kubectl_meshfix.rules.injection import is_served, served_revision, unfinished
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

_FROM = "from a revision that may not be the one that was meant"


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each namespace, and each workload of a namespace that says nothing, whose revision or tag has no webhook."""
    if is_assumed(mesh) or not mesh.holds_all(kinds.MUTATING_WEBHOOK_CONFIGURATION):
        return
    for namespace in mesh.all(Namespace):
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
    unheard = predicted(mesh, namespace.name, PodTemplate()).injected is False and not is_served(mesh, namespace.name, {key: value})
    if unheard and not is_hidden:
        yield Finding(
            resource=namespace.ref,
            path=join("metadata", "labels", key),
            message=f"{_asked(key, value)}: new pods of this namespace get no sidecar.",
            evidence=_served(mesh),
            fix=_relabel(mesh, namespace, key),
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
    unheard = made.injected is False and made.mode is Mode.NONE and made.decided_by.stage == "apiserver"
    if unheard and not is_served(mesh, workload.namespace, {}, {key: labels[key]}):
        yield Finding(
            resource=workload.ref,
            path=pod_template.label_path(workload, key),
            message=f"{_asked(key, labels[key])}: new pods get no sidecar.",
            evidence=_served(mesh),
            fix=_relabel_template(mesh, workload),
        )


def _asked(key: str, value: str) -> str:
    if key == REVISION_LABEL:
        return f"{key}={value} names a revision or tag that no webhook serves"
    return f"{key}={value} asks the default revision, and no revision is the default one"


def _served(mesh: Mesh) -> tuple[str, ...]:
    served = served_revisions(mesh)
    return (f"revisions and tags that webhooks serve: {', '.join(served)}" if served else "there is no webhook of Istio's injector",)


def _choose(mesh: Mesh) -> str:
    served = served_revisions(mesh)
    return f"Name one that there is ({', '.join(served)})" if served else "Install Istio with injection, or take the label away"


def _relabel(mesh: Mesh, namespace: Namespace, key: str) -> Fix:
    revision = served_revision(mesh, namespace.name)
    if not served_revisions(mesh):
        return manual("Install Istio with injection, or take the label away.", f"kubectl label namespace {namespace.name} {key}-")
    if revision is None:
        drop = f" {INJECTION}-" if key == INJECTION else ""
        label = f"kubectl label --overwrite namespace {namespace.name} {REVISION_LABEL}=REVISION{drop}"
        text = f"{_choose(mesh)}, or point a tag at a revision: {'default' if key == INJECTION else namespace.labels[key]}."
        return manual(text, label, "istioctl tag set TAG --revision REVISION", restarts.of_namespace(namespace.name))
    path, target = join("metadata", "labels", key), join("metadata", "labels", REVISION_LABEL)
    put = Operation("replace" if REVISION_LABEL in namespace.labels else "add", target, revision)
    gone = () if path == target else (Operation("remove", path),)
    summary = f"Label the namespace {REVISION_LABEL}={revision}, the only revision there is. Restart its pods after it."
    return patch(
        namespace.ref,
        (Operation("test", path, namespace.labels[key]), *gone, put),
        summary,
        risk=f"Pods made from now on get a sidecar, {_FROM}.",
        commands=(restarts.of_namespace(namespace.name),),
    )


def _relabel_template(mesh: Mesh, workload: Workload) -> Fix:
    revision = served_revision(mesh, workload.namespace)
    if revision is None:
        return manual(f"{_choose(mesh)} on the pod template.", "istioctl tag list")
    summary = f"Label the pods {REVISION_LABEL}={revision}, the only revision there is."
    if mesh.live and workload.is_pod:
        return manual(summary, why="Labels of a running pod change nothing: delete the pod and create it anew.")
    operations = pod_template.set_label(workload, REVISION_LABEL, revision)
    fix = pod_template.change(mesh, workload, operations, summary, Safety.UNSAFE)
    return at_risk(fix, f"Its new pods get a sidecar, {_FROM}.")


RULE = Rule(
    code="MF304",
    name="unknown-revision",
    severity=Severity.WARNING,
    inputs=(kinds.NAMESPACE, kinds.MUTATING_WEBHOOK_CONFIGURATION, *kinds.WORKLOADS),
    optional=INPUTS,
    summary="A label names a revision that no webhook serves",
    check=check,
)
