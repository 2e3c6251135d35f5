"""What can go wrong on the way to an answer, and the exit codes that say so."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any


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


def unforeseen(error: BaseException) -> str:
    """One sentence for what the program did not foresee: the kind of error, and the line of ours that it came from.

    Its own words may hold a credential, and are not repeated.
    """
    where, frame = "", error.__traceback__
    while frame:
        _, ours, file = frame.tb_frame.f_code.co_filename.rpartition("kubectl_meshfix")
        where = f" ({file[1:]}:{frame.tb_lineno})" if ours else where
        frame = frame.tb_next
    return f"kubectl-meshfix failed with {type(error).__name__}{where}."


class UsageError(MeshfixError):
    """The words of the command line do not fit together or name something that does not exist."""


class SourceError(MeshfixError):
    """Nothing could be read: a file, a kubeconfig, a server."""


class ForbiddenError(SourceError):
    """The server refused one request (HTTP 403). A source turns it into "not checked" where it can.

    ``is_status`` is whether the answer was a metav1.Status, as the API server's are; something before it answers in other ways.
    """

    is_status = True


class TargetError(MeshfixError):
    """A change could not be made. What was and was not written is part of the message."""


class ApiError(SourceError):
    """The server answered with an error: a conflict, an invalid object, a missing kind, a fault of its own.

    ``status`` is the HTTP code. ``reason`` ("Conflict", "Invalid", "Expired", …) and ``details`` (kind, name, causes) are
    metav1.Status's words, empty where the answer was not a Status. Raised for 400 and up except 401 (plain SourceError) and
    403 (ForbiddenError); a 404 for a single object is an answer, not an error. ``is_status`` as for ForbiddenError.
    """

    is_status = True

    def __init__(self, message: str, hint: str = "", *, status: int, reason: str = "", details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message, hint)
        self.status = status
        self.reason = reason
        self.details: Mapping[str, Any] = details or {}
