"""The table of a chain's checks: its rows in their order, each with its outcomes."""

from types import ModuleType

import msgspec

from kubectl_meshfix.chain.steps import Check, Outcome


class Row(msgspec.Struct, frozen=True):
    """A check and all of its outcomes."""

    check: Check
    outcomes: tuple[Outcome, ...]


def rows(module: ModuleType) -> tuple[Row, ...]:
    """The rows that a module defines, in the order they are written."""
    values = vars(module).values()
    outcomes = [value for value in values if isinstance(value, Outcome)]
    checks = [value for value in values if isinstance(value, Check)]
    return tuple(Row(check, tuple(outcome for outcome in outcomes if outcome.check is check)) for check in checks)
