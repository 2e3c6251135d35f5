"""One condition of a route, held against a request (Envoy: `source/common/router/config_impl.cc`, `…/http/header_utility.cc`)."""

from collections.abc import Iterable
from typing import Any

from kubectl_meshfix.chain.alternatives import any_of, negated
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.resources.claims import claim_values
from kubectl_meshfix.resources.re2.matching import fully_matches
from kubectl_meshfix.traffic.terms.conditions import Comparison, Condition, Field
from kubectl_meshfix.traffic.terms.request import Request, Scheme

_PATTERN = "whether {text} matches the regular expression {pattern}"
_CLAIMS = Unknown(kind=UnknownKind.UNSTATED, of="the claims of the request's token", settled_by="--jwt-claims")
_MADE_BY_ENVOY = "x-request-id"


def holds(condition: Condition, request: Request, *, claims_known: bool = True) -> bool | Unknown:
    """Whether a condition holds. The request's path is normalised already. Without ``claims_known`` nobody knows what a token says."""
    if condition.field is Field.CLAIM and not claims_known:
        return _CLAIMS
    values = list(_values(condition, request))
    is_made = condition.field is Field.HEADER and condition.name == _MADE_BY_ENVOY and not values
    if condition.comparison is Comparison.PRESENT:
        return (is_made or bool(values)) is not condition.is_negated
    if is_made:
        return Unknown(kind=UnknownKind.RUNTIME, of="the x-request-id that the proxy makes", settled_by="the header in the request")
    if condition.is_negated and not values and condition.field is Field.HEADER:
        values = [""]
    found = any_of(matches(condition, value) for value in values)
    return negated(found) if condition.is_negated else found


def matches(condition: Condition, text: str) -> bool | Unknown:
    """Whether a text is as a condition compares it. Only the case of paths may be ignored, and never in a regular expression."""
    value = condition.value
    if condition.comparison is Comparison.REGEX:
        found = fully_matches(value, text)
        return _opaque(value, text) if found is None else found
    if condition.ignores_case:
        value, text = value.lower(), text.lower()
    match condition.comparison:
        case Comparison.EXACT:
            return text == value
        case Comparison.PREFIX:
            return text.startswith(value)
        case Comparison.SUFFIX:
            return text.endswith(value)
        case Comparison.PATH_PREFIX:
            return text.startswith(value) and text[len(value) : len(value) + 1] in ("", "/")
        case _:
            return True


def header_values(request: Request, name: str) -> tuple[str, ...]:
    """The values of a header as a route sees them, pseudo headers and those that the proxy adds first among them."""
    match name:
        case ":authority" | "host":
            return (request.authority,)
        case ":method":
            return ("POST" if request.scheme is Scheme.GRPC else request.method,)
        case ":scheme":
            return (request.written_scheme,)
        case ":path":
            return (f"{request.path}?{request.query}" if request.query else request.path,)
    found = request.header(name)
    match name:
        case "x-forwarded-proto" if not found:
            return (request.written_scheme,)
        case "content-type" if not found and request.scheme is Scheme.GRPC:
            return ("application/grpc",)
    return found


def query_value(query: str, name: str) -> str | None:
    """The first value of a query parameter, not decoded (`Utility::QueryParamsMulti::parseQueryString`); None where it is absent."""
    for pair in query.split("&") if query else ():
        key, _, value = pair.partition("=")
        if key == name:
            return value
    return None


def _values(condition: Condition, request: Request) -> Iterable[str]:
    match condition.field:
        case Field.PATH:
            return (request.path,)
        case Field.METHOD | Field.SCHEME | Field.AUTHORITY:
            return header_values(request, f":{condition.field.value}")
        case Field.HEADER:
            return header_values(request, condition.name)
        case Field.QUERY:
            value = query_value(request.query, condition.name)
            return () if value is None else (value,)
        case Field.CLAIM:
            claims: Any = request.claims
            return claim_values(claims, condition.name)


def _opaque(pattern: str, text: str) -> Unknown:
    return Unknown(kind=UnknownKind.OPAQUE, of=_PATTERN.format(text=text or "nothing", pattern=pattern), settled_by="Envoy")
