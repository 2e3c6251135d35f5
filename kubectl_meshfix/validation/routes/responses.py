"""Answers that a route gives by itself: redirects and direct responses (`pkg/config/validation/validation.go`)."""

from kubectl_meshfix.validation.values import ports
from kubectl_meshfix.validation.values.fields import has, number, part, parts, text
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, warning

_MOST = 1024 * 1024
_MUCH = 100 * 1024


def status(name: str, value: float, path: str) -> Violations:
    """A status of HTTP (`validateHTTPStatus`)."""
    if not 200 <= value <= 600:
        yield Violation(path=path, says=f"{name} is {value}, and a status is 200 to 599")


def redirect(route: Fields, path: str) -> Violations:
    """The ``redirect`` of a route, if there is any (`validateHTTPRedirect`). ``path`` is the route's."""
    fields, place = part(route, "redirect"), f"{path}/redirect"
    if fields is None:
        return
    if text(fields, "uri") and text(fields, "prefixRewrite"):
        yield Violation(path=place, says="redirect has both uri and prefixRewrite, and only one can be set")
    if text(fields, "prefixRewrite"):
        for where, match in parts(route, "match", path):
            if part(match, "uri") is not None and not has(part(match, "uri"), "prefix"):
                yield Violation(
                    path=f"{where}/uri", says="redirect has prefixRewrite, which needs uri.prefix in every match, and this one has another"
                )
    if not any(text(fields, name) for name in ("uri", "prefixRewrite", "authority", "scheme")) and not has(fields, "port", "derivePort"):
        yield Violation(path=place, says="redirect does not say where to; write uri, authority, scheme or port")
    code = number(fields, "redirectCode")
    if code and not 300 <= code <= 399:
        yield Violation(path=f"{place}/redirectCode", says=f"redirectCode is {code}, and a redirect is 300 to 399")
    scheme = text(fields, "scheme")
    if scheme not in ("", "http", "https"):
        meant = scheme.lower() if scheme.lower() in ("http", "https") else None
        yield Violation(path=f"{place}/scheme", says=f'scheme of the redirect is "{scheme}"; write http or https', correction=meant)
    port = number(fields, "port")
    if port:
        yield from ports.number("port of the redirect", port, f"{place}/port")


def direct_response(route: Fields, path: str) -> Violations:
    """The ``directResponse`` of a route, if there is any (`validateHTTPDirectResponse`). ``path`` is the route's."""
    fields, place = part(route, "directResponse"), f"{path}/directResponse"
    if fields is None:
        return
    body = part(fields, "body")
    size = _size(body)
    if size > _MOST:
        yield Violation(path=f"{place}/body", says=f"body of the directResponse has {size} bytes, and 1 MiB is the limit")
    elif size > _MUCH:
        effect = "istiod sends it to every proxy that has the route"
        yield warning(f"{place}/body", f"body of the directResponse has {size} bytes, which is more than 100 KiB", effect=effect)
    value = number(fields, "status")
    yield from status("status of the directResponse", value, f"{place}/status" if value else place)


def _size(body: Fields | None) -> int:
    """The size of a body in bytes; ``bytes`` is in base64, four letters for three bytes."""
    return len(text(body, "string").encode()) or len(text(body, "bytes").rstrip("=")) * 3 // 4
