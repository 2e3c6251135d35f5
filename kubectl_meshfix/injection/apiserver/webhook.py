"""One webhook and a new pod: the API server's checks (`k8s.io/apiserver`, `plugin/webhook/generic/webhook.go ShouldCallHook`)."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from kubectl_meshfix.chain.steps import Outcome, Status, Step, Steps, Where, step
from kubectl_meshfix.chain.unknown import DRY_RUN, Unknown, UnknownKind
from kubectl_meshfix.injection.checks import apiserver as checks
from kubectl_meshfix.mesh.control_plane import INJECTOR_WEBHOOK, is_injector, serving_revision
from kubectl_meshfix.mesh.selectors import holds, requirements
from kubectl_meshfix.resources.admission import Webhook, WebhookConfiguration, WebhookRule
from kubectl_meshfix.resources.meta import Requirement, Struct

ENFORCER_KEY = "control-plane"
"""The label that AKS's admissions enforcer makes every webhook avoid."""

Owner = Literal["namespace", "pod"]


class Candidate(msgspec.Struct, frozen=True):
    """A webhook, its configuration, and its place in there. ``assumed`` ones were not read: they are what the chart installs."""

    configuration: WebhookConfiguration
    webhook: Webhook
    place: int = 0
    assumed: Unknown | None = None


class Deciding(Struct, frozen=True):
    """The requirement that decided, whose labels it was held against, and the label's value; None where there is no such label."""

    owner: Owner
    requirement: Requirement
    actual: str | None


class WebhookMatch(Struct, frozen=True):
    """Whether the API server calls one webhook. PASS: it does; FAIL: it does not; UNKNOWN: ``told`` names what could not be told.

    ``told`` is the step that says so: ``called``, else the first answer that is no yes. ``revision`` and ``namespace`` are the istiod's
    that answers; ``assumed`` is why the webhook itself had to be assumed.
    """

    configuration: str
    webhook: str
    is_injector: bool
    revision: str
    namespace: str
    status: Status
    told: Step
    deciding: Deciding | None = None
    assumed: Unknown | None = None

    @property
    def decided_by(self) -> str:
        """The id of the check that is no yes; empty for a webhook that is called."""
        return "" if self.status is Status.PASS else self.told.check


def match_webhook(
    candidate: Candidate, namespace: Mapping[str, str], pod: Mapping[str, str], missing: Unknown | None = None
) -> Steps[WebhookMatch]:
    """The API server's checks of one webhook for the creation of a pod, up to the first that fails.

    ``missing`` is why labels that the namespace does not show may be there all the same.
    """
    webhook = candidate.webhook
    open_step, deciding = yield from _select_namespace(candidate, namespace, missing)
    if open_step and open_step.status is Status.FAIL:
        return _matched(candidate, open_step, deciding)
    failed, requirement = yield from _select_pod(candidate, pod)
    if failed:
        return _matched(candidate, failed, requirement)
    at = _where(candidate, "rules")
    if not any(_asks_for_pods(rule) for rule in webhook.rules):
        yield (failed := step(checks.NOT_COVERED, at, webhook=_name(candidate)))
        return _matched(candidate, failed, None)
    yield step(checks.COVERED, at, webhook=_name(candidate))
    yield step(checks.ONE_VERSION, _where(candidate, "matchPolicy"))
    opaque = yield from _evaluate_conditions(candidate)
    return _matched(candidate, open_step or opaque, deciding)


def format_requirement(requirement: Requirement) -> str:
    """A requirement as `kubectl -l` spells it."""
    key, values = requirement.key, ",".join(requirement.values)
    match requirement.operator, len(requirement.values):
        case "In", 1:
            return f"{key}={values}"
        case "NotIn", 1:
            return f"{key}!={values}"
        case "In" | "NotIn", _:
            return f"{key} {requirement.operator.lower()} ({values})"
        case "DoesNotExist", _:
            return f"!{key}"
        case _:
            return key


def _matched(candidate: Candidate, decider: Step | None, deciding: Deciding | None) -> WebhookMatch:
    configuration, webhook, assumed = candidate.configuration, candidate.webhook, candidate.assumed
    service = webhook.client_config.service
    revision = serving_revision(configuration, webhook)
    evidence = tuple(
        f"{name}: {', '.join(map(format_requirement, requirements(selector))) or 'all'}"
        for name, selector in (("namespaceSelector", webhook.namespace_selector), ("objectSelector", webhook.object_selector))
        if assumed is None
    )
    called = step(checks.CALLED, _where(candidate), webhook=_name(candidate), revision=revision, evidence=evidence)
    return WebhookMatch(
        configuration=configuration.name,
        webhook=webhook.name,
        is_injector=is_injector(webhook),
        revision=revision,
        namespace=service.namespace if service else "",
        status=decider.status if decider else Status.PASS,
        told=decider or called,
        deciding=deciding,
        assumed=assumed,
    )


def _select_namespace(
    candidate: Candidate, labels: Mapping[str, str], missing: Unknown | None
) -> Steps[tuple[Step | None, Deciding | None]]:
    """The step that is no yes, and what it rests on."""
    wanted = requirements(candidate.webhook.namespace_selector)
    undecided = [item for item in wanted if missing is not None and item.key not in labels]
    at, name = _where(candidate, "namespaceSelector"), _name(candidate)
    evidence = tuple(map(format_requirement, wanted))
    if failed := next((item for item in wanted if item not in undecided and not holds(item, labels)), None):
        deciding = Deciding(owner="namespace", requirement=failed, actual=labels.get(failed.key))
        outcome = checks.NAMESPACE_ENFORCED if failed.key == ENFORCER_KEY else checks.NAMESPACE_DIFFERS
        yield (found := step(outcome, at, evidence=evidence, webhook=name, wanted=format_requirement(failed), actual=_actual(deciding)))
        return found, deciding
    if undecided:
        found = step(
            checks.NAMESPACE_UNKNOWN, at, evidence=evidence, unknown=missing, webhook=name, wanted=format_requirement(undecided[0])
        )
        yield found
        return found, Deciding(owner="namespace", requirement=undecided[0], actual=None)
    yield _selected(checks.NAMESPACE_MATCHES if wanted else checks.EVERY_NAMESPACE, at, name, evidence)
    return None, None


def _select_pod(candidate: Candidate, labels: Mapping[str, str]) -> Steps[tuple[Step | None, Deciding | None]]:
    wanted = requirements(candidate.webhook.object_selector)
    at, name = _where(candidate, "objectSelector"), _name(candidate)
    evidence = tuple(map(format_requirement, wanted))
    if failed := next((item for item in wanted if not holds(item, labels)), None):
        deciding = Deciding(owner="pod", requirement=failed, actual=labels.get(failed.key))
        found = step(checks.POD_DIFFERS, at, evidence=evidence, webhook=name, wanted=format_requirement(failed), actual=_actual(deciding))
        yield found
        return found, deciding
    yield _selected(checks.POD_MATCHES if wanted else checks.EVERY_POD, at, name, evidence)
    return None, None


def _selected(outcome: Outcome, at: Where, name: str, evidence: tuple[str, ...]) -> Step:
    return step(outcome, at, evidence=evidence, webhook=name, wanted=", ".join(evidence))


def _evaluate_conditions(candidate: Candidate) -> Steps[Step | None]:
    conditions = candidate.webhook.match_conditions
    at = _where(candidate, "matchConditions")
    if not conditions:
        yield step(checks.NO_CONDITIONS, at, webhook=_name(candidate))
        return None
    unknown = Unknown(kind=UnknownKind.OPAQUE, of=f"matchConditions of {candidate.webhook.name}", settled_by=DRY_RUN)
    evidence = tuple(f"{condition.name}: {condition.expression}" for condition in conditions)
    found = step(checks.CEL, at, evidence=evidence, unknown=unknown, webhook=_name(candidate))
    yield found
    return found


def _actual(deciding: Deciding) -> str:
    key = deciding.requirement.key
    return f"no label {key}" if deciding.actual is None else f"{key}={deciding.actual}"


def _name(candidate: Candidate) -> str:
    return f"{candidate.webhook.name.removesuffix(f'.{INJECTOR_WEBHOOK}')} of {candidate.configuration.name}"


def _where(candidate: Candidate, field: str = "") -> Where:
    return Where(resource=candidate.configuration.ref, path=f"/webhooks/{candidate.place}" + (f"/{field}" if field else ""))


def _asks_for_pods(rule: WebhookRule) -> bool:
    """Whether a rule matches the creation of a pod (`webhook/predicates/rules/rules.go Matcher`)."""
    return (
        rule.scope in ("*", "Namespaced")
        and bool({"CREATE", "*"} & set(rule.operations))
        and bool({"", "*"} & set(rule.api_groups))
        and bool({"v1", "*"} & set(rule.api_versions))
        and bool({"pods", "*", "pods/*", "*/*"} & set(rule.resources))
    )
