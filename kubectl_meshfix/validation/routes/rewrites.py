"""Rewrites of a request's path and host (`pkg/config/validation/validation.go validateHTTPRewrite`)."""

from kubectl_meshfix.validation.values.fields import entries, has, part, text
from kubectl_meshfix.validation.values.headers import is_authority
from kubectl_meshfix.validation.values.regexes import regex
from kubectl_meshfix.validation.violation import Fields, Violation, Violations


def rewrite(route: Fields, path: str) -> Violations:
    """The ``rewrite`` of a route, if there is any. ``path`` is the route's."""
    fields, place = part(route, "rewrite"), f"{path}/rewrite"
    yield from _host(route, path)
    if fields is None:
        return
    change = part(fields, "uriRegexRewrite")
    if text(fields, "uri") and change is not None:
        yield Violation(path=place, says="rewrite has both uri and uriRegexRewrite, and only one can be set")
    if not text(fields, "uri") and not text(fields, "authority") and not has(fields, "uriRegexRewrite"):
        yield Violation(path=place, says="rewrite is empty; write uri, uriRegexRewrite or authority, or leave rewrite out")
    if change is not None:
        where = f"{place}/uriRegexRewrite"
        if not text(change, "match") or not text(change, "rewrite"):
            yield Violation(path=where, says="uriRegexRewrite needs both match and rewrite")
        else:
            yield from regex("uriRegexRewrite.match", text(change, "match"), f"{where}/match")


def _host(route: Fields, path: str) -> Violations:
    """The host of a request may be set in one place only (`validateAuthorityRewrite`)."""
    current = text(part(route, "rewrite"), "authority")
    place = f"{path}/headers/request"
    changes = part(part(route, "headers"), "request")
    for verb in ("set", "add"):
        for where, name, value in entries(changes, verb, place):
            if not is_authority(name):
                continue
            if current:
                says = f'headers.request.{verb} sets the host to "{value}", and it is set to "{current}" already'
                yield Violation(path=where, says=says)
            current = str(value)
