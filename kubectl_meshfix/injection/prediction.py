"""What the API server and the injector make of a new pod together, told step by step."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from kubectl_meshfix.chain.steps import Status, Step, Steps, Told, Where, retold, step, told
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.injection.apiserver import Calls, WebhookMatch, call_webhooks, namespace_labels, pod_label_keys
from kubectl_meshfix.injection.checks.injector import NOBODY_CALLED
from kubectl_meshfix.injection.checks.kubelet import AMBIENT_NAMESPACE, AMBIENT_POD, PROXY_IN_TEMPLATE
from kubectl_meshfix.injection.injector import Decision, NativeSidecar, choose_sidecar, decide, find_plane, read_config
from kubectl_meshfix.injection.intent import is_ambient, is_wanted
from kubectl_meshfix.injection.labels import DATAPLANE_MODE, INJECT
from kubectl_meshfix.injection.modes import Membership, Mode, WebhookName
from kubectl_meshfix.injection.views import PodView, view_pod
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL, control_planes
from kubectl_meshfix.mesh.selectors import requirements
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.core import PodTemplate
from kubectl_meshfix.resources.meta import Ref


class Asked(NamedTuple):
    """The webhook that decides, its injector's decision, and the kind of sidecar it makes; None where it makes none."""

    match: WebhookMatch
    decision: Decision
    sidecar: NativeSidecar | None


class Prediction(msgspec.Struct, frozen=True):
    """A membership and how it came about: who was asked for it; None where no webhook takes the pod."""

    made: Membership
    asked: Asked | None = None


def predict(mesh: Mesh, pod: PodView) -> Steps[Prediction]:
    """What the API server and the injector make of a new pod, told step by step."""
    return (yield from retold(told_prediction(mesh, pod)))


def look_at(mesh: Mesh, namespace: str, template: PodTemplate) -> PodView:
    """The view of a pod that decides on its membership."""
    return view_pod(namespace, template, mesh.cached("membership labels", _label_keys), bound=not mesh.live)


def _label_keys(mesh: Mesh) -> tuple[str, ...]:
    """The pod labels on which anything here depends."""
    configs = [plane.injector for plane in control_planes(mesh) if plane.injector]
    selectors = (selector for config in configs for selector in (*config.never_inject_selector, *config.always_inject_selector))
    chosen = {requirement.key for selector in selectors for requirement in requirements(selector)}
    return tuple(sorted(chosen | set(pod_label_keys(mesh)) | {INJECT, REVISION_LABEL, DATAPLANE_MODE}))


def told_prediction(mesh: Mesh, pod: PodView) -> Told[Prediction]:
    """Worked out once for all pods that look alike."""
    memo: dict[PodView, Told[Prediction]] = mesh.memo("memberships")
    if pod not in memo:
        memo[pod] = told(_predict(mesh, pod))
    return memo[pod]


Answer = tuple[WebhookMatch, Told[Decision]]


def _predict(mesh: Mesh, pod: PodView) -> Steps[Prediction]:
    labels = namespace_labels(mesh, pod.namespace)
    calls = yield from call_webhooks(mesh, labels, pod)
    answers = [(match, told(decide(find_plane(mesh, match), pod))) for match in calls.called]
    prediction = yield from _ask_injector(mesh, calls, answers, pod)
    made = prediction.made
    if pod.has_proxy:
        made = yield from _find_proxy(pod)
    if made.injected is not True and is_ambient(labels.labels, pod):
        made = yield from _redirect(made, pod)
    webhooks = tuple(
        WebhookName(configuration=match.configuration, webhook=match.webhook) for match in calls.called if match.status is Status.PASS
    )
    return msgspec.structs.replace(prediction, made=msgspec.structs.replace(made, webhooks=webhooks, wanted=is_wanted(labels.labels, pod)))


def _ask_injector(mesh: Mesh, calls: Calls, answers: Sequence[Answer], pod: PodView) -> Steps[Prediction]:
    """What the webhooks make of a pod together, told of the one that decides."""
    assumed = _unread(mesh, _assumed(calls, answers))
    if not answers:
        yield step(NOBODY_CALLED)
        return Prediction(_without(injected=False, decided_by=calls.decider, because=(calls.because,), assumed=assumed))
    match, (steps, decision) = _deciding(answers)
    plane = yield from read_config(mesh, match)
    yield from steps
    is_open = calls.overview.status is Status.UNKNOWN
    because = (decision.decided_by,) if is_open else (calls.overview, decision.decided_by)
    if decision.injects is False:
        made = _without(injected=False, decided_by=decision.decided_by, because=because, assumed=assumed)
        return Prediction(made, Asked(match, decision, None))
    kind = yield from choose_sidecar(mesh, plane, pod)
    if (unknown := match.told.unknown) is not None:
        cause = calls.overview if is_open else match.told
        made = _without(injected=unknown, decided_by=match.told, because=(cause,), assumed=assumed)
    elif decision.injects is not True:
        made = _without(injected=decision.injects, decided_by=decision.decided_by, because=because, assumed=assumed)
    else:
        made = Membership(
            mode=Mode.NATIVE_SIDECAR if kind.native is True else Mode.SIDECAR,
            injected=True,
            native=kind.native,
            revision=match.revision,
            decided_by=decision.decided_by,
            because=because,
            assumed=_unread(mesh, (*((match.assumed,) if match.assumed is not None else ()), *decision.assumed)),
        )
    return Prediction(made, Asked(match, decision, kind))


def _assumed(calls: Calls, answers: Sequence[Answer]) -> tuple[Unknown, ...]:
    webhooks = (match.assumed for match in calls.matches if match.assumed is not None)
    return tuple(dict.fromkeys((*webhooks, *(unknown for _, (_, decision) in answers for unknown in decision.assumed))))


def _unread(mesh: Mesh, assumed: tuple[Unknown, ...]) -> tuple[Unknown, ...]:
    """What is not here, on a cluster that refuses to show it, was not read."""
    if not mesh.live or not mesh.coverage(kinds.CONFIG_MAP).reason:
        return assumed
    unread = UnknownKind.UNREADABLE
    return tuple(msgspec.structs.replace(item, kind=unread) if item.kind is UnknownKind.NOT_IN_FILES else item for item in assumed)


def _deciding(answers: Sequence[Answer]) -> Answer:
    """Of two that inject, the later one has the last word; else the first that may inject, else the last that does not."""
    injecting = (item for item in reversed(answers) if item[0].status is Status.PASS and item[1].value.injects is True)
    possible = (item for item in answers if item[1].value.injects is not False)
    return next(injecting, None) or next(possible, answers[-1])


def _find_proxy(pod: PodView) -> Steps[Membership]:
    found = step(PROXY_IN_TEMPLATE)
    yield found
    return Membership(
        mode=Mode.NATIVE_SIDECAR if pod.has_native_proxy else Mode.SIDECAR,
        injected=True,
        native=pod.has_native_proxy,
        revision=pod.annotations.get(REVISION_LABEL),
        decided_by=found,
        because=(found,),
    )


def _redirect(made: Membership, pod: PodView) -> Steps[Membership]:
    if pod.labels.get(DATAPLANE_MODE) == "ambient":
        found = step(AMBIENT_POD)
    else:
        at = Where(resource=Ref("v1", "Namespace", None, pod.namespace), path=join("metadata", "labels", DATAPLANE_MODE))
        found = step(AMBIENT_NAMESPACE, at)
    yield found
    return msgspec.structs.replace(made, mode=Mode.AMBIENT, decided_by=found, because=(found,))


def _without(*, injected: bool | Unknown, decided_by: Step, because: tuple[Step, ...], assumed: tuple[Unknown, ...]) -> Membership:
    return Membership(mode=Mode.NONE, injected=injected, decided_by=decided_by, because=because, assumed=assumed)
