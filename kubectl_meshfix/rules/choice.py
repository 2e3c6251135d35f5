"""Which rules a user means: by code, by name, by the codes that others have for it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from kubectl_meshfix.rules.rule import Rule


class Named(Protocol):
    """A rule, or a finding of one."""

    @property
    def code(self) -> str: ...  # noqa: D102

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def aliases(self) -> tuple[str, ...]: ...  # noqa: D102


def chosen(rules: Iterable[Rule], select: Sequence[str], ignore: Sequence[str]) -> Iterator[Rule]:
    """The rules a user asks for, by code, name, alias, family, or a prefix of a code; everything where ``select`` is empty."""
    for rule in rules:
        if (not select or any(is_named(rule, word) for word in select)) and not any(is_named(rule, word) for word in ignore):
            yield rule


FAMILIES = {
    "input": "MF0",
    "ports": "MF1",
    "workloads": "MF2",
    "injection": "MF3",
    "routing": "MF4",
    "destinations": "MF4",
    "gateways": "MF5",
    "policy": "MF6",
    "extensions": "MF7",
    "ambient": "MF8",
    "control_plane": "MF9",
    "proxies": "MF9",
}
"""The families of rules and the beginnings of their codes. A family is a folder of this package."""

HEADINGS = {
    "MF0": "The input itself",
    "MF1": "Ports and Services",
    "MF2": "Workloads",
    "MF3": "Injection",
    "MF4": "Routing",
    "MF5": "Gateways",
    "MF6": "Security policy",
    "MF7": "Extensions and telemetry",
    "MF8": "Ambient mode",
    "MF9": "The control plane",
}
"""What each family is about, as a heading."""


def is_named(rule: Named, word: str) -> bool:
    """Whether a user's word means this rule, or a finding of it."""
    prefix = FAMILIES.get(word.lower().replace("-", "_"), word.upper())
    return word.lower() == rule.name or word.upper() in rule.aliases or (bool(word) and rule.code.startswith(prefix))
