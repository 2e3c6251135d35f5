"""What is left of a rule where a proxy sees less than the rule asks for: on TCP chains, at ztunnel, and of values that cannot be read."""

from collections.abc import Callable

import msgspec

from kubectl_meshfix.traffic.policy.evaluation import conditions as names
from kubectl_meshfix.traffic.policy.evaluation.conditions import Clause, Condition, RuleTerms
from kubectl_meshfix.traffic.policy.evaluation.texts import is_block

ALLOW, DENY, AUDIT, CUSTOM = "ALLOW", "DENY", "AUDIT", "CUSTOM"

_AT_ZTUNNEL = frozenset(
    (names.PRINCIPAL, names.NAMESPACE, names.SERVICE_ACCOUNT, names.SOURCE_IP, names.DESTINATION_IP, names.DESTINATION_PORT)
)
_LAST_PORT = 65535
_VANISHES = names.TRUST_DOMAIN
"""What istiod forgets to hand on to ztunnel."""


class Reduced(msgspec.Struct, frozen=True):
    """What is left of a rule, None where it is dropped whole, and the fields that went."""

    rule: RuleTerms | None
    dropped: tuple[Condition, ...]


def for_envoy(rule: RuleTerms, action: str, *, is_http: bool) -> Reduced:
    """A rule as Envoy gets it (`pilot/pkg/security/authz/model/model.go checkError`).

    A value that cannot be had, such as a path on a TCP chain, drops the whole rule of an ALLOW policy, so that less is allowed. Of others
    it drops the value alone, and a field without values asks for nothing: more is denied.
    """

    def usable(condition: Condition) -> tuple[str, ...]:
        return _usable(condition, is_http=is_http)

    bad = tuple(condition for condition in rule.conditions if usable(condition) != condition.values)
    if not bad:
        return Reduced(rule, ())
    if action == ALLOW:
        return Reduced(None, bad)
    return Reduced(_mapped(rule, usable), bad)


def for_ztunnel(rule: RuleTerms, action: str) -> Reduced:
    """A rule as ztunnel gets it (`pilot/pkg/serviceregistry/ambient/authorization.go handleRule`).

    What is not of layer 4 drops an ALLOW policy's rule. Of a DENY policy the field vanishes, and an alternative, or a ``when``, that is
    left without fields never matches (`ztunnel src/rbac.rs matches`), other than at Envoy. ``trustDomains`` vanishes of both.
    """
    gone = tuple(condition for condition in rule.conditions if not _usable_at_ztunnel(condition))
    if action == ALLOW and any(is_of_layer_7(condition) for condition in gone):
        return Reduced(None, gone)
    left = _mapped(rule, _usable_at_ztunnel, is_of_ztunnel=True)
    kept = tuple(map(_without_empty, left.clauses))
    if any(before.alternatives and not after.alternatives for before, after in zip(rule.clauses, kept, strict=True)):
        return Reduced(None, gone)
    sources, operations, *when = kept
    return Reduced(left._replace(sources=sources, operations=operations, when=tuple(when)), gone)


def is_of_layer_7(condition: Condition) -> bool:
    """Whether ztunnel does not know a condition, so that it drops an ALLOW policy's rule that has one."""
    if condition.is_of_when and condition.attribute == names.SERVICE_ACCOUNT:
        return True
    return condition.attribute not in _AT_ZTUNNEL and (condition.is_of_when or condition.attribute != _VANISHES)


def _usable_at_ztunnel(condition: Condition) -> tuple[str, ...]:
    is_known = condition.attribute in _AT_ZTUNNEL and not is_of_layer_7(condition)
    return tuple(filter(_reader(condition), condition.values)) if is_known else ()


def _without_empty(clause: Clause) -> Clause:
    return Clause(tuple(alternative for alternative in clause.alternatives if alternative))


def _usable(condition: Condition, *, is_http: bool) -> tuple[str, ...]:
    if condition.is_of_http and not is_http:
        return ()
    if condition.attribute.startswith(names.NAMED) and names.names_in(condition.attribute) is None:
        return ()
    return tuple(filter(_reader(condition), condition.values))


def _reader(condition: Condition) -> Callable[[str], bool]:
    match condition.attribute:
        case names.SOURCE_IP | names.REMOTE_IP | names.DESTINATION_IP:
            return is_block
        case names.DESTINATION_PORT:
            return _is_port
        case _:
            return bool


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) <= _LAST_PORT


def _mapped(rule: RuleTerms, usable: Callable[[Condition], tuple[str, ...]], *, is_of_ztunnel: bool = False) -> RuleTerms:
    def clause(old: Clause) -> Clause:
        return Clause(
            tuple(
                tuple(
                    msgspec.structs.replace(item, values=values, is_of_ztunnel=is_of_ztunnel)
                    for item in alternative
                    if (values := usable(item))
                )
                for alternative in old.alternatives
            )
        )

    return rule._replace(sources=clause(rule.sources), operations=clause(rule.operations), when=tuple(map(clause, rule.when)))
