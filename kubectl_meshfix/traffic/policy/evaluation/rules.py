"""Whether a rule of a policy matches a request, and if not, the first field that does not."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.traffic.policy.evaluation.conditions import Clause, Condition, RuleTerms
from kubectl_meshfix.traffic.policy.evaluation.matching import holds
from kubectl_meshfix.traffic.terms.attributes import Attributes


class Failed(NamedTuple):
    """The first condition of a rule that does not hold, with those of the other alternatives, and how many parts held before it."""

    condition: Condition
    others: tuple[Condition, ...]
    held: int

    @property
    def wanted(self) -> str:
        """What would have held: all alternatives, where they fail by the same field."""
        same = [item for item in self.others if item.label == self.condition.label]
        return " or ".join(dict.fromkeys(item.wanted for item in (self.condition, *same)))


class Match(msgspec.Struct, frozen=True):
    """Whether a rule matches, and what fails where it does not."""

    value: bool | Unknown
    failed: Failed | None = None


def evaluate(rule: RuleTerms, request: Attributes, namespace: str, trust_domains: Sequence[str]) -> Match:
    """Whether a rule of a policy of ``namespace`` matches. One part that surely fails beats whatever is not known."""
    unknown: Unknown | None = None
    for held, clause in enumerate(rule.clauses):
        answer = _clause(clause, request, namespace, trust_domains)
        if answer.value is False:
            return Match(False, answer.failed._replace(held=held) if answer.failed else None)
        if isinstance(answer.value, Unknown):
            unknown = answer.value if unknown is None else unknown
    return Match(True if unknown is None else unknown)


def _clause(clause: Clause, request: Attributes, namespace: str, trust_domains: Sequence[str]) -> Match:
    if not clause.alternatives:
        return Match(True)
    failed: list[Condition] = []
    unknown: Unknown | None = None
    for alternative in clause.alternatives:
        value, condition = _alternative(alternative, request, namespace, trust_domains)
        if value is True:
            return Match(True)
        if isinstance(value, Unknown):
            unknown = value if unknown is None else unknown
        elif condition:
            failed.append(condition)
    if unknown is not None:
        return Match(unknown)
    return Match(False, Failed(failed[0], tuple(failed[1:]), 0) if failed else None)


def _alternative(
    conditions: Sequence[Condition], request: Attributes, namespace: str, trust_domains: Sequence[str]
) -> tuple[bool | Unknown, Condition | None]:
    """Whether all conditions hold, and the first that does not."""
    unknown: Unknown | None = None
    for condition in conditions:
        value = holds(condition, request, namespace, trust_domains)
        if value is False:
            return False, condition
        if isinstance(value, Unknown):
            unknown = value if unknown is None else unknown
    return (True if unknown is None else unknown), None
