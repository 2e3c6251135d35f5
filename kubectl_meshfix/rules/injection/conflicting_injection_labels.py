"""MF302: labels that contradict each other about the mesh."""

from collections.abc import Iterator

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.fixes import pod_template, restarts
from kubectl_meshfix.fixes.corrections import patch, removal
from kubectl_meshfix.fixes.fix import Fix, Safety, at_risk, manual
from kubectl_meshfix.injection import risks
from kubectl_meshfix.injection.labels import DATAPLANE_MODE, INJECT, INJECTION
from kubectl_meshfix.injection.membership import INPUTS, Mode, membership, predicted
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

GATEWAYS = "A Kubernetes Gateway of this namespace may take its revision from the label, and move to another control plane."


def check(mesh: Mesh) -> Iterator[Finding]:
    """Each namespace and each workload that asks for two ways into the mesh, or for one that the other label closes."""
    ambient = {item.namespace for item in unfinished(mesh) if membership(mesh, item).mode is Mode.AMBIENT}
    ambient |= {pod.namespace for pod in mesh.all(Pod) if is_redirected(pod.metadata.annotations)}
    for namespace in mesh.all(Namespace):
        labels = namespace.labels
        if labels.get(INJECTION) == "enabled" and labels.get(REVISION_LABEL):
            yield _two_revisions(mesh, namespace)
        is_ambient = labels.get(DATAPLANE_MODE) == "ambient" and labels.keys() & {INJECTION, REVISION_LABEL}
        if is_ambient and predicted(mesh, namespace.name, PodTemplate()).injected is True:
            yield _two_modes(namespace, has_ambient=namespace.name in ambient)
    for workload in unfinished(mesh):
        yield from _workload(mesh, workload)


def _two_revisions(mesh: Mesh, namespace: Namespace) -> Finding:
    """`istio-injection` always wins; where no revision is the default one, it wins nothing, and is the one to go."""
    name, revision = namespace.name, namespace.labels[REVISION_LABEL]
    evidence = tuple(f"{key}={namespace.labels[key]}" for key in (INJECTION, REVISION_LABEL))
    if not is_served(mesh, name, {INJECTION: "enabled"}) and is_served(mesh, name, {REVISION_LABEL: revision}):
        summary = f"Remove {INJECTION}, so that revision {revision} is heard; pods get their sidecars when they are next made."
        return Finding(
            resource=namespace.ref,
            path=join("metadata", "labels", INJECTION),
            message=f"{INJECTION}=enabled hides {REVISION_LABEL}={revision} from every webhook, and no revision is the default one: new "
            "pods get no sidecar at all.",
            evidence=evidence,
            fix=at_risk(_without(namespace, INJECTION, summary, Safety.UNSAFE), risks.NEW_PODS_ENTER),
            aliases=TWO_REVISIONS,
        )
    is_same = predicted(mesh, name, PodTemplate()).revision == tags(mesh).get(revision, revision)
    consequence = "the two are the same only until the next upgrade" if is_same else f"a move to {revision} never happens"
    summary = f"Remove {REVISION_LABEL}, which injection does not hear. To follow {revision}, remove {INJECTION} instead."
    may_be_heard = mesh.within(KubernetesGateway, name) or (mesh.live and not mesh.knows(kinds.KUBERNETES_GATEWAY, name))
    return Finding(
        resource=namespace.ref,
        path=join("metadata", "labels", REVISION_LABEL),
        message=f"{INJECTION}=enabled wins over {REVISION_LABEL}={revision}, which no webhook hears beside it: new pods get the sidecar of "
        f"the default revision, and {consequence}.",
        evidence=evidence,
        fix=at_risk(_without(namespace, REVISION_LABEL, summary, Safety.UNSAFE if may_be_heard else Safety.SAFE), GATEWAYS),
        aliases=TWO_REVISIONS,
    )


def _two_modes(namespace: Namespace, *, has_ambient: bool) -> Finding:
    winner = INJECTION if INJECTION in namespace.labels else REVISION_LABEL
    keep = f"Remove {DATAPLANE_MODE}, which loses as long as sidecars are injected; if this namespace is on its way to ambient, "
    keep += f"remove {winner} instead and restart its pods."
    why = f"Some pods here are in ambient today, and leave the mesh without {DATAPLANE_MODE}; without {winner}, new pods get no sidecar."
    commands = (f"kubectl label namespace {namespace.name} {winner}-", restarts.of_namespace(namespace.name))
    return Finding(
        resource=namespace.ref,
        path=join("metadata", "labels", DATAPLANE_MODE),
        message=f"{winner}={namespace.labels[winner]} asks for sidecars and {DATAPLANE_MODE}=ambient for none: new pods get a sidecar, and "
        "ambient leaves pods with a sidecar alone, so the two kinds end up side by side.",
        evidence=tuple(f"{key}={namespace.labels[key]}" for key in (winner, DATAPLANE_MODE)),
        fix=manual("Decide on one of the two.", *commands, why=why)
        if has_ambient
        else _without(namespace, DATAPLANE_MODE, keep, Safety.SAFE),
        aliases=(*TWO_REVISIONS, *TWO_MODES),
    )


def _without(namespace: Namespace, key: str, summary: str, safety: Safety) -> Fix:
    path = join("metadata", "labels", key)
    return patch(namespace.ref, removal(path, namespace.labels[key]), summary, safety)


def _workload(mesh: Mesh, workload: Workload) -> Iterator[Finding]:
    made = membership(mesh, workload)
    space = mesh.namespace(workload.namespace)
    if workload.labels.get(DATAPLANE_MODE) == "ambient" and made.injected is True and not has_proxy(workload.spec):
        path = pod_template.label_path(workload, DATAPLANE_MODE)
        summary = f'Remove {DATAPLANE_MODE}, which loses; if ambient was meant, set the label {INJECT}: "false" beside it instead.'
        yield Finding(
            resource=workload.ref,
            path=path,
            message=f"Its pods are labelled for ambient, yet get a sidecar: {made.reason} Ambient leaves pods with a sidecar alone.",
            fix=pod_template.change(mesh, workload, removal(path, "ambient"), summary, Safety.RESTART),
            aliases=TWO_MODES,
        )
    if space and space.labels.get(INJECTION) == "disabled" and workload.labels.get(INJECT) == "true" and made.injected is False:
        yield Finding(
            resource=workload.ref,
            path=pod_template.label_path(workload, INJECT),
            message=f"Its pods ask for a sidecar, but their namespace says {INJECTION}=disabled, which no webhook enters: they get none.",
            fix=manual(
                f"Remove {INJECTION} from the namespace: without it, its pods get a sidecar only if they ask for one.",
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
    summary="Labels contradict each other about the mesh",
    check=check,
)
