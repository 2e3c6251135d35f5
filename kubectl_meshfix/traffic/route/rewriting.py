"""What the server sees of a request that a route took, and the preflights that it never sees."""

import re
from collections.abc import Mapping

from msgspec.structs import replace

from kubectl_meshfix.chain.alternatives import any_of
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.traffic.route.matching.conditions import matches
from kubectl_meshfix.traffic.terms.conditions import Comparison, Condition, Field
from kubectl_meshfix.traffic.terms.request import Request
from kubectl_meshfix.traffic.terms.routes import Cors, Forward, HeaderChanges, Rule, Target

_PLAIN = re.compile(r"[^.+*?()\[\]{}|^$\\]+")


def answers_preflight(cors: Cors | None, request: Request) -> bool | Unknown:
    """Whether the proxy answers a browser's preflight itself, with 200 (Envoy: `source/extensions/filters/http/cors/cors_filter.cc`).

    It is one with ``OPTIONS``, an ``Origin`` and ``Access-Control-Request-Method``. Redirects and direct responses come after it.
    """
    origin = "".join(request.header("origin")[:1])
    if cors is None or request.method != "OPTIONS" or not origin or not any(request.header("access-control-request-method")):
        return False
    return True if not cors.forwards_others else any_of(matches(condition, origin) for condition in cors.origins)


def sent(rule: Rule, target: Target, request: Request) -> Request | Unknown:
    """The request as the server of one target gets it: its path, its authority, its headers; Unknown where a pattern rewrites the path.

    The changes of a route come before those of the target, and the route's authority before the target's.
    """
    if not isinstance(rule.action, Forward):
        return request
    forward, changes = rule.action, target.changes or HeaderChanges()
    path = _path(rule, forward, request.path)
    if isinstance(path, Unknown):
        return path
    headers = _changed(request.headers, forward.set_headers, forward.add_headers, (*forward.removed_headers, *changes.removed))
    headers = _changed(headers, changes.set, changes.add)
    authority = forward.rewrite_authority or changes.authority
    if authority:
        headers = (*(header for header in headers if header[0] != "host"), ("host", authority))
    path, mark, query = path.partition("?")
    return replace(request, path=path, query=query if mark else request.query, headers=headers)


def _path(rule: Rule, forward: Forward, path: str) -> str | Unknown:
    if forward.rewrite_regex:
        pattern, substitute = forward.rewrite_regex
        if _PLAIN.fullmatch(pattern) and "\\" not in substitute:
            return path.replace(pattern, substitute)
        return Unknown(kind=UnknownKind.OPAQUE, of=f"the path {path} with {pattern} replaced by {substitute}", settled_by="Envoy")
    if forward.rewrite_path is not None:
        return forward.rewrite_path
    if forward.rewrite_prefix is None:
        return path
    matched = next(
        (item for item in rule.conditions if item.field is Field.PATH), Condition(field=Field.PATH, comparison=Comparison.PREFIX, value="/")
    )
    rest = path[len(matched.value) :]
    made = forward.rewrite_prefix + rest
    return made if made.startswith("/") else f"/{made}"


def _changed(
    headers: tuple[tuple[str, str], ...], changed: Mapping[str, str], added: Mapping[str, str], removed: tuple[str, ...] = ()
) -> tuple[tuple[str, str], ...]:
    """Envoy removes before it sets and adds (`HeaderParser::evaluateHeaders`)."""
    kept = [header for header in headers if header[0] not in changed and header[0] not in removed]
    return (*kept, *changed.items(), *added.items())
