"""DENY, then ALLOW: what the policies that apply decide (`authz/builder/builder.go`; `ztunnel src/state.rs assert_rbac`).

Rules are tried in the order of their names, as Envoy keeps them. A rule of which it is not known whether it matches makes two ways on.
"""

from collections.abc import Iterator, Sequence

import msgspec

from kubectl_meshfix.chain.alternatives import Alternative, Given
from kubectl_meshfix.chain.steps import Outcome, Step, Steps, Where, moot, step
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.traffic.checks import policy as checks
from kubectl_meshfix.traffic.policy.evaluation.layers import ALLOW, AUDIT, CUSTOM, DENY
from kubectl_meshfix.traffic.policy.evaluation.prepared import Layer, PreparedRule, is_dry_run, prepared, told, told_failure, told_reduction
from kubectl_meshfix.traffic.policy.evaluation.rules import evaluate
from kubectl_meshfix.traffic.terms.attributes import Attributes, Decision
from kubectl_meshfix.traffic.terms.failures import Failure

NOBODY = "none"
"""What Envoy names where no ALLOW policy matched."""


class _Question(msgspec.Struct, frozen=True):
    request: Attributes
    layer: Layer
    trust_domains: tuple[str, ...]


def enforce(
    mesh: Mesh, policies: Sequence[AuthorizationPolicy], request: Attributes, layer: Layer, trust_domains: tuple[str, ...]
) -> Steps[tuple[Alternative[Decision], ...]]:
    """What DENY and ALLOW policies decide on a request. Those of other actions, and dry runs, decide nothing."""
    question = _Question(request, layer, trust_domains)
    for policy in policies:
        if policy.spec.action not in (ALLOW, DENY, AUDIT, CUSTOM):
            yield step(checks.NO_ACTION, Where(resource=policy.ref, path="/spec/action"), policy=str(policy.ref), action=policy.spec.action)
        elif is_dry_run(policy) and policy.spec.action != CUSTOM:
            yield step(checks.NOT_ENFORCED, Where(resource=policy.ref, path="/metadata/annotations"), policy=str(policy.ref))
    enforced = [policy for policy in policies if not is_dry_run(policy)]
    if layer is not Layer.ZTUNNEL:
        yield from _audit(mesh, _of(enforced, AUDIT), question)
    denied, remaining = yield from _deny(mesh, _of(enforced, DENY), question)
    if remaining is None:
        return denied
    return (*denied, *(yield from _allow(mesh, _of(enforced, ALLOW), question, remaining)))


def in_order(mesh: Mesh, policies: Sequence[AuthorizationPolicy], layer: Layer) -> list[PreparedRule]:
    """All rules of some policies, by name."""
    return sorted((rule for policy in policies for rule in prepared(mesh, policy, layer)), key=lambda rule: rule.name)


def given_of(rule: PreparedRule, unknown: Unknown, *, is_so: bool) -> Given:
    """That a rule of which it is not known whether it matches does, or does not."""
    return Given(unknown=Unknown(kind=unknown.kind, of=f"{unknown.of} ({rule.name})", settled_by=unknown.settled_by), is_so=is_so)


def _audit(mesh: Mesh, policies: Sequence[AuthorizationPolicy], question: _Question) -> Steps[None]:
    for rule in in_order(mesh, policies, question.layer):
        if rule.rule and evaluate(rule.rule, question.request, rule.policy.namespace, question.trust_domains).value is True:
            yield told(checks.AUDITED, rule)


def _deny(
    mesh: Mesh, policies: Sequence[AuthorizationPolicy], question: _Question
) -> Steps[tuple[tuple[Alternative[Decision], ...], tuple[Given, ...] | None]]:
    """The ways that end here, and what those that go on take for granted; None where none goes on."""
    found: list[Alternative[Decision]] = []
    given: tuple[Given, ...] = ()
    yield from _told_without_rules(policies, checks.DENIES_NOTHING)
    for rule in in_order(mesh, policies, question.layer):
        if reduction := told_reduction(rule, question.layer):
            yield reduction
        if rule.rule is None:
            continue
        match = evaluate(rule.rule, question.request, rule.policy.namespace, question.trust_domains)
        decision = Decision(failure=Failure.DENIED, at=rule.at, matched_policy=rule.name)
        if match.value is False:
            yield told_failure(checks.NOT_DENIED, rule, match.failed, question.request)
        elif isinstance(match.value, Unknown):
            yield told(checks.MAY_BE_DENIED, rule, unknown=match.value, what=str(match.value.of))
            found.append(Alternative(decision, given=(*given, given_of(rule, match.value, is_so=True))))
            given = (*given, given_of(rule, match.value, is_so=False))
        else:
            yield told(checks.DENIED, rule)
            return (*found, Alternative(decision, given=given)), None
    return tuple(found), given


def _allow(
    mesh: Mesh, policies: Sequence[AuthorizationPolicy], question: _Question, given: tuple[Given, ...]
) -> Steps[tuple[Alternative[Decision], ...]]:
    if not policies:
        yield step(checks.NOT_RESTRICTED)
        return (Alternative(Decision(), given=given),)
    whys: list[tuple[int, Step]] = [(-1, item) for item in _told_without_rules(policies, checks.ALLOWS_NOTHING)]
    open_ones: list[tuple[PreparedRule, Unknown, Step]] = []
    for rule in in_order(mesh, policies, question.layer):
        reduction = told_reduction(rule, question.layer)
        if reduction is None and rule.rule is None:  # what is written is empty, and matches nothing at ztunnel
            reduction = told_failure(checks.NOT_ALLOWED_BY, rule, None, question.request)
        if reduction:
            whys.append((-1, reduction))
        if rule.rule is None:
            continue
        match = evaluate(rule.rule, question.request, rule.policy.namespace, question.trust_domains)
        if match.value is True:
            yield from (item for _, item in whys)
            yield from (moot(item) for _, _, item in open_ones)
            yield told(checks.ALLOWED, rule)
            yield told(checks.ADMITTED, rule)
            return (Alternative(Decision(at=rule.at, matched_policy=rule.name), given=given),)
        if isinstance(match.value, Unknown):
            item = told(checks.MAY_BE_ALLOWED, rule, unknown=match.value, what=str(match.value.of))
            open_ones.append((rule, match.value, item))
        else:
            whys.append(
                (match.failed.held if match.failed else -1, told_failure(checks.NOT_ALLOWED_BY, rule, match.failed, question.request))
            )
    yield from (item for _, item in whys)
    yield from (item for _, _, item in open_ones)
    return (yield from _unless(open_ones, whys, given))


def _unless(
    open_ones: Sequence[tuple[PreparedRule, Unknown, Step]], whys: Sequence[tuple[int, Step]], given: tuple[Given, ...]
) -> Steps[tuple[Alternative[Decision], ...]]:
    """A refusal, unless one of the rules matches of which that is not known."""
    found: list[Alternative[Decision]] = []
    at: Where | None
    for rule, unknown, _ in open_ones:
        found.append(Alternative(Decision(at=rule.at, matched_policy=rule.name), given=(*given, given_of(rule, unknown, is_so=True))))
        given = (*given, given_of(rule, unknown, is_so=False))
    if open_ones:
        at = open_ones[0][0].at
        yield step(checks.OPEN, at, unknown=open_ones[0][1])
    else:
        nearest = max(whys, key=lambda why: why[0])[1]
        at = nearest.at
        yield step(checks.REFUSED, at, because=nearest)
    return (*found, Alternative(Decision(failure=Failure.NOT_ALLOWED, at=at, matched_policy=NOBODY), given=given))


def _of(policies: Sequence[AuthorizationPolicy], action: str) -> list[AuthorizationPolicy]:
    return [policy for policy in policies if policy.spec.action == action]


def _told_without_rules(policies: Sequence[AuthorizationPolicy], outcome: Outcome) -> Iterator[Step]:
    for policy in policies:
        if not policy.spec.rules:
            yield step(outcome, Where(resource=policy.ref, path="/spec"), policy=str(policy.ref))
