"""The first stage: which of the injector's webhooks take a pod, or why none does, in the order of the API server's calls."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from kubectl_meshfix.chain.steps import Status, Step, Steps, Where, moot, step
from kubectl_meshfix.chain.unknown import DRY_RUN, Unknown, UnknownKind
from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.injection.apiserver.revisions import served_revisions
from kubectl_meshfix.injection.apiserver.webhook import WebhookMatch
from kubectl_meshfix.injection.apiserver.webhooks import NamespaceLabels, match_all, match_injectors, missing_webhooks
from kubectl_meshfix.injection.checks import apiserver as checks
from kubectl_meshfix.injection.intent import inject_value, is_wanted
from kubectl_meshfix.injection.labels import INJECT, INJECTION, METADATA_NAME
from kubectl_meshfix.injection.views import PodView
from kubectl_meshfix.mesh.control_plane import REVISION_LABEL
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.meta import Ref

DEACTIVATED_KEY = "istio.io/deactivated"
_ISTIO_KEYS = frozenset({INJECT, INJECTION, REVISION_LABEL, METADATA_NAME, DEACTIVATED_KEY})
_ORDER = tuple(
    check.id for check in (checks.NAMESPACE_SELECTOR, checks.OBJECT_SELECTOR, checks.RULES, checks.MATCH_POLICY, checks.MATCH_CONDITIONS)
)


class Calls(msgspec.Struct, frozen=True):
    """The injector's webhooks that are called, or may be. ``overview`` says which or why none, ``because`` so in one sentence, and
    ``decider`` is the check that decides it.
    """

    called: tuple[WebhookMatch, ...]
    matches: tuple[WebhookMatch, ...]
    overview: Step
    decider: Step
    because: Step


def call_webhooks(mesh: Mesh, namespace: NamespaceLabels, pod: PodView) -> Steps[Calls]:
    """What the API server does with each of the injector's webhooks for a new pod."""
    matches = match_injectors(mesh, namespace, pod.labels)
    called = tuple(match for match in matches if match.status is not Status.FAIL)
    if matches:
        yield _installation(mesh, matches)
    overview = _taken(mesh, called, namespace.labels, pod) if called else _unmatched(mesh, matches, namespace.labels, pod)
    yield overview
    decider = overview if called or not matches else _closest(matches, overview)
    for match in matches:
        if not (match.deciding and match.deciding.requirement.key == DEACTIVATED_KEY) or match.told is decider:
            yield match.told if match.status is not Status.FAIL or match.told is decider else moot(match.told)
    yield from _deactivated(matches, called, decider)
    if len(sure := [match for match in called if match.status is Status.PASS]) > 1:
        evidence = tuple(f"{match.configuration}/{match.webhook}" for match in sure)
        yield step(checks.INJECTED_AGAIN, evidence=evidence, count=len(sure), last=sure[-1].configuration)
    changed = overview.args.get("cause")
    return Calls(called, matches, overview, decider, changed if isinstance(changed, Step) else overview)


def see_others(mesh: Mesh, namespace: NamespaceLabels, labels: Mapping[str, str], called: Sequence[WebhookMatch]) -> Steps[bool]:
    """Whether other people's webhooks see the pod: before the injector they may change its labels, after it its containers."""
    found = match_all(mesh, namespace, labels)
    others = [match for match in found if not match.is_injector and match.status is not Status.FAIL]
    if not others:
        return False
    names = [(match.configuration, match.webhook) for match in found]
    injectors = [(item.configuration, item.webhook) for item in called or [match for match in found if match.is_injector]]
    first = min(map(names.index, injectors), default=len(found))
    evidence = tuple(
        f"{match.configuration}/{match.webhook}: {'before' if place < first else 'after'} the injector"
        for place, match in enumerate(found)
        if match in others
    )
    unknown = Unknown(kind=UnknownKind.OPAQUE, of=others[0].webhook, settled_by=DRY_RUN)
    yield step(checks.OTHERS, evidence=evidence, unknown=unknown, count=len(others))
    return True


def _installation(mesh: Mesh, matches: Sequence[WebhookMatch]) -> Step:
    missing = missing_webhooks(mesh)
    if missing is None:
        configurations = ", ".join(dict.fromkeys(match.configuration for match in matches))
        return step(checks.READ, count=len(matches), configurations=configurations)
    if missing.kind is UnknownKind.NOT_IN_FILES:
        return step(checks.NOT_IN_FILES, unknown=missing)
    reason = mesh.coverage(kinds.MUTATING_WEBHOOK_CONFIGURATION).reason
    return step(checks.UNREADABLE, unknown=missing, reason=reason)


def _taken(mesh: Mesh, called: Sequence[WebhookMatch], namespace: Mapping[str, str], pod: PodView) -> Step:
    """What brought the pod to the injector, in the order the chart's selectors give it."""
    evidence = tuple(f"{match.configuration}/{match.webhook}" for match in called)
    sure = next((match for match in called if match.status is Status.PASS), None)
    if sure is None:
        told = called[0].told
        if told.outcome is checks.CEL:
            return step(checks.ONLY_EVALUATED, told.at, evidence=evidence, unknown=told.unknown, webhook=told.args["webhook"])
        if not mesh.live and pod.namespace == "default":  # where documents that name no namespace are read into
            return step(checks.UNPLACED, evidence=evidence, unknown=told.unknown)
        space = Where(resource=Ref("v1", "Namespace", None, pod.namespace))
        return step(checks.LABELS_UNKNOWN, space, evidence=evidence, unknown=told.unknown, namespace=pod.namespace)
    revision = f"{sure.revision} (assumed to be installed)" if sure.assumed is not None else sure.revision
    on_namespace = {INJECTION: "enabled"} if namespace.get(INJECTION) == "enabled" else {REVISION_LABEL: namespace.get(REVISION_LABEL)}
    on_pod = {REVISION_LABEL: pod.labels.get(REVISION_LABEL)}
    if pod.labels.get(INJECT) == "true" and not on_pod[REVISION_LABEL]:
        on_pod = {INJECT: "true"}
    for outcome, found in ((checks.NAMESPACE_SELECTS, on_namespace), (checks.POD_SELECTS, on_pod)):
        for key, value in found.items():
            if value:
                at = _label_of(pod.namespace, key) if outcome is checks.NAMESPACE_SELECTS else None
                return step(outcome, at, evidence=evidence, label=f"{key}={value}", revision=revision)
    return step(checks.ALL_SELECTED, evidence=evidence, revision=revision)


def _unmatched(mesh: Mesh, matches: Sequence[WebhookMatch], namespace: Mapping[str, str], pod: PodView) -> Step:
    """Why no webhook takes the pod."""
    labels = pod.labels
    served = ", ".join(served_revisions(mesh)) or "none"
    if not matches:
        return step(checks.NOT_INSTALLED)
    if is_wanted(namespace, pod) and (odd := next(filter(_is_odd, matches), None)):
        return step(checks.CHANGED, odd.told.at, cause=odd.told)
    if all(match.decided_by == checks.NAMESPACE_SELECTOR.id for match in matches) and namespace.get(INJECTION, "enabled") != "enabled":
        return step(checks.NAMESPACE_REFUSES, _label_of(pod.namespace, INJECTION), label=f"{INJECTION}={namespace[INJECTION]}")
    if labels.get(INJECT) == "false" and any(match.deciding and match.deciding.requirement.key == INJECT for match in matches):
        return step(checks.POD_REFUSES, label=f"{INJECT}=false")
    if namespace.get(INJECTION) == "enabled":
        return step(checks.NO_DEFAULT, _label_of(pod.namespace, INJECTION), label=f"{INJECTION}=enabled", served=served)
    if REVISION_LABEL in namespace:
        at = _label_of(pod.namespace, REVISION_LABEL)
        return step(checks.NAMESPACE_UNSERVED, at, revision=namespace[REVISION_LABEL], served=served)
    if REVISION_LABEL in labels:
        return step(checks.POD_UNSERVED, revision=labels[REVISION_LABEL], served=served)
    if labels.get(INJECT) == "true":
        return step(checks.DEFAULT_UNSERVED, label=f"{INJECT}=true", served=served)
    value, where = inject_value(pod)
    if where == "annotation" and value.lower() == "true":
        return step(checks.ANNOTATION_ONLY, annotation=f"{INJECT}={value}")
    if INJECT in labels:
        return step(checks.OTHER_VALUE, key=INJECT, value=value)
    return step(checks.NOBODY_ASKS)


def _is_odd(match: WebhookMatch) -> bool:
    """Whether a webhook stays away for a reason that Istio's own selectors never give: somebody changed it."""
    return match.deciding.requirement.key not in _ISTIO_KEYS if match.deciding else True


def _closest(matches: Sequence[WebhookMatch], overview: Step) -> Step:
    """The step of the webhook that came closest to taking the pod; of several, the one that the overview speaks of."""
    closest = max((match.decided_by for match in matches), key=_ORDER.index)
    alike = [match for match in matches if match.decided_by == closest]
    return max(alike, key=lambda match: _relevance(match, overview)).told


def _relevance(match: WebhookMatch, overview: Step) -> tuple[bool, bool, bool]:
    """Whether a webhook is the cause, asks for a label that the overview names, and for another value of one that is there."""
    named = str(overview.args.get("label") or overview.args.get("annotation") or INJECT)
    is_cause, deciding = match.told is overview.args.get("cause"), match.deciding
    if deciding is None:
        return is_cause, False, False
    asks = deciding.requirement.operator == "In"
    return is_cause, asks and deciding.requirement.key == named.partition("=")[0], asks and deciding.actual is not None


def _deactivated(matches: Sequence[WebhookMatch], called: Sequence[WebhookMatch], decider: Step) -> Iterator[Step]:
    resting = {
        match.configuration: match
        for match in matches
        if match.deciding and match.deciding.requirement.key == DEACTIVATED_KEY and match.told is not decider
    }
    for name, match in resting.items():
        at = Where(resource=match.told.at.resource) if match.told.at else None
        other = next((item.configuration for item in called), "")
        evidence = (f"{DEACTIVATED_KEY}: never-match",)
        outcome = checks.REPLACED if other else checks.SWITCHED_OFF
        yield step(outcome, at, evidence=evidence, configuration=name, other=other)


def _label_of(namespace: str, key: str) -> Where:
    return Where(resource=Ref("v1", "Namespace", None, namespace), path=join("metadata", "labels", key))
