"""Faults that a route injects (`pkg/config/validation/validation.go validateHTTPFaultInjection`)."""

from kubectl_meshfix.validation.routes.responses import status
from kubectl_meshfix.validation.values.durations import duration
from kubectl_meshfix.validation.values.fields import has, number, part, text
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_GRPC = frozenset({
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
    "UNAUTHENTICATED",
})  # fmt: skip


def fault(route: Fields, path: str) -> Violations:
    """The ``fault`` of a route, if there is any. ``path`` is the route's."""
    fields, place = part(route, "fault"), f"{path}/fault"
    if fields is None:
        return
    abort, delay = part(fields, "abort"), part(fields, "delay")
    if abort is None and delay is None:
        yield Violation(path=place, says="fault has neither abort nor delay; write one of them, or leave fault out")
    if abort is not None:
        yield from _abort(abort, f"{place}/abort")
    if delay is not None:
        yield from _delay(delay, f"{place}/delay")


def _abort(abort: Fields, path: str) -> Violations:
    yield from _percentage(abort, path)
    if has(abort, "grpcStatus"):
        word = text(abort, "grpcStatus")
        if word not in _GRPC:
            meant = spelt if (spelt := word.upper().replace("-", "_")) in _GRPC else None
            yield Violation(
                path=f"{path}/grpcStatus",
                says=f'grpcStatus is "{word}", which is no status of gRPC; write a name such as UNAVAILABLE',
                correction=meant,
            )
    elif has(abort, "http2Error"):
        yield Violation(path=f"{path}/http2Error", says="http2Error is not supported; write httpStatus or grpcStatus")
    elif has(abort, "httpStatus"):
        yield from status("httpStatus", number(abort, "httpStatus"), f"{path}/httpStatus")


def _delay(delay: Fields, path: str) -> Violations:
    yield from _percentage(delay, path)
    yield from duration(delay, "fixedDelay", path)
    if has(delay, "exponentialDelay"):
        yield Violation(path=f"{path}/exponentialDelay", says="exponentialDelay is not supported; write fixedDelay")


def _percentage(fields: Fields, path: str) -> Violations:
    value = number(part(fields, "percentage"), "value")
    if not 0 <= value <= 100:
        yield Violation(path=f"{path}/percentage/value", says=f"percentage is {value}, and is 0 to 100")
    elif 0 < value < 0.0001:
        yield Violation(path=f"{path}/percentage/value", says=f"percentage is {value}, and the smallest is 0.0001")
