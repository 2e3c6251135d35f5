"""One webhook and a new pod: the API server's checks (`k8s.io/apiserver`, `plugin/webhook/generic/webhook.go ShouldCallHook`)."""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from kubectl_meshfix.chain.checks import Check, Status
from kubectl_meshfix.mesh.control_plane import is_injector, serving_revision
from kubectl_meshfix.mesh.selectors import holds, requirements
from kubectl_meshfix.resources.admission import MutatingWebhookConfiguration, Webhook, WebhookRule
from kubectl_meshfix.resources.meta import LabelSelector, Requirement, Struct

NAMESPACE_SELECTOR, OBJECT_SELECTOR, RULES, MATCH_POLICY, MATCH_CONDITIONS = CHECKS = (
    "namespaceSelector", "objectSelector", "rules", "matchPolicy", "matchConditions",
)  # fmt: skip
"""The API server's questions, in its order."""

Owner = Literal["namespace", "pod"]


class NamespaceLabels(NamedTuple):
    """A namespace's labels; where its object was not read, only the implied one is there and the others are not ``known``."""

    labels: Mapping[str, str]
    known: bool = True


class Deciding(Struct, frozen=True):
    """The requirement that decided, whose labels it was held against, and the label's value; None where there is no such label."""

    owner: Owner
    requirement: Requirement
    actual: str | None


class Verdict(Struct, frozen=True):
    """Whether the API server calls one webhook. PASS: it does; FAIL: it does not; UNKNOWN: ``decided_by`` names what could not be told.

    ``revision`` and ``namespace`` are the istiod's that answers. ``assumed`` webhooks were not read: they are what the chart installs.
    """

    configuration: str
    webhook: str
    is_injector: bool
    revision: str
    namespace: str
    status: Status
    checks: tuple[Check, ...]
    decided_by: str = ""
    deciding: Deciding | None = None
    assumed: bool = False


def evaluate(
    configuration: MutatingWebhookConfiguration,
    webhook: Webhook,
    namespace: NamespaceLabels,
    pod_labels: Mapping[str, str],
    *,
    assumed: bool = False,
) -> Verdict:
    """The API server's checks of one webhook for the creation of a pod, up to the first that fails."""
    checks: list[Check] = []
    deciding: Deciding | None = None
    for check, requirement in _checks(webhook, namespace, pod_labels):
        checks.append(check)
        if check.status is Status.FAIL:
            deciding = requirement
            break
        deciding = deciding or requirement
    decider = checks[-1] if checks[-1].status is Status.FAIL else next((check for check in checks if check.status is Status.UNKNOWN), None)
    service = webhook.client_config.service
    return Verdict(
        configuration=configuration.name,
        webhook=webhook.name,
        is_injector=is_injector(webhook),
        revision=serving_revision(configuration, webhook),
        namespace=service.namespace if service else "",
        status=decider.status if decider else Status.PASS,
        checks=(*checks, *(Check(name=name, status=Status.SKIPPED) for name in CHECKS[len(checks) :])),
        decided_by=decider.name if decider else "",
        deciding=deciding,
        assumed=assumed,
    )


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


def _checks(webhook: Webhook, namespace: NamespaceLabels, pod_labels: Mapping[str, str]) -> Iterator[tuple[Check, Deciding | None]]:
    yield _selector(NAMESPACE_SELECTOR, "namespace", webhook.namespace_selector, namespace)
    yield _selector(OBJECT_SELECTOR, "pod", webhook.object_selector, NamespaceLabels(pod_labels))
    if any(_asks_for_pods(rule) for rule in webhook.rules):
        yield Check(name=RULES, status=Status.PASS, detail="The webhook asks for new pods."), None
    else:
        yield Check(name=RULES, status=Status.FAIL, detail="No rule of the webhook asks for new pods."), None
    yield Check(name=MATCH_POLICY, status=Status.SKIPPED, detail="Pods have no equivalent in another API version."), None
    if webhook.match_conditions:
        expressions = tuple(f"{condition.name}: {condition.expression}" for condition in webhook.match_conditions)
        yield Check(name=MATCH_CONDITIONS, status=Status.UNKNOWN, detail="CEL is not evaluated here.", evidence=expressions), None
    else:
        yield Check(name=MATCH_CONDITIONS, status=Status.PASS, detail="The webhook has none."), None


def _selector(name: str, owner: Owner, selector: LabelSelector, of: NamespaceLabels) -> tuple[Check, Deciding | None]:
    wanted = requirements(selector)
    evidence = tuple(map(format_requirement, wanted))
    undecided = [requirement for requirement in wanted if not of.known and requirement.key not in of.labels]
    failed = next((requirement for requirement in wanted if requirement not in undecided and not holds(requirement, of.labels)), None)
    if failed:
        actual = of.labels.get(failed.key)
        has = f"no label {failed.key}" if actual is None else f"{failed.key}={actual}"
        detail = f"It wants {format_requirement(failed)}, and the {owner} has {has}."
        deciding = Deciding(owner=owner, requirement=failed, actual=actual)
        return Check(name=name, status=Status.FAIL, detail=detail, evidence=evidence), deciding
    if undecided:
        detail = f"It wants {format_requirement(undecided[0])}, and the {owner}'s labels are not known."
        deciding = Deciding(owner=owner, requirement=undecided[0], actual=None)
        return Check(name=name, status=Status.UNKNOWN, detail=detail, evidence=evidence), deciding
    return Check(name=name, status=Status.PASS, detail=f"The {owner} matches." if wanted else "It selects all.", evidence=evidence), None


def _asks_for_pods(rule: WebhookRule) -> bool:
    """Whether a rule matches the creation of a pod (`webhook/predicates/rules/rules.go Matcher`)."""
    return (
        rule.scope in ("*", "Namespaced")
        and bool({"CREATE", "*"} & set(rule.operations))
        and bool({"", "*"} & set(rule.api_groups))
        and bool({"v1", "*"} & set(rule.api_versions))
        and bool({"pods", "*", "pods/*", "*/*"} & set(rule.resources))
    )
