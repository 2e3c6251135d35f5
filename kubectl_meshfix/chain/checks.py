"""Check: one question the API server, the injector or kubelet asks, and the answer."""

from enum import StrEnum

from kubectl_meshfix.resources.meta import Struct


class Status(StrEnum):
    """How a check ended."""

    PASS = "pass"  # noqa: S105
    """Nothing speaks against injection here."""
    FAIL = "fail"
    """This alone keeps the sidecar away."""
    WARN = "warn"
    """Something is wrong here, and was passed over."""
    SKIPPED = "skipped"
    """An earlier answer made this question moot."""
    UNKNOWN = "unknown"
    """What decides it was not read, or cannot be evaluated here."""


class Check(Struct, frozen=True):
    """``name`` is stable; ``detail`` is one sentence; ``evidence`` are the facts it rests on."""

    name: str
    status: Status
    detail: str = ""
    evidence: tuple[str, ...] = ()
