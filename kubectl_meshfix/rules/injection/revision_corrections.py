"""The fixes of labels that select no revision: the only revision there is, or a choice."""

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes import pod_template, restarts
from kubectl_meshfix.fixes.corrections import choice, patch
from kubectl_meshfix.fixes.fix import Fix, Safety, at_risk, manual
from kubectl_meshfix.injection.apiserver import served_revisions
from kubectl_meshfix.injection.labels import INJECTION
from kubectl_meshfix.injection.reaching import reachable_revisions
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources.core import Namespace
from kubectl_meshfix.rules.injection import AT_CREATION
from kubectl_meshfix.rules.injection.serving import served_revision

_FROM = "from a revision that may not be the intended one"


def of_namespace(mesh: Mesh, namespace: Namespace, key: str) -> Fix:
    """The fix of a namespace whose label ``key`` selects no revision that there is."""
    revision, served = served_revision(mesh, namespace.name), reachable_revisions(mesh)
    restart = restarts.of_namespace(namespace.name)
    if not served:
        return manual(f"{_no_injector(mesh)}, or remove the label {key}.", f"kubectl label namespace {namespace.name} {key}-")
    if revision is None:
        drop = f" {INJECTION}-" if key == INJECTION else ""
        label = f"kubectl label --overwrite namespace {namespace.name} {REVISION_LABEL}=REVISION{drop}"
        tag = "default" if key == INJECTION else namespace.labels[key]
        text = f"Set {REVISION_LABEL} to {{}}, or set the tag {tag} to a revision. Then restart the pods."
        return choice(text, served, label, "istioctl tag set TAG --revision REVISION", restart)
    path, target = join("metadata", "labels", key), join("metadata", "labels", REVISION_LABEL)
    put = Operation("replace" if REVISION_LABEL in namespace.labels else "add", target, revision)
    gone = () if path == target else (Operation("remove", path),)
    summary = f"Label the namespace {REVISION_LABEL}={revision}, the only revision, then restart its pods."
    return patch(
        namespace.ref,
        (Operation("test", path, namespace.labels[key]), *gone, put),
        summary,
        risk=f"New pods get a sidecar, {_FROM}.",
        commands=(restart,),
    )


def _no_injector(mesh: Mesh) -> str:
    return "Repair the calls to the injector" if served_revisions(mesh) else "Install Istio's injector"


def of_workload(mesh: Mesh, workload: Workload) -> Fix:
    """The fix of pods whose labels select no revision that there is."""
    pods = "pod" if workload.is_pod else "pod template"
    revision, served = served_revision(mesh, workload.namespace), reachable_revisions(mesh)
    if not served:
        return manual(f"{_no_injector(mesh)}, or remove the label from the {pods}.", "istioctl tag list")
    if revision is None:
        return choice(f"Set {REVISION_LABEL} on the {pods} to {{}}.", served, "istioctl tag list")
    summary = f"Set the label {REVISION_LABEL} on the {pods} to {revision}, the only revision."
    if mesh.is_live(workload.ref) and workload.is_pod:
        return manual(summary, why=AT_CREATION)
    operations = pod_template.set_label(workload, REVISION_LABEL, revision)
    fix = pod_template.change(mesh, workload, operations, summary, Safety.UNSAFE)
    return at_risk(fix, f"Its new pods get a sidecar, {_FROM}.")
