"""The chain kube-apiserver → injector → kubelet for one target: every step, the one that decided, and what to say first."""

import msgspec

from kubectl_meshfix.chain.steps import Step, Steps, Where, step, told
from kubectl_meshfix.injection import kubelet
from kubectl_meshfix.injection.advice import advise
from kubectl_meshfix.injection.checks.apiserver import LABEL_OUTSIDE
from kubectl_meshfix.injection.checks.kubelet import MANIFEST, NAMESPACE
from kubectl_meshfix.injection.conclusion import conclude
from kubectl_meshfix.injection.creation import create_pod
from kubectl_meshfix.injection.explanation import Advice, Explanation, InjectionVerdict, by_stage
from kubectl_meshfix.injection.ignored_labels import ignored_labels
from kubectl_meshfix.injection.inputs import CALL_INPUTS
from kubectl_meshfix.injection.inputs import INPUTS as MEMBERSHIP_INPUTS
from kubectl_meshfix.injection.kubelet import Observed, look_for_waypoints, observe
from kubectl_meshfix.injection.label_changes import label_outside
from kubectl_meshfix.injection.labels import INJECT
from kubectl_meshfix.injection.modes import Mode, WebhookName
from kubectl_meshfix.injection.subjects import Subject
from kubectl_meshfix.mesh import waypoints
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.kinds import Kind

INPUTS: tuple[Kind, ...] = tuple(
    dict.fromkeys((*MEMBERSHIP_INPUTS, *CALL_INPUTS, *kubelet.INPUTS, *waypoints.INPUTS, kinds.RESOURCE_QUOTA))
)
"""Kinds the chain reads, next to the target itself. Any of them may be missing or unreadable; the chain then says so."""


class End(msgspec.Struct, frozen=True):
    """Where a chain ends."""

    verdict: InjectionVerdict
    webhooks: tuple[WebhookName, ...]
    advice: tuple[Advice, ...]


def explain(mesh: Mesh, subject: Subject) -> Explanation:
    """The whole chain for a pod, a workload or a namespace."""
    steps, end = told(walk(mesh, subject))
    return Explanation(target=subject.ref, verdict=end.verdict, matched_webhooks=end.webhooks, stages=by_stage(steps), advice=end.advice)


def walk(mesh: Mesh, subject: Subject) -> Steps[End]:
    """The stages one after the other, and what they come to."""
    misplaced = yield from _look_outside(subject)
    ahead = yield from create_pod(mesh, subject.namespace, subject.template)
    if subject.workload and (subject.is_observed or kubelet.shows_failure(mesh, subject.workload)):
        seen = yield from observe(mesh, subject.workload, ahead.made, ahead.path)
    else:
        yield step(MANIFEST if subject.workload else NAMESPACE)
        seen = Observed()
    ignored = tuple(ignored_labels(mesh, subject, ahead.made))
    yield from ignored
    verdict = conclude(mesh, subject, ahead, seen, misplaced, ignored)
    if verdict.mode is Mode.AMBIENT:
        yield from look_for_waypoints(mesh, subject)
    return End(verdict, ahead.made.webhooks, advise(mesh, subject, ahead, verdict, seen))


def _look_outside(subject: Subject) -> Steps[Step | None]:
    """The step about a label that is on the workload instead of on its pods."""
    outside = label_outside(subject)
    if outside is None:
        return None
    value, path = outside
    kind = subject.object.kind if path.startswith("/metadata") else f"{subject.object.kind}'s jobTemplate"
    found = step(LABEL_OUTSIDE, Where(resource=subject.ref, path=path), label=f"{INJECT}={value}", kind=kind)
    yield found
    return found
