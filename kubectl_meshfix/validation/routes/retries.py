"""Retries of a route (`pkg/config/validation/agent/validation.go ValidateHTTPRetry`)."""

import re

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.mesh.typos import nearest
from kubectl_meshfix.validation.values.durations import duration
from kubectl_meshfix.validation.values.fields import has, number, part, text
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_POLICIES = frozenset({
    "5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "retriable-4xx", "refused-stream", "retriable-status-codes",
    "retriable-headers", "envoy-ratelimited", "http3-post-connect-failure", "cancelled", "deadline-exceeded", "internal",
    "resource-exhausted", "unavailable",
})  # fmt: skip


def retries(route: Fields, path: str) -> Violations:
    """The ``retries`` of a route, if there are any. ``path`` is the route's."""
    fields, place = part(route, "retries"), f"{path}/retries"
    if fields is None:
        return
    attempts = number(fields, "attempts")
    if attempts < 0:
        yield Violation(path=f"{place}/attempts", says=f"attempts is {attempts}, and cannot be negative")
    idle = [name for name in ("perTryTimeout", "retryRemoteLocalities") if has(fields, name)]
    idle += ["retryOn"] if text(fields, "retryOn") else []
    if not attempts:
        for name in idle:
            yield Violation(path=place + join(name), says=f"retries has {name}, and attempts is 0, which turns retries off", removes=True)
    yield from duration(fields, "perTryTimeout", place)
    yield from _conditions(text(fields, "retryOn"), f"{place}/retryOn")
    yield from duration(fields, "backoff", place)


def _conditions(written: str, path: str) -> Violations:
    words = written.split(",") if written else []
    wrong = [word for word in words if word not in _POLICIES and not _is_status(word)]
    if wrong:
        meant = [_meant(word) if word in wrong else word for word in words]
        named, is_are = (
            " and ".join(f'"{word}"' for word in wrong),
            "which is no condition" if len(wrong) == 1 else "which are no conditions",
        )
        correction = ",".join(map(str, meant)) if all(meant) else None
        yield Violation(path=path, says=f"retryOn has {named}, {is_are} for a retry", correction=correction)


def _is_status(word: str) -> bool:
    """Whether a word is the number of a status that Go has a text for (`net/http.StatusText`)."""
    from http import HTTPStatus  # noqa: PLC0415 -- for a route that names conditions

    return bool(re.fullmatch("[+-]?[0-9]+", word)) and int(word) in frozenset(HTTPStatus)


def _meant(word: str) -> str | None:
    bare = word.strip().lower().replace("_", "-")
    return bare if bare in _POLICIES or _is_status(bare) else nearest(bare, _POLICIES)
