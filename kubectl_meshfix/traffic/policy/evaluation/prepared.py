"""An AuthorizationPolicy's rules, as a proxy of one layer gets them."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from kubectl_meshfix.chain.steps import Argument, Outcome, Step, Where
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.go_bool import go_bool
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.traffic.checks import policy as checks
from kubectl_meshfix.traffic.policy.evaluation.conditions import Condition, RuleTerms, is_attribute, terms_of
from kubectl_meshfix.traffic.policy.evaluation.layers import ALLOW, Reduced, for_envoy, for_ztunnel
from kubectl_meshfix.traffic.policy.evaluation.matching import seen
from kubectl_meshfix.traffic.policy.evaluation.rules import Failed
from kubectl_meshfix.traffic.terms.attributes import Attributes

DRY_RUN = "istio.io/dry-run"
"""The annotation that keeps a policy from being enforced."""


class Layer(StrEnum):
    """What a proxy sees, in the words in which it is told why it cannot evaluate something."""

    HTTP = "because of their values"
    TCP = "on a TCP connection"
    ZTUNNEL = "by ztunnel"


class PreparedRule(msgspec.Struct, frozen=True):
    """One rule. ``name`` is what Envoy calls it, ``rule`` is what is left of it, None where nothing is that can match."""

    policy: AuthorizationPolicy
    number: int
    name: str
    rule: RuleTerms | None
    dropped: tuple[Condition, ...] = ()
    unknown_keys: tuple[str, ...] = ()

    @property
    def at(self) -> Where:
        """The rule's place."""
        return Where(resource=self.policy.ref, path=f"/spec/rules/{self.number}")


def prepared(mesh: Mesh, policy: AuthorizationPolicy, layer: Layer) -> tuple[PreparedRule, ...]:
    """The rules of a policy as a proxy gets them."""
    memo = mesh.memo("prepared policies")
    key = (policy.ref.key, layer)
    if key not in memo:
        memo[key] = tuple(_prepare(policy, index, layer) for index in range(len(policy.spec.rules)))
    found: tuple[PreparedRule, ...] = memo[key]
    return found


def is_dry_run(policy: AuthorizationPolicy) -> bool:
    """Whether a policy is only tried out (`pilot/pkg/security/authz/builder/builder.go isDryRun`)."""
    return go_bool(policy.metadata.annotations.get(DRY_RUN, "")) is True


def told_reduction(rule: PreparedRule, layer: Layer) -> Step | None:
    """The step of a rule of which not everything can be evaluated; None where all of it can."""
    if rule.unknown_keys:
        return told(checks.NO_ATTRIBUTE, rule, keys=", ".join(rule.unknown_keys))
    if not rule.dropped:
        return None
    refusal = checks.DROPPED_RULE if rule.policy.spec.action == ALLOW else checks.DROPPED_DENIAL
    fields = ", ".join(dict.fromkeys(condition.label for condition in rule.dropped))
    return told(checks.DROPPED_FIELDS if rule.rule else refusal, rule, fields=fields, why=layer.value)


def told_failure(outcome: Outcome, rule: PreparedRule, failed: Failed | None, request: Attributes, **args: Argument) -> Step:
    """The step of a rule that does not match, at the first field that fails."""
    if failed is None:
        return _step(outcome, rule, "", None, {"field": "it", "wanted": "nothing", "seen": "this request", **args})
    found = failed.condition
    return _step(outcome, rule, found.path, None, {"field": found.label, "wanted": failed.wanted, "seen": seen(found, request), **args})


def told(outcome: Outcome, rule: PreparedRule, *, unknown: Unknown | None = None, **args: Argument) -> Step:
    """The step of a rule."""
    return _step(outcome, rule, "", unknown, args)


def _step(outcome: Outcome, rule: PreparedRule, path: str, unknown: Unknown | None, args: Mapping[str, Argument]) -> Step:
    at = Where(resource=rule.policy.ref, path=path or rule.at.path)
    return Step(outcome=outcome, at=at, args={"policy": str(rule.policy.ref), "rule": rule.number, **args}, unknown=unknown)


def _prepare(policy: AuthorizationPolicy, index: int, layer: Layer) -> PreparedRule:
    name = f"ns[{policy.namespace}]-policy[{policy.name}]-rule[{index}]"
    raw = policy.spec.rules[index]
    terms = terms_of(raw, index)
    if terms is None:
        keys = tuple(when.key for when in raw.when if not is_attribute(when.key))
        return PreparedRule(policy, index, name, None, unknown_keys=keys)
    left = _reduced(terms, policy.spec.action, layer)
    return PreparedRule(policy, index, name, left.rule, left.dropped)


def _reduced(terms: RuleTerms, action: str, layer: Layer) -> Reduced:
    match layer:
        case Layer.ZTUNNEL:
            return for_ztunnel(terms, action)
        case _:
            return for_envoy(terms, action, is_http=layer is Layer.HTTP)
