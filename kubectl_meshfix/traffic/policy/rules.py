"""Whether a rule of a policy matches a request, and if not, the first field that does not."""

from collections.abc import Sequence
from typing import NamedTuple

from kubectl_meshfix.chain.alternatives import all_of, any_of
from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.traffic.policy.conditions import Clause, Condition, RuleTerms
from kubectl_meshfix.traffic.policy.matching import holds
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


class Match(NamedTuple):
    """Whether a rule matches, and what fails where it does not."""

    value: bool | Unknown
    failed: Failed | None = None


def evaluate(rule: RuleTerms, request: Attributes, namespace: str, trust_domains: Sequence[str]) -> Match:
    """Whether a rule of a policy of ``namespace`` matches. One part that surely fails beats whatever is not known."""
    answers = [_clause(clause, request, namespace, trust_domains) for clause in rule.clauses]
    value = all_of(answer.value for answer in answers)
    if value is not False:
        return Match(value)
    place = next(i for i, answer in enumerate(answers) if answer.value is False)
    failed = answers[place].failed
    return Match(False, failed._replace(held=place) if failed else None)


def _clause(clause: Clause, request: Attributes, namespace: str, trust_domains: Sequence[str]) -> Match:
    if not clause.alternatives:
        return Match(True)
    answers = [
        [(condition, holds(condition, request, namespace, trust_domains)) for condition in alternative]
        for alternative in clause.alternatives
    ]
    value = any_of(all_of(answer for _, answer in conditions) for conditions in answers)
    if value is not False:
        return Match(value)
    first, *others = (next(condition for condition, answer in conditions if answer is False) for conditions in answers)
    return Match(False, Failed(first, tuple(others), 0))
