"""Cross-origin requests (`pkg/config/validation/validation.go validateCORSPolicy`)."""

from kubectl_meshfix.resources.go_duration import nanoseconds
from kubectl_meshfix.validation.values import headers
from kubectl_meshfix.validation.values.durations import MILLISECOND, duration
from kubectl_meshfix.validation.values.fields import has, part, parts, text, texts
from kubectl_meshfix.validation.values.regexes import regex
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*"})
_SECOND = 1000 * MILLISECOND


def cors(route: Fields, path: str) -> Violations:
    """The ``corsPolicy`` of a route, if there is any. ``path`` is the route's."""
    policy, place = part(route, "corsPolicy"), f"{path}/corsPolicy"
    if policy is None:
        return
    for where, origin in parts(policy, "allowOrigins", place):
        if not any(text(origin, name) for name in ("exact", "prefix", "regex")):
            yield Violation(path=where, says="an origin of allowOrigins is empty; write exact, prefix or regex")
        elif has(origin, "regex"):
            yield from regex("allowOrigins.regex", text(origin, "regex"), f"{where}/regex")
    for where, method in texts(policy, "allowMethods", place):
        if method not in _METHODS:
            meant = method.upper() if method.upper() in _METHODS else None
            yield Violation(path=where, says=f'allowMethods has "{method}", which is no method of HTTP', correction=meant)
    for name in ("allowHeaders", "exposeHeaders"):
        yield from headers.cors(policy, name, place)
    found = list(duration(policy, "maxAge", place))
    yield from found
    time = nanoseconds(text(policy, "maxAge"))
    if not found and time and time % _SECOND:
        yield Violation(path=f"{place}/maxAge", says=f"maxAge is {text(policy, 'maxAge')}, and only whole seconds are supported")
