"""Advice: the way out of a failing chain, in words, as a command, as a fix. What must not be changed for people is left to words."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.chain.steps import Outcome, Status, Step, answer
from kubectl_meshfix.chain.unknown import DRY_RUN, Unknown, UnknownKind
from kubectl_meshfix.fixes import pod_template, restarts
from kubectl_meshfix.fixes.fix import Safety, at_risk
from kubectl_meshfix.injection import proxy, risks
from kubectl_meshfix.injection.apiserver import ENFORCER_KEY, Candidate, called_by_name, injectors, match_injectors, namespace_labels
from kubectl_meshfix.injection.checks import injector, kubelet
from kubectl_meshfix.injection.creation import Creation, create_pod
from kubectl_meshfix.injection.explanation import Advice, InjectionVerdict
from kubectl_meshfix.injection.kubelet import Observed
from kubectl_meshfix.injection.label_changes import label_outside, propose_labels
from kubectl_meshfix.injection.labels import INJECT, NATIVE
from kubectl_meshfix.injection.membership import Membership
from kubectl_meshfix.injection.native_change import make_native
from kubectl_meshfix.injection.new_pods import find_obstacle, reason
from kubectl_meshfix.injection.proxy_ids import ids_of
from kubectl_meshfix.injection.reaching import path_of
from kubectl_meshfix.injection.subjects import Subject
from kubectl_meshfix.injection.unreachable import remedy
from kubectl_meshfix.mesh.control_plane import control_plane
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Pod

_OPENSHIFT = frozenset({"openshift.io/build.name", "openshift.io/deployer-pod-for.name"})


def advise(mesh: Mesh, subject: Subject, ahead: Creation, verdict: InjectionVerdict, seen: Observed) -> tuple[Advice, ...]:
    """What to do, the first thing first; nothing where all is as it was asked for, and nobody has to be told how to ask.

    Where something is broken on the way to the injector, no new pod comes out different before that is mended.
    """
    made, cut = ahead.made, ahead.path.broken
    if cut and (way := _correct_call(mesh, [item for item in injectors(mesh) if path_of(mesh, item).value.broken == cut], cut)):
        return (way,)
    if refused := seen.refused:
        called = called_by_name(mesh, refused.webhook, refused.host)
        return (_correct_call(mesh, called, refused.step) or Advice(summary=refused.advice, command=refused.command or None),)
    if verdict.as_requested and verdict.requested is not None:
        return (*_start_first(mesh, subject, ahead), *_renew(mesh, seen))
    if seen.decider and seen.decider.outcome.check is kubelet.OWN_INIT:
        return tuple(_start_first(mesh, subject, ahead)) or (_read_log(seen.decider),)
    if made.injected is True and verdict.requested is False and (outside := label_outside(subject)):
        return (Advice(summary=f'Move the label {INJECT}: "{outside[0]}" to the pod template: only new pods follow it.'),)
    if wrong := seen.decider:
        return tuple(_advise_on_pods(mesh, subject, seen, wrong.outcome))
    if made.injected is False and verdict.injected is False:
        return tuple(_advise_on_injection(mesh, subject, made, seen))
    if isinstance(verdict.injected, Unknown):
        if not mesh.live:
            return (Advice(summary="Add to the files what decides, or explain the manifests as if applied to a cluster."),)
        text = "What was not read decides. Ask for the rights of docs/rbac.md, or let the API server decide."
        return (Advice(summary=text, settles=_dry_run(subject)),)
    if verdict.decided_by.outcome.check is injector.ANNOTATIONS:
        return (Advice(summary="Correct the annotation of the pod template."),)
    return ()


def _correct_call(mesh: Mesh, called: Sequence[Candidate], broken: Step) -> Advice | None:
    """The way out where the injector cannot be called, as MF309 says it too."""
    if not called:
        return None
    fix = remedy(mesh, called[0], broken)
    return Advice(summary=fix.summary, command=fix.commands[0] if fix.commands else None)


_WORDS = {
    kubelet.INIT: "Give istio-init NET_ADMIN and NET_RAW, and the node iptables, or install Istio's CNI agent, which needs neither.",
    kubelet.SANDBOX: "Look at the CNI agent of the pod's node; a restart renews its token.",
    kubelet.ROOT: "Let meshConfig.discoverySelectors select the namespace; istiod then writes the ConfigMap.",
    kubelet.READINESS: "See the proxy's log for why it has no configuration; the pod has to reach istiod's port 15012.",
    kubelet.ISTIOD: "Find in the proxy's log why it cannot connect.",
    kubelet.CERTIFICATE: "Find in the proxy's log why istiod signs no new one.",
    kubelet.PROXY_UID: "Run the application as another user than the proxy.",
    kubelet.PROBES: "Let the injector rewrite the probes (MF207 has the fix), or let their ports accept plain text (PERMISSIVE).",
    kubelet.LABELS: "Put the label into the template that the pod is made from.",
}


def _advise_on_pods(mesh: Mesh, subject: Subject, seen: Observed, wrong: Outcome) -> Iterator[Advice]:
    pod = seen.pods[0]
    where = pod.ref.namespace_flag
    match wrong.check:
        case kubelet.READINESS:
            yield Advice(summary=_WORDS[kubelet.READINESS], command=f"kubectl logs{where} {pod.name} -c {proxy.PROXY} --tail 50")
        case kubelet.ISTIOD if wrong is kubelet.CONFIGURATION_REFUSED:
            yield Advice(summary="Correct what Envoy's words name, or take back the last change of it.")
        case kubelet.ISTIOD | kubelet.CERTIFICATE:
            yield Advice(summary=_WORDS[wrong.check], command=f"kubectl logs{where} {pod.name} -c {proxy.PROXY} --tail 50")
        case kubelet.SANDBOX:
            yield Advice(summary=_WORDS[kubelet.SANDBOX], command="kubectl rollout restart daemonset/istio-cni-node -n istio-system")
        case kubelet.VALIDATION:
            text = "Delete the pod; its replacement starts on a node whose CNI agent is ready. The agent's repair does so where it is on."
            yield Advice(summary=text, command=f"kubectl delete pod{where} {pod.name}")
        case kubelet.COMPLETION:
            yield from _completion(mesh, seen)
        case kubelet.AGE | kubelet.FAILED_OPEN:
            yield _restart(mesh, seen)
        case kubelet.AUTO:
            yield from propose_labels(mesh, subject)
            yield Advice(summary="Then delete the pod: its replacement is injected.", command=f"kubectl delete pod{where} {pod.name}")
        case kubelet.PROXY:
            yield Advice(summary="Ask the API server what it would make of the pod today.", settles=_dry_run(subject))
        case kubelet.INIT | kubelet.ROOT | kubelet.PROXY_UID | kubelet.PROBES | kubelet.LABELS:
            yield Advice(summary=_WORDS[wrong.check])


def _dry_run(subject: Subject) -> Unknown:
    return Unknown(kind=UnknownKind.RUNTIME, of=subject.ref, settled_by=DRY_RUN)


def _advise_on_injection(mesh: Mesh, subject: Subject, made: Membership, seen: Observed) -> Iterator[Advice]:
    if made.decided_by.outcome.check is injector.HOST_NETWORK:
        yield Advice(summary="Remove hostNetwork from the pod: on the host's network, the traffic of one pod cannot be redirected.")
        return
    if made.decided_by.outcome.check is injector.TEMPLATE:
        yield Advice(summary="Name templates that the injector has in the annotation inject.istio.io/templates.")
        return
    labels = namespace_labels(mesh, subject.namespace)
    for match in match_injectors(mesh, labels, subject.template.labels):
        if match.status is Status.FAIL and match.deciding and match.deciding.requirement.key == ENFORCER_KEY:
            text = "Disable AKS's admissions enforcer for Istio's webhooks, or remove the label control-plane from the namespace."
            yield Advice(
                summary=text,
                command=f"kubectl annotate mutatingwebhookconfiguration {match.configuration} admissions.enforcer/disabled=true",
            )
            return
    if way := _mend_first(mesh):
        yield way
        return
    found = tuple(propose_labels(mesh, subject))
    yield from found
    if found and found[0].fix and seen.pods and not any(patch.resource == subject.ref for patch in found[0].fix.patches):
        yield _restart(mesh, seen, first="Then restart the pods: only new pods get a sidecar.")


def _mend_first(mesh: Mesh) -> Advice | None:
    """The way out where no injector can be called: with a label that asks for one, no pod could be created."""
    calls = [(item, path_of(mesh, item).value.broken) for item in injectors(mesh)]
    broken = calls[0][1] if calls and all(step for _, step in calls) else None
    return _correct_call(mesh, [calls[0][0]], broken) if broken else None


def _start_first(mesh: Mesh, subject: Subject, ahead: Creation) -> Iterator[Advice]:
    """The proxy that starts before the init containers that are cut off without it."""
    if subject.workload is None:
        return
    owner = mesh.workload_of(subject.object) if isinstance(subject.object, Pod) and subject.is_observed else subject.workload
    cut_off = ahead.cut_off or (answer(create_pod(mesh, owner.namespace, owner.template)).cut_off if subject.workload.is_pod else ())
    early = cut_off or ahead.uncovered
    if not early:
        return
    plane = control_plane(mesh, ahead.made.revision) if ahead.made.revision else None
    user = ids_of(plane, mesh.namespace(subject.namespace)).user if cut_off else None
    fix = make_native(mesh, owner, plane, early[0].container, user=user, all_fail=bool(cut_off))
    yield Advice(summary=fix.advice, fix=fix if fix.patches else None)


def _read_log(failing: Step) -> Advice:
    """What the container itself says, where nothing else proves which of its calls failed."""
    pod = failing.at.resource if failing.at else None
    command = f"kubectl logs{pod.namespace_flag} {pod.name} -c {failing.args['container']}" if pod else None
    return Advice(summary="Read why it fails. If a server refuses its plain text, MF206 has the fix.", command=command)


def _renew(mesh: Mesh, seen: Observed) -> Iterator[Advice]:
    if seen.outdated:
        yield _restart(mesh, seen, first="Restart the pods to bring them up to date.")


def _completion(mesh: Mesh, seen: Observed) -> Iterator[Advice]:
    pod = seen.pods[0]
    end = f"kubectl exec{pod.ref.namespace_flag} {pod.name} -c {proxy.PROXY} -- pilot-agent request POST quitquitquit"
    yield Advice(summary="End the proxy of this pod by hand.", command=end)
    owner = mesh.workload_of(pod)
    if not _OPENSHIFT.isdisjoint(pod.labels):
        text = "Let the injector leave OpenShift's build and deployer pods alone: add their labels to neverInjectSelector."
        yield Advice(summary=text, command="kubectl meshfix apply -A --select MF307 --dry-run")
        return
    if owner.is_pod:
        yield Advice(summary=f'For the next one, add the annotation {NATIVE}: "true": kubelet then ends the proxy after the work.')
        return
    text = f'For the next ones, add the annotation {NATIVE}: "true" to the template: kubelet then ends the proxy after the work.'
    changed = pod_template.change(mesh, owner, pod_template.set_annotation(owner, NATIVE, "true"), text, Safety.UNSAFE)
    fix = at_risk(changed, risks.NATIVE_SIDECAR)
    yield Advice(summary=fix.advice, fix=fix)


def _restart(mesh: Mesh, seen: Observed, first: str = "Restart the pods: a new pod gets the sidecar.") -> Advice:
    """The command that replaces the pods that are seen; who makes them decides which."""
    top = mesh.workload_of(seen.pods[0])
    if obstacle := find_obstacle(mesh, top):
        return Advice(summary=reason(obstacle, top))
    if command := restarts.of_workload(top):
        return Advice(summary=first, command=command)
    if top.runs_to_completion:
        return Advice(summary="Let the running Job end, or delete the Job and start it again.")
    pods = " ".join(pod.name for pod in seen.pods[:5])
    return Advice(
        summary=first,
        command=f"kubectl delete pod {pods}{top.ref.namespace_flag}" + ("" if not top.is_pod or top.maker else "  # and create it again"),
    )
