"""The chain kube-apiserver → injector → kubelet for one target: every check, the one that decided, and what to say first."""

from typing import NamedTuple

from kubectl_meshfix.chain.checks import Check, Status
from kubectl_meshfix.injection.advice import advice
from kubectl_meshfix.injection.apiserver import call_path
from kubectl_meshfix.injection.apiserver.call_path import first_failure
from kubectl_meshfix.injection.apiserver.webhooks import namespace_labels
from kubectl_meshfix.injection.creation import Creation, CreationResult, predict_creation
from kubectl_meshfix.injection.explanation import APISERVER, INJECTOR, KUBELET, Explanation, InjectionVerdict, stage
from kubectl_meshfix.injection.injector.decision import HOST_NETWORK, IGNORED, NEVER, inject_value
from kubectl_meshfix.injection.kubelet import controllers, observation
from kubectl_meshfix.injection.kubelet.admission_errors import CREATION
from kubectl_meshfix.injection.kubelet.observation import Observed, observe
from kubectl_meshfix.injection.kubelet.proxy_health import COMPLETION
from kubectl_meshfix.injection.label_changes import is_labelled_outside
from kubectl_meshfix.injection.labels import DATAPLANE_MODE, INJECT, INJECTION
from kubectl_meshfix.injection.membership import INPUTS as MEMBERSHIP_INPUTS
from kubectl_meshfix.injection.membership import DecidedBy, Mode
from kubectl_meshfix.injection.proxy import PROXY, has_native_proxy, has_proxy, is_ambient, is_namespace_wanted, is_redirected
from kubectl_meshfix.injection.subjects import Subject
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.kinds import Kind

INPUTS: tuple[Kind, ...] = tuple(dict.fromkeys((*MEMBERSHIP_INPUTS, *call_path.INPUTS, *controllers.INPUTS)))
"""Kinds the chain reads, next to the target itself. Any of them may be missing or unreadable; the chain then says so."""

_DELIBERATE = frozenset({HOST_NETWORK, IGNORED, NEVER})
"""Checks by which the injector keeps away from pods that do not ask for themselves: somebody's decision, and no mishap."""


def explain(mesh: Mesh, subject: Subject) -> Explanation:
    """The whole chain for a pod, a workload or a namespace."""
    ahead = predict_creation(mesh, subject.namespace, subject.template)
    workload = subject.workload
    seen = observe(mesh, workload, ahead.made, ahead.path) if workload and subject.is_observed else Observed(_unobserved(subject))
    verdict = conclude(mesh, subject, ahead, seen)
    stages = (
        stage(APISERVER, (*ahead.apiserver, *ahead.path)),
        stage(INJECTOR, ahead.injector),
        stage(KUBELET, seen.checks),
    )
    ways_out = advice(mesh, subject, ahead.made, verdict, seen, first_failure(ahead.path))
    return Explanation(target=subject.ref, verdict=verdict, matched_webhooks=ahead.made.webhooks, stages=stages, advice=ways_out)


def _unobserved(subject: Subject) -> tuple[Check, ...]:
    what = "A namespace makes no pods itself." if subject.workload is None else "This is a manifest: there is no pod yet."
    return (Check(name=observation.PODS, status=Status.SKIPPED, detail=what),)


# ---------------------------------------------------------------- the verdict


def conclude(mesh: Mesh, subject: Subject, ahead: Creation, seen: Observed) -> InjectionVerdict:
    """What became of the target, by the first thing that went wrong; else what decides on it."""
    asked = _asked(mesh, subject)
    made = ahead.made
    outcome = _past(ahead, seen) or _future(ahead)
    if not seen.pods and not seen.refused and ahead.prospect is not CreationResult.INJECTED and (check := first_failure(ahead.path)):
        outcome = _unreachable(ahead, check)
    if not outcome.injected and is_labelled_outside(subject):
        label = f"{INJECT}={subject.object.labels[INJECT]}"
        misplaced = f"The label {label} is on the {subject.object.kind}, not on its pods, where injection looks for it."
        outcome = outcome._replace(summary=f"{misplaced} {outcome.summary}")
    is_deliberate = made.decided_by.check in _DELIBERATE and inject_value(subject.template)[0] != "true"
    has_its_way = {
        True: outcome.injected is True or outcome.mode is not Mode.NONE or is_deliberate,
        False: outcome.injected is False,
        None: True,
    }
    healthy = seen.decider is None and seen.refused is None
    is_cut = bool(made.injected) and first_failure(ahead.path) is not None
    is_known = asked is not None or namespace_labels(mesh, subject.namespace).known
    return InjectionVerdict(
        injected=outcome.injected,
        mode=outcome.mode,
        decided_by=outcome.decided_by,
        summary=outcome.summary,
        requested=asked,
        as_requested=has_its_way[asked] and healthy and not is_cut and is_known and outcome.injected is not None,
    )


class _Outcome(NamedTuple):
    injected: bool | None
    mode: Mode
    decided_by: DecidedBy
    summary: str


def _past(ahead: Creation, seen: Observed) -> _Outcome | None:
    """What the pods, or their absence, prove."""
    mode = Mode.NONE if not seen.injected else Mode.NATIVE_SIDECAR if any(has_native_proxy(pod.spec) for pod in seen.pods) else Mode.SIDECAR
    if seen.refused:
        found, further = seen.refused, "further " if seen.pods else ""
        cause = found.cause if found.check != CREATION else f"{found.cause.rstrip('.')}: {seen.message}"
        cut = first_failure(ahead.path)
        cause = cut.detail if cut and cut.name == found.check else cause
        decided_by = DecidedBy(stage=found.stage, check=found.check)
        return _Outcome(bool(seen.injected), mode, decided_by, f"No {further}pod can be created: {cause}")
    if not seen.pods:
        return None
    if not seen.injected:
        if seen.decider is None:
            return _ambient(ahead, seen)
        return _Outcome(False, Mode.NONE, DecidedBy(stage=KUBELET, check=seen.decider.name), seen.decider.detail)
    if seen.decider:
        text = seen.decider.detail if seen.decider.name == COMPLETION else f"The sidecar is there, but does not work: {seen.decider.detail}"
        return _Outcome(True, mode, DecidedBy(stage=KUBELET, check=seen.decider.name), text)
    if not ahead.made.injected:
        would = "would not get it" if ahead.made.injected is False else "may not get it, for all that could be read"
        text = f"The pod has its proxy; one made now {would}: {ahead.made.reason}"
        return _Outcome(True, mode, DecidedBy(stage=KUBELET, check=PROXY), text)
    cut = first_failure(ahead.path)
    after = f" But the next pod cannot be injected: {cut.detail}" if cut else ""
    decided_by = DecidedBy(stage=APISERVER, check=cut.name) if cut else ahead.made.decided_by
    return _Outcome(True, mode, decided_by, f"{ahead.made.reason}{after}")


def _ambient(ahead: Creation, seen: Observed) -> _Outcome | None:
    """Pods that the CNI agent redirects, or should."""
    if ahead.made.mode is not Mode.AMBIENT:
        return None
    missing = [pod.name for pod in seen.pods if not is_redirected(pod.metadata.annotations)]
    late = f" {missing[0]} is not enrolled yet: its node's CNI agent has not got to it." if missing else ""
    return _Outcome(False, Mode.AMBIENT, ahead.made.decided_by, f"{ahead.made.reason}{late}")


def _future(ahead: Creation) -> _Outcome:
    made = ahead.made
    if check := ahead.refused_by:
        return _Outcome(False, Mode.NONE, DecidedBy(stage=INJECTOR, check=check.name), f"No pod can be created: {check.detail}")
    return _Outcome(made.injected, made.mode, made.decided_by, made.reason)


def _unreachable(ahead: Creation, check: Check) -> _Outcome:
    what = "Pods are created without a sidecar, silently" if ahead.opens else "No pod can be created"
    return _Outcome(False, Mode.NONE, DecidedBy(stage=APISERVER, check=check.name), f"{what}: {check.detail}")


def _asked(mesh: Mesh, subject: Subject) -> bool | None:
    """What labels ask for: the pod's own word first, then its namespace's."""
    if has_proxy(subject.template.spec):
        return True
    value = inject_value(subject.template)[0] or (subject.object.labels[INJECT] if is_labelled_outside(subject) else "")
    if value.lower() in ("true", "false"):
        return value.lower() == "true"
    labels = namespace_labels(mesh, subject.namespace).labels
    if subject.template.labels.get(REVISION_LABEL) or is_ambient(labels, subject.template):
        return True
    if INJECTION in labels and not is_namespace_wanted(labels):
        return False
    mode = subject.template.labels.get(DATAPLANE_MODE)
    heard = {key: item for key, item in labels.items() if key != DATAPLANE_MODE or mode != "none"}
    return True if is_namespace_wanted(heard) else None
