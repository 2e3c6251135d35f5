"""Advice: the way out of a failing chain, in words, as a command, as a fix. What must not be changed for people is left to words."""

from collections.abc import Iterator

from kubectl_meshfix.chain.checks import Check, Status
from kubectl_meshfix.fixes import pod_template
from kubectl_meshfix.fixes.fix import Safety, at_risk
from kubectl_meshfix.injection import proxy, risks
from kubectl_meshfix.injection.apiserver.call_path import SERVICE
from kubectl_meshfix.injection.apiserver.webhooks import injector_verdicts, namespace_labels
from kubectl_meshfix.injection.explanation import Advice, InjectionVerdict
from kubectl_meshfix.injection.injector.annotations import ANNOTATIONS
from kubectl_meshfix.injection.injector.decision import HOST_NETWORK, TEMPLATE
from kubectl_meshfix.injection.kubelet import admission_errors, proxy_health
from kubectl_meshfix.injection.kubelet.missing_proxy import FAILED_OPEN, LABELS, OLDER
from kubectl_meshfix.injection.kubelet.observation import Observed
from kubectl_meshfix.injection.label_changes import remedies
from kubectl_meshfix.injection.labels import NATIVE
from kubectl_meshfix.injection.membership import Membership
from kubectl_meshfix.injection.subjects import Subject
from kubectl_meshfix.mesh.control_plane import TAG_LABEL, control_planes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.mesh.workloads import Workload
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration

_MADE_ANEW = frozenset({OLDER, FAILED_OPEN})
_OPENSHIFT = frozenset({"openshift.io/build.name", "openshift.io/deployer-pod-for.name"})
_ROLLED = (kinds.DEPLOYMENT, kinds.STATEFUL_SET, kinds.DAEMON_SET)


def advice(  # noqa: PLR0913, PLR0917
    mesh: Mesh, subject: Subject, made: Membership, verdict: InjectionVerdict, seen: Observed, cut: Check | None
) -> tuple[Advice, ...]:
    """What to do, the first thing first; nothing where all is as it was asked for, and nobody has to be told how to ask.

    ``cut`` is what is broken on the way to the injector: no new pod comes out different before that is mended.
    """
    if cut and cut.name == SERVICE and (tag := _dangling_tag(mesh, made)):
        return (tag,)
    if cut and not seen.refused and (found := admission_errors.of_check(cut.name)):
        return (Advice(summary=found.advice, command=found.command or None),)
    if seen.refused:
        return (Advice(summary=seen.refused.advice, command=seen.refused.command or None),)
    if verdict.as_requested and verdict.requested is not None:
        return tuple(_outdated(mesh, subject, seen))
    if seen.decider and (seen.injected or made.injected or seen.decider.name in (*_WORDS, proxy_health.AUTO)):
        return tuple(_on_pods(mesh, subject, seen, seen.decider.name))
    if made.injected is False and verdict.injected is False:
        return tuple(_on_injection(mesh, subject, made, seen))
    if verdict.injected is None:
        text = "What could not be read decides: ask for the rights of docs/rbac.md, or let the API server decide with --probe."
        return (Advice(summary=text),)
    if verdict.decided_by.check == ANNOTATIONS:
        return (Advice(summary="Correct the annotation of the pod template."),)
    return ()


def _dangling_tag(mesh: Mesh, made: Membership) -> Advice | None:
    """A tag that points to a revision whose istiod is gone is to be moved to one that is there."""
    configurations = (mesh.get(MutatingWebhookConfiguration, "", webhook.configuration) for webhook in made.webhooks)
    tag = next((found.labels[TAG_LABEL] for found in configurations if found and TAG_LABEL in found.labels), None)
    there = sorted(plane.revision for plane in control_planes(mesh) if plane.deployment)
    if not tag or not there:
        return None
    text = f"Let the tag {tag} point to a revision that is there ({', '.join(there)}), or delete its webhook configuration."
    return Advice(summary=text, command=f"istioctl tag set {tag} --revision {there[-1]} --overwrite")


_WORDS = {
    proxy_health.INIT: "Give istio-init NET_ADMIN and NET_RAW, and the node iptables, or install Istio's CNI agent, which needs neither.",
    proxy_health.SANDBOX: "Look at the CNI agent of the pod's node; a restart renews its token.",
    proxy_health.ROOT: "Let meshConfig.discoverySelectors select the namespace; istiod then writes the ConfigMap.",
    proxy_health.READINESS: "See the proxy's log for why it has no configuration; the pod has to reach istiod's port 15012.",
    proxy_health.PROXY_UID: "Run the application as another user than the proxy.",
    LABELS: "Put the label into the template that the pod is made from.",
}


def _on_pods(mesh: Mesh, subject: Subject, seen: Observed, name: str) -> Iterator[Advice]:
    pod = seen.pods[0]
    where = subject.ref.namespace_flag if subject.workload else f" -n {subject.namespace}"
    match name:
        case proxy_health.READINESS:
            yield Advice(summary=_WORDS[proxy_health.READINESS], command=f"kubectl logs{where} {pod.name} -c {proxy.PROXY} --tail 50")
        case proxy_health.SANDBOX:
            yield Advice(summary=_WORDS[proxy_health.SANDBOX], command="kubectl rollout restart daemonset/istio-cni-node -n istio-system")
        case proxy_health.VALIDATION:
            text = "Delete the pod; it is made anew on a node whose CNI agent is ready. The agent's repair does so by itself if it is on."
            yield Advice(summary=text, command=f"kubectl delete pod{where} {pod.name}")
        case proxy_health.COMPLETION:
            yield from _completion(mesh, seen)
        case _ if name in _MADE_ANEW and subject.workload:
            yield _restart(mesh, subject.workload, seen)
        case proxy_health.AUTO:
            yield from remedies(mesh, subject)
            yield Advice(
                summary="Then delete the pod: it is injected when it is made anew.", command=f"kubectl delete pod{where} {pod.name}"
            )
        case proxy.PROXY:
            yield Advice(summary="Ask the API server what it would make of the pod today.", command=_probe_command(subject))
        case _ if name in _WORDS:
            yield Advice(summary=_WORDS[name])


def _probe_command(subject: Subject) -> str:
    kind = subject.workload.kind.singular if subject.workload else "namespace"
    return f"kubectl meshfix explain {kind}/{subject.object.name}{subject.ref.namespace_flag} --probe"


def _on_injection(mesh: Mesh, subject: Subject, made: Membership, seen: Observed) -> Iterator[Advice]:
    if made.decided_by.check == HOST_NETWORK:
        yield Advice(summary="Nothing can be done but to leave the host's network: its traffic cannot be redirected for one pod alone.")
        return
    if made.decided_by.check == TEMPLATE:
        yield Advice(summary="Name templates that the injector has in inject.istio.io/templates.")
        return
    labels = namespace_labels(mesh, subject.namespace)
    for verdict in injector_verdicts(mesh, labels, subject.template.labels):
        if verdict.status is Status.FAIL and verdict.deciding and verdict.deciding.requirement.key == "control-plane":
            text = "Switch AKS's admissions enforcer off for Istio's webhooks, or take the label control-plane off the namespace."
            yield Advice(
                summary=text,
                command=f"kubectl annotate mutatingwebhookconfiguration {verdict.configuration} admissions.enforcer/disabled=true",
            )
            return
    found = tuple(remedies(mesh, subject))
    yield from found
    if (
        found
        and found[0].fix
        and seen.pods
        and subject.workload
        and not any(patch.resource == subject.ref for patch in found[0].fix.patches)
    ):
        yield _restart(mesh, subject.workload, seen, first="Then make the pods anew: nothing brings a sidecar into a pod that is there.")


def _outdated(mesh: Mesh, subject: Subject, seen: Observed) -> Iterator[Advice]:
    stale = next(
        (check for check in seen.checks if check.status is Status.WARN and check.name in (proxy_health.REVISION, proxy_health.IMAGE)), None
    )
    if stale and subject.workload:
        yield _restart(mesh, subject.workload, seen, first="Make the pods anew to bring them up to date.")


def _completion(mesh: Mesh, seen: Observed) -> Iterator[Advice]:
    pod = seen.pods[0]
    end = f"kubectl exec{pod.ref.namespace_flag} {pod.name} -c {proxy.PROXY} -- pilot-agent request POST quitquitquit"
    yield Advice(summary="End the proxy of this pod by hand.", command=end)
    owner = mesh.workload_of(pod)
    if not _OPENSHIFT.isdisjoint(pod.labels):
        text = "Let the injector leave OpenShift's build and deployer pods alone: they are to be in its neverInjectSelector."
        yield Advice(summary=text, command="kubectl meshfix apply -A --select MF307 --dry-run")
        return
    if owner.is_pod:
        yield Advice(summary=f'For the next one, add the annotation {NATIVE}: "true", by which kubelet ends the proxy after the work.')
        return
    text = f'For the next ones, add the annotation {NATIVE}: "true" to the template, by which kubelet ends the proxy after the work.'
    changed = pod_template.change(mesh, owner, pod_template.set_annotation(owner, NATIVE, "true"), text, Safety.UNSAFE)
    fix = at_risk(changed, risks.NATIVE_SIDECAR)
    yield Advice(summary=fix.advice, fix=fix)


def _restart(mesh: Mesh, workload: Workload, seen: Observed, first: str = "Make the pods anew: a new one gets the sidecar.") -> Advice:
    """The command that replaces the pods; who makes them decides which."""
    top = mesh.workload_of(seen.pods[0]) if seen.pods else workload
    name, where = top.name, top.ref.namespace_flag
    if top.kind in _ROLLED:
        return Advice(summary=first, command=f"kubectl rollout restart {top.kind.singular}/{name}{where}")
    if top.kind is kinds.ROLLOUT:
        return Advice(summary=first, command=f"kubectl argo rollouts restart {name}{where}")
    if top.kind is kinds.DEPLOYMENT_CONFIG:
        return Advice(summary=first, command=f"oc rollout latest dc/{name}{where}")
    if top.runs_to_completion:
        return Advice(summary="Let the running Job end, or delete it and start it anew.")
    pods = " ".join(pod.name for pod in seen.pods[:5])
    return Advice(
        summary=first, command=f"kubectl delete pod {pods}{where}" + ("" if not top.is_pod or top.maker else "  # and create it anew")
    )
