"""The fixes of misspelt injection labels: the label that was meant, where Istio reads it."""

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join, split
from kubectl_meshfix.fixes import pod_template, restarts
from kubectl_meshfix.fixes.corrections import few, patch, removal
from kubectl_meshfix.fixes.fix import Fix, Safety, at_risk, manual
from kubectl_meshfix.injection import risks
from kubectl_meshfix.injection.apiserver import served_revisions
from kubectl_meshfix.injection.labels import DATAPLANE_MODE, INJECT, INJECTION
from kubectl_meshfix.injection.membership import predicted
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Namespace, PodTemplate
from kubectl_meshfix.resources.meta import Meta
from kubectl_meshfix.rules.injection import AT_CREATION
from kubectl_meshfix.rules.injection.misspelt_labels import MisspeltLabel
from kubectl_meshfix.rules.injection.serving import is_reached, is_served, opt_in


def of_namespace(mesh: Mesh, namespace: Namespace, key: str, label: str, asks: bool | None) -> Fix:
    """The fix of a namespace's label: ``key`` is what is written, ``label`` the right key, ``asks`` what it is to do about the mesh."""
    old, revision = namespace.labels[key], namespace.labels.get(REVISION_LABEL)
    if label == INJECTION and asks and revision:  # istio-injection would hide it, and nobody may have meant that
        return _revision_applies(mesh, namespace, key, revision)
    wanted: tuple[str, str] | None = (label, old)
    if label == INJECTION:
        wanted = opt_in(mesh, namespace.name) if asks else (label, "disabled") if asks is False else None
    if wanted is None:
        return _choose(mesh, namespace, key)
    path, target = join("metadata", "labels", key), join("metadata", "labels", wanted[0])
    change: tuple[Operation, ...] = (Operation("remove", path), Operation("add", target, wanted[1]))
    summary = f"Replace the label {key} by {wanted[0]}={wanted[1]}"
    if path == target:
        change = (Operation("replace", path, wanted[1]),)
        summary = f"Label the namespace {wanted[0]}={wanted[1]}"
    summary += "." if label == DATAPLANE_MODE else ", then restart its pods."
    commands = () if label == DATAPLANE_MODE else (restarts.of_namespace(namespace.name),)
    risk = risks.of_namespace_label(is_ambient=label == DATAPLANE_MODE, enters=bool(asks))
    return patch(namespace.ref, (Operation("test", path, old), *change), summary, commands=commands, risk=risk)


def _choose(mesh: Mesh, namespace: Namespace, key: str) -> Fix:
    """What to do where `istio-injection` may mean anything, or where no revision is the default and there are several, or none."""
    command = f"kubectl label --overwrite namespace {namespace.name}"
    if opt_in(mesh, namespace.name) == (INJECTION, "enabled"):
        return manual(f'Set {INJECTION} to "enabled" or "disabled".', f"{command} {INJECTION}=VALUE")
    if is_served(mesh, namespace.name, {INJECTION: "enabled"}):
        summary = f"Repair the calls to the injector, which fail now, then set {INJECTION}=enabled."
        return manual(summary, f"{command} {INJECTION}=enabled{'' if key == INJECTION else f' {key}-'}")
    served = served_revisions(mesh)
    if not served:
        return manual(f"Install Istio's injector, or remove the label {key}.")
    summary = f"Replace {key} by {REVISION_LABEL}: no revision is the default, and there {'are' if served[1:] else 'is'} {few(served)}."
    return manual(summary, f"{command} {key}- {REVISION_LABEL}=REVISION")


def _revision_applies(mesh: Mesh, namespace: Namespace, key: str, revision: str) -> Fix:
    if not is_reached(mesh, namespace.name, {REVISION_LABEL: revision}):
        return manual(f"Remove {key}, and set {REVISION_LABEL} to an installed revision. Or replace both by {INJECTION}=enabled.")
    summary = f"Remove {key}, so that {REVISION_LABEL}={revision} applies, then restart the pods."
    operations = removal(join("metadata", "labels", key), namespace.labels[key])
    commands = (restarts.of_namespace(namespace.name),)
    return patch(namespace.ref, operations, summary, commands=commands, risk=risks.NEW_PODS_ENTER)


def of_workload(mesh: Mesh, workload: Workload, found: MisspeltLabel) -> Fix:
    """The fix of a workload's label or annotation: a label of its pod template. By hand where that label alone is not enough."""
    pods = "pod" if workload.is_pod else "pod template"
    if found.asks is None:
        return manual(f'Set the label {INJECT} on the {pods} to "true" or "false".')
    value = ("true" if found.asks else "false") if found.label == INJECT else found.value
    target = pod_template.label_path(workload, found.label)
    labels = {key: item for key, item in workload.labels.items() if pod_template.label_path(workload, key) != found.path}
    metadata = Meta(labels={**labels, found.label: value}, annotations=dict(workload.annotations))
    then = predicted(mesh, workload.namespace, PodTemplate(metadata=metadata, spec=workload.spec))
    summary = _summary(found, value, target, pods)
    if found.label != DATAPLANE_MODE and then.injected is (not found.asks):
        return manual(summary, why=then.reason)
    if mesh.is_live(workload.ref) and workload.is_pod:
        return manual(summary, why=AT_CREATION)
    gone = () if found.path == target else (Operation("test", found.path, found.value), Operation("remove", found.map_path or found.path))
    operations = (*gone, *pod_template.set_label(workload, found.label, value))
    fix = pod_template.change(mesh, workload, operations, summary, Safety.RESTART)
    return at_risk(fix, risks.of_pod_label(is_ambient=found.label == DATAPLANE_MODE, enters=found.asks))


def _summary(found: MisspeltLabel, value: str, target: str, pods: str) -> str:
    if found.path == target:
        return f'Set the label {found.label} on the {pods} to "{value}".'
    if (found.key, found.value) == (found.label, value):
        return f"Move it to {'.'.join(split(target)[:-1])}."
    return f'Replace it by the label {found.label}: "{value}" on the {pods}.'
