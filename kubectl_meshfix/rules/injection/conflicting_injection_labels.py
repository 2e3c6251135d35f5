"""MF302: injection and ambient labels that contradict each other."""

from collections.abc import Iterator

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes import pod_template, restarts
from kubectl_meshfix.fixes.corrections import removal
from kubectl_meshfix.fixes.fix import Safety, at_risk, manual
from kubectl_meshfix.injection import risks
from kubectl_meshfix.injection.labels import DATAPLANE_MODE, INJECT, INJECTION
from kubectl_meshfix.injection.membership import Membership, membership, predicted
from kubectl_meshfix.injection.proxy import has_proxy, is_redirected
from kubectl_meshfix.mesh import waypoints
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL, tags
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import Namespace, PodTemplate
from kubectl_meshfix.resources.gateway_api import KubernetesGateway
from kubectl_meshfix.rules.injection import INPUTS, lasting, two_modes, unfinished
from kubectl_meshfix.rules.injection.serving import is_reached, is_served
from kubectl_meshfix.rules.rule import Finding, Rule, Severity

TWO_REVISIONS, TWO_MODES = ("IST0123",), ("KIA1311",)

GATEWAYS = "A Kubernetes Gateway of this namespace may take its revision from the label, and would move to another control plane."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each namespace and each workload with a label that has no effect beside another label."""
    moving = set[str]()
    for namespace in lasting(mesh):
        labels = namespace.labels
        found = two_modes.conflict(mesh, namespace) if labels.get(DATAPLANE_MODE) == "ambient" else None
        if found and found.is_ambient_meant:
            moving.add(namespace.name)
        elif labels.get(INJECTION) == "enabled" and labels.get(REVISION_LABEL):
            yield _two_revisions(mesh, namespace)
        if found:
            yield _two_modes(namespace, found)
    for workload in unfinished(mesh):
        yield from _workload(mesh, workload, is_moving=workload.namespace in moving)


def _two_revisions(mesh: Mesh, namespace: Namespace) -> Finding:
    """Only `istio-injection` counts; where it selects no revision, and the other label would, it is the one to remove."""
    name, revision = namespace.name, namespace.labels[REVISION_LABEL]
    has_default = is_served(mesh, name, {INJECTION: "enabled"})
    is_there = is_reached(mesh, name, {REVISION_LABEL: revision})
    hides_revision = not has_default and is_there
    if hides_revision:
        summary = f"Remove {INJECTION}, so that {REVISION_LABEL}={revision} applies, then restart the pods."
        fix = at_risk(two_modes.without(namespace, INJECTION, summary, Safety.UNSAFE), risks.NEW_PODS_ENTER)
    else:
        summary = f"Remove {REVISION_LABEL}." + (f" To use {revision}, remove {INJECTION} instead." if is_there else "")
        is_read = mesh.within(KubernetesGateway, name) or (mesh.live and not mesh.knows(kinds.KUBERNETES_GATEWAY, name))
        safety = Safety.UNSAFE if is_read else Safety.SAFE
        fix = at_risk(two_modes.without(namespace, REVISION_LABEL, summary, safety), GATEWAYS)
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


def _two_modes(namespace: Namespace, found: two_modes.Conflict) -> Finding:
    """A webhook injects, so ambient mode is the label without effect, whichever of the two was meant."""
    labels = namespace.labels
    both = (
        f"{found.label}={labels[found.label]} and {DATAPLANE_MODE}=ambient are both set. New pods get a sidecar, so ambient ignores them."
    )
    meant = f"{found.label}={labels[found.label]} gives new pods a sidecar, so ambient ignores them, though {{}} in this namespace."
    return Finding(
        resource=namespace.ref,
        path=join("metadata", "labels", found.label if found.is_ambient_meant else DATAPLANE_MODE),
        message=meant.format(found.says_ambient[0]) if found.is_ambient_meant else both,
        evidence=(*(f"{key}={labels[key]}" for key in (found.label, DATAPLANE_MODE)), *found.says_ambient, found.reason),
        fix=found.fix,
        aliases=(*TWO_REVISIONS, *TWO_MODES),
    )


def _workload(mesh: Mesh, workload: Workload, *, is_moving: bool) -> Iterator[Finding]:
    """What a workload's own labels contradict; ``is_moving`` where the namespace's are to change so that its new pods enter ambient."""
    made = membership(mesh, workload)
    space = mesh.namespace(workload.namespace)
    is_ignored = workload.labels.get(DATAPLANE_MODE) == "ambient" and made.surely_injected is True and not has_proxy(workload.spec)
    if is_ignored and not is_moving:
        path = pod_template.label_path(workload, DATAPLANE_MODE)
        summary = f'Remove {DATAPLANE_MODE}. To use ambient, keep it, and add the label {INJECT}: "false".'
        fix = pod_template.change(mesh, workload, removal(path, "ambient"), summary, Safety.RESTART)
        if any(is_redirected(pod.metadata.annotations) for pod in mesh.pods_of(workload)):
            fix = manual(summary, why="Pods of it run in ambient mode, and would leave it.")
        yield Finding(
            resource=workload.ref,
            path=path,
            message=f"The label {DATAPLANE_MODE}=ambient has no effect: new pods get a sidecar, so ambient ignores them.",
            evidence=(made.reason,),
            fix=fix,
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
    optional=(*INPUTS, *waypoints.INPUTS, kinds.SERVICE),
    about=(kinds.NAMESPACE, *kinds.WORKLOADS),
    words=(DATAPLANE_MODE, INJECT, REVISION_LABEL),
    aliases=(*TWO_REVISIONS, *TWO_MODES),
    summary="Injection and ambient labels contradict each other",
    check=check,
)
