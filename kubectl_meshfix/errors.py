"""What can go wrong on the way to an answer, and the exit codes that say so."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The same for every verb and every output format."""

    OK = 0
    FINDINGS = 1
    ERROR = 2
    INTERRUPTED = 130


class MeshfixError(Exception):
    """A run cannot go on. ``message`` says what is wrong, ``hint`` what to do next; both are whole sentences."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(MeshfixError):
    """The words of the command line do not fit together or name something that does not exist."""


class SourceError(MeshfixError):
    """Nothing could be read: a file, a kubeconfig, a server."""


class ForbiddenError(SourceError):
    """The server refused one request (HTTP 403). A source turns it into "not checked" where it can."""


class TargetError(MeshfixError):
    """A change could not be made. What was and was not written is part of the message."""
