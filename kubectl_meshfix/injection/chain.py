"""The chain kube-apiserver → injector → kubelet for one target: every step, the one that decided, and what to say first."""

from typing import NamedTuple

from kubectl_meshfix.chain.steps import Step, Steps, Where, step, told
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.injection import apiserver, kubelet
from kubectl_meshfix.injection.advice import advise
from kubectl_meshfix.injection.checks.apiserver import LABEL_OUTSIDE
from kubectl_meshfix.injection.checks.kubelet import MANIFEST, NAMESPACE
from kubectl_meshfix.injection.conclusion import conclude
from kubectl_meshfix.injection.creation import create_pod
from kubectl_meshfix.injection.explanation import Advice, Explanation, InjectionVerdict, by_stage
from kubectl_meshfix.injection.kubelet import Observed, look_for_waypoints, observe
from kubectl_meshfix.injection.label_changes import is_labelled_outside
from kubectl_meshfix.injection.labels import INJECT
from kubectl_meshfix.injection.membership import INPUTS as MEMBERSHIP_INPUTS
from kubectl_meshfix.injection.prediction import Mode, WebhookName
from kubectl_meshfix.injection.subjects import Subject
from kubectl_meshfix.mesh import waypoints
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.kinds import Kind

INPUTS: tuple[Kind, ...] = tuple(dict.fromkeys((*MEMBERSHIP_INPUTS, *apiserver.CALL_INPUTS, *kubelet.INPUTS, *waypoints.INPUTS)))
"""Kinds the chain reads, next to the target itself. Any of them may be missing or unreadable; the chain then says so."""


class End(NamedTuple):
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
    if subject.workload and subject.is_observed:
        seen = yield from observe(mesh, subject.workload, ahead.made, ahead.path)
    else:
        yield step(MANIFEST if subject.workload else NAMESPACE)
        seen = Observed()
    verdict = conclude(mesh, subject, ahead, seen, misplaced)
    if verdict.mode is Mode.AMBIENT:
        yield from look_for_waypoints(mesh, subject)
    return End(verdict, ahead.made.webhooks, advise(mesh, subject, ahead.made, verdict, seen, ahead.path.broken))


def _look_outside(subject: Subject) -> Steps[Step | None]:
    """The step about a label that is on the workload instead of on its pods."""
    if not is_labelled_outside(subject):
        return None
    at = Where(resource=subject.ref, path=join("metadata", "labels", INJECT))
    found = step(LABEL_OUTSIDE, at, label=f"{INJECT}={subject.object.labels[INJECT]}", kind=subject.object.kind)
    yield found
    return found
