"""Durations: at least a millisecond, and no part of one (`pkg/config/validation/agent/validation.go ValidateDuration`)."""

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.resources.go_duration import nanoseconds
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

MILLISECOND = 1_000_000


def duration(fields: Fields | None, name: str, path: str, *, zero_is_off: bool = False) -> Violations:
    """A duration where there is one. ``path`` is that of ``fields``; with ``zero_is_off`` less than a millisecond is allowed."""
    value = (fields or {}).get(name)
    time = nanoseconds(value) if isinstance(value, str) else None
    if time is None or (zero_is_off and abs(time) < MILLISECOND):
        return
    if time < MILLISECOND:
        yield Violation(path=path + join(name), says=f"{name} is {value}, and the shortest is 1ms")
    elif time % MILLISECOND:
        yield Violation(path=path + join(name), says=f"{name} is {value}, and only whole milliseconds are supported")
