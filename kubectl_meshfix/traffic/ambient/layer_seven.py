"""What ztunnel makes of AuthorizationPolicies that ask for HTTP (`pilot/pkg/serviceregistry/ambient/authorization.go`)."""

from collections.abc import Sequence
from enum import Enum

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy
from kubectl_meshfix.traffic.attachment import targets
from kubectl_meshfix.traffic.policy.evaluation.conditions import TRUST_DOMAIN, Condition
from kubectl_meshfix.traffic.policy.evaluation.layers import ALLOW, CUSTOM, DENY, is_of_layer_7
from kubectl_meshfix.traffic.policy.evaluation.prepared import Layer, PreparedRule, is_dry_run, prepared


class Loss(Enum):
    """What a policy does at ztunnel in place of what it says."""

    NOT_ASKED = "no authorizer is asked"
    """CUSTOM, which ztunnel does not know."""
    NOT_DENIED = "nothing is denied"
    """Of a rule of DENY nothing is left that can match."""
    MORE_DENIED = "more is denied"
    """A rule of DENY matches without what it says of HTTP."""
    LESS_ALLOWED = "less is allowed"
    """A rule of ALLOW is dropped."""


class Lost(msgspec.Struct, frozen=True):
    """What becomes of a policy, the fields that ztunnel does not know, and the place of the first of them."""

    loss: Loss
    fields: tuple[str, ...] = ()
    path: str = "/spec/action"
    is_all: bool = False
    """Whether that is true of all rules."""


def lost_at_ztunnel(mesh: Mesh, policy: AuthorizationPolicy) -> Lost | None:
    """What ztunnel does not enforce of a policy as it is meant; None where it enforces it, or the policy is not for ztunnel."""
    if targets(policy.spec) or is_dry_run(policy):
        return None
    if policy.spec.action == CUSTOM:
        return Lost(Loss.NOT_ASKED, is_all=True)
    if policy.spec.action not in (ALLOW, DENY):
        return None
    rules = prepared(mesh, policy, Layer.ZTUNNEL)
    reduced = [rule for rule in rules if _unknown_at_ztunnel(rule)]
    gone = [rule for rule in reduced if rule.rule is None]
    if policy.spec.action == ALLOW:
        return _lost(Loss.LESS_ALLOWED, gone, rules) if gone else None
    if gone:
        return _lost(Loss.NOT_DENIED, gone, rules)
    return _lost(Loss.MORE_DENIED, reduced, rules) if reduced else None


def _lost(loss: Loss, reduced: Sequence[PreparedRule], rules: Sequence[PreparedRule]) -> Lost:
    unknown = [condition for rule in reduced for condition in _unknown_at_ztunnel(rule)]
    fields = tuple(dict.fromkeys(condition.label.removeprefix("not ") for condition in unknown))
    return Lost(loss, fields, unknown[0].path, is_all=len(reduced) == len(rules))


def _unknown_at_ztunnel(rule: PreparedRule) -> tuple[Condition, ...]:
    """The conditions that ztunnel does not know, whatever their values."""
    return tuple(item for item in rule.dropped if is_of_layer_7(item) or item.attribute == TRUST_DOMAIN)
