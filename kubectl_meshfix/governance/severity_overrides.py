"""How bad a team holds the findings of a rule to be."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec

from kubectl_meshfix.report import Diagnosis
from kubectl_meshfix.rules.choice import is_named
from kubectl_meshfix.rules.rule import Rule
from kubectl_meshfix.severity import Severity

Weighed = TypeVar("Weighed", Diagnosis, Rule)


def with_severities(items: Iterable[Weighed], severities: Mapping[str, str]) -> tuple[Weighed, ...]:
    """Findings, or rules, with the severities that are said of them.

    The most telling word counts: a rule's own name before a prefix of its code, and a long prefix before a short one.
    """
    return tuple(msgspec.structs.replace(item, severity=_said(item, severities)) for item in items)


def _said(item: Diagnosis | Rule, severities: Mapping[str, str]) -> Severity:
    own = {item.code, item.name.upper(), *item.aliases}
    meant = [word for word in severities if is_named(item, word)]
    best = max(meant, key=lambda word: (word.upper() in own, len(word)), default=None)
    return Severity(severities[best]) if best else item.severity
