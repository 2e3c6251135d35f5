"""The table of a chain's checks: its rows in their order, each with its outcomes."""

from collections.abc import Mapping
from types import ModuleType
from typing import NamedTuple

from kubectl_meshfix.chain.steps import Check, Outcome


class Row(NamedTuple):
    """A check and all of its outcomes."""

    check: Check
    outcomes: tuple[Outcome, ...]


def rows(module: ModuleType) -> tuple[Row, ...]:
    """The rows that a module defines, in the order they are written."""
    found: dict[Check, list[Outcome]] = {value: [] for value in _values(module).values() if isinstance(value, Check)}
    for value in _values(module).values():
        if isinstance(value, Outcome):
            found[value.check].append(value)
    return tuple(Row(check, tuple(outcomes)) for check, outcomes in found.items())


def _values(module: ModuleType) -> Mapping[str, object]:
    return vars(module)
