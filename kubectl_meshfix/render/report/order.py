"""What comes first in a report; a module of its own because the command line has to know before anything is rendered."""

from enum import StrEnum


class Order(StrEnum):
    """What comes first in a report for people."""

    SEVERITY = "severity"
    """Errors, then warnings, then information; by object in each."""
    OBJECT = "object"
    """By namespace, kind and name, as JSON has it."""
