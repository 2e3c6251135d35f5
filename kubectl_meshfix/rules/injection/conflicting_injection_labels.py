"""MF302: injection and ambient labels that contradict each other."""

from collections.abc import Iterator

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes import pod_template, restarts
from kubectl_meshfix.fixes.corrections import patch, removal
from kubectl_meshfix.fixes.fix import Fix, Safety, at_risk, manual
from kubectl_meshfix.injection import risks
from kubectl_meshfix.injection.labels import DATAPLANE_MODE, INJECT, INJECTION
from kubectl_meshfix.injection.membership import INPUTS, Membership, Mode, membership, predicted
from kubectl_meshfix.injection.proxy import has_proxy, is_redirected
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL, tags
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace, Pod, PodTemplate
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.rules.injection import is_served, unfinished
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

TWO_REVISIONS, TWO_MODES = ("IST0123",), ("KIA1311",)

GATEWAYS = "A Kubernetes Gateway of this namespace may take its revision from the label, and would move to another control plane."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each namespace and each workload with a label that has no effect beside another label."""
    ambient = {item.namespace for item in unfinished(mesh) if membership(mesh, item).mode is Mode.AMBIENT}
    ambient |= {pod.namespace for pod in mesh.all(Pod) if is_redirected(pod.metadata.annotations)}
    for namespace in mesh.all(Namespace):
        labels = namespace.labels
        if labels.get(INJECTION) == "enabled" and labels.get(REVISION_LABEL):
            yield _two_revisions(mesh, namespace)
        is_ambient = labels.get(DATAPLANE_MODE) == "ambient" and labels.keys() & {INJECTION, REVISION_LABEL}
        if is_ambient and predicted(mesh, namespace.name, PodTemplate()).surely_injected is True:
            yield _two_modes(mesh, namespace, has_ambient=namespace.name in ambient)
    for workload in unfinished(mesh):
        yield from _workload(mesh, workload)


def _two_revisions(mesh: Mesh, namespace: Namespace) -> Finding:
    """Only `istio-injection` counts; where it selects no revision, and the other label would, it is the one to remove."""
    name, revision = namespace.name, namespace.labels[REVISION_LABEL]
    has_default = is_served(mesh, name, {INJECTION: "enabled"})
    hides_revision = not has_default and is_served(mesh, name, {REVISION_LABEL: revision})
    if hides_revision:
        summary = f"Remove {INJECTION}, so that {REVISION_LABEL}={revision} applies, then restart the pods."
        fix = at_risk(_without(namespace, INJECTION, summary, Safety.UNSAFE), risks.NEW_PODS_ENTER)
    else:
        summary = f"Remove {REVISION_LABEL}. To use {revision}, remove {INJECTION} instead."
        is_read = mesh.within(KubernetesGateway, name) or (mesh.live and not mesh.knows(kinds.KUBERNETES_GATEWAY, name))
        fix = at_risk(_without(namespace, REVISION_LABEL, summary, Safety.UNSAFE if is_read else Safety.SAFE), GATEWAYS)
    made = predicted(mesh, name, PodTemplate())
    effect = _revision_of_pods(mesh, made, revision, has_default=has_default)
    return Finding(
        resource=namespace.ref,
        path=join("metadata", "labels", INJECTION if hides_revision else REVISION_LABEL),
        message=f"{REVISION_LABEL}={revision} is ignored while {INJECTION}=enabled is set. {effect}",
        evidence=(*(f"{key}={namespace.labels[key]}" for key in (INJECTION, REVISION_LABEL)), made.reason),
        fix=fix,
        aliases=TWO_REVISIONS,
    )


def _revision_of_pods(mesh: Mesh, made: Membership, revision: str, *, has_default: bool) -> str:
    """Which revision new pods get beside the one that is named, as a sentence."""
    if not has_default:
        return "No revision is the default one, so new pods get no sidecar."
    if made.injected is not True:
        return f"The default revision decides about new pods, not {revision}."
    if made.revision == tags(mesh).get(revision, revision):
        return "New pods get the default revision, which is the same only until the next upgrade."
    return "New pods get the default revision."


def _two_modes(mesh: Mesh, namespace: Namespace, *, has_ambient: bool) -> Finding:
    """A webhook injects, so ambient mode is the label without effect."""
    injection = INJECTION if INJECTION in namespace.labels else REVISION_LABEL
    fix = _without(
        namespace, DATAPLANE_MODE, f"Remove {DATAPLANE_MODE}. To use ambient, remove {injection} instead and restart the pods.", Safety.SAFE
    )
    if has_ambient:
        summary = f"To use ambient, remove {injection} and restart the pods; else remove {DATAPLANE_MODE}."
        commands = (f"kubectl label namespace {namespace.name} {injection}-", restarts.of_namespace(namespace.name))
        fix = manual(summary, *commands, why=f"Some pods here are in ambient mode, and leave the mesh without {DATAPLANE_MODE}.")
    return Finding(
        resource=namespace.ref,
        path=join("metadata", "labels", DATAPLANE_MODE),
        message=f"{injection}={namespace.labels[injection]} and {DATAPLANE_MODE}=ambient are both set. "
        "New pods get a sidecar, so ambient ignores them.",
        evidence=(
            *(f"{key}={namespace.labels[key]}" for key in (injection, DATAPLANE_MODE)),
            predicted(mesh, namespace.name, PodTemplate()).reason,
        ),
        fix=fix,
        aliases=(*TWO_REVISIONS, *TWO_MODES),
    )


def _without(namespace: Namespace, key: str, summary: str, safety: Safety) -> Fix:
    path = join("metadata", "labels", key)
    return patch(namespace.ref, removal(path, namespace.labels[key]), summary, safety)


def _workload(mesh: Mesh, workload: Workload) -> Iterator[Finding]:
    made = membership(mesh, workload)
    space = mesh.namespace(workload.namespace)
    if workload.labels.get(DATAPLANE_MODE) == "ambient" and made.surely_injected is True and not has_proxy(workload.spec):
        path = pod_template.label_path(workload, DATAPLANE_MODE)
        summary = f'Remove {DATAPLANE_MODE}. To use ambient, keep it, and add the label {INJECT}: "false".'
        yield Finding(
            resource=workload.ref,
            path=path,
            message=f"The label {DATAPLANE_MODE}=ambient has no effect: new pods get a sidecar, so ambient ignores them.",
            evidence=(made.reason,),
            fix=pod_template.change(mesh, workload, removal(path, "ambient"), summary, Safety.RESTART),
            aliases=TWO_MODES,
        )
    if space and space.labels.get(INJECTION) == "disabled" and workload.labels.get(INJECT) == "true" and made.surely_injected is False:
        yield Finding(
            resource=workload.ref,
            path=pod_template.label_path(workload, INJECT),
            message=f"The label {INJECT}=true has no effect while the namespace has {INJECTION}=disabled. New pods get no sidecar.",
            evidence=(made.reason,),
            fix=manual(
                f"Remove {INJECTION} from the namespace, then restart its pods. Only pods that ask for a sidecar get one.",
                f"kubectl label namespace {space.name} {INJECTION}-",
                restarts.of_namespace(space.name),
            ),
            aliases=(),
        )


RULE = Rule(
    code="MF302",
    name="conflicting-injection-labels",
    severity=Severity.WARNING,
    inputs=(kinds.NAMESPACE, *kinds.WORKLOADS),
    optional=(*INPUTS, kinds.KUBERNETES_GATEWAY),
    aliases=(*TWO_REVISIONS, *TWO_MODES),
    summary="Injection and ambient labels contradict each other",
    check=check,
)
