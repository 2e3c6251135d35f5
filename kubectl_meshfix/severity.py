"""How bad a finding is; a module of its own because the command line has to know before any rule is loaded."""

from enum import StrEnum


class Severity(StrEnum):
    """How bad it is: traffic fails, something does not do what it says, or it could be better."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}
