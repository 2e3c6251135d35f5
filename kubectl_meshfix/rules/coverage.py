"""The codes of istioctl and Kiali, and which rules find the same: or why none does."""

from collections.abc import Mapping
from enum import StrEnum

from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.rules.foreign_codes import ISTIOCTL, KIALI

ARGUED: Mapping[str, str] = {
    "IST0001": "istioctl never says it.",
    "IST0136": "Most of Istio's annotations are alpha, and have been for years.",
    "IST0137": "Two Service ports may share a target port: inbound clusters are keyed by it, and nothing breaks.",
    "IST0143": "istioctl never says it.",
    "IST0148": "It says that injection is on, which is no problem.",
    "IST0168": "istioctl never says it.",
}
"""The codes that no rule is to find, and why, in a sentence; `docs/parity.md` has the rest of the argument."""


class Status(StrEnum):
    """What there is for a code of another tool."""

    FOUND = "found"
    ARGUED = "argued"
    MISSING = "not yet"


class Coverage(Struct, frozen=True):
    """A code of another tool: its name there, the codes of the rules that find the same, and why none does."""

    code: str
    name: str
    tool: str
    status: Status
    rules: tuple[str, ...]
    reason: str


def coverage() -> tuple[Coverage, ...]:
    """Every code of the other tools, sorted."""
    tools = ((ISTIOCTL, "istioctl"), (KIALI, "Kiali"))
    return tuple(_row(code, name, tool) for names, tool in tools for code, name in names.items())


def _row(code: str, name: str, tool: str) -> Coverage:
    rules = tuple(rule.code for rule in RULES if code in rule.aliases)
    status = Status.FOUND if rules else Status.ARGUED if code in ARGUED else Status.MISSING
    return Coverage(code=code, name=name, tool=tool, status=status, rules=rules, reason="" if rules else ARGUED.get(code, ""))
