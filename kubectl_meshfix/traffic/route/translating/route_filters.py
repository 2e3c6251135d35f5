"""The filters of HTTPRoutes and GRPCRoutes (`pilot/pkg/config/kube/gateway/conversion.go`)."""

import re
from collections.abc import Iterable

from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.resources.gateway_api import (
    GRPCRouteRule,
    HeaderFilter,
    HTTPHeader,
    HTTPRouteRule,
    RequestRedirect,
    RouteFilter,
)  # fmt: skip
from kubectl_meshfix.resources.istio_networking.actions import HTTPRedirect, StringMatch
from kubectl_meshfix.traffic.checks import route as check
from kubectl_meshfix.traffic.route.translating.route_matches import Problem
from kubectl_meshfix.traffic.route.translating.string_match import condition
from kubectl_meshfix.traffic.terms.conditions import Field
from kubectl_meshfix.traffic.terms.routes import Cors, HeaderChanges

OF_BACKENDS = ("RequestHeaderModifier", "ResponseHeaderModifier")
OF_HTTP = (*OF_BACKENDS, "RequestRedirect", "RequestMirror", "URLRewrite", "CORS")
OF_GRPC = (*OF_BACKENDS, "RequestMirror")
"""The filters that istiod supports, of backends and of rules."""

_ANY_ORIGIN = r"^[a-zA-Z][a-zA-Z0-9+.-]*://[^/\s?#]+$"


def rule_cors(rule: HTTPRouteRule | GRPCRouteRule) -> Cors | None:
    """`createCorsFilter`: preflights of other origins are answered too, and allow nothing."""
    written = next((item.cors for item in rule.filters if item.type == "CORS" and item.cors), None)
    if written is None:
        return None
    origins = tuple(condition(Field.HEADER, _origin(origin), "origin") for origin in written.allow_origins if origin)
    return Cors(origins=origins, forwards_others=False)


def filter_problem(filters: Iterable[RouteFilter], at: Where, supported: tuple[str, ...]) -> Problem | None:
    """Why istiod drops a route for its filters, if so."""
    for index, written in enumerate(filters):
        place = Where(at.resource, f"{at.path}/filters/{index}")
        if written.type not in supported:
            return Problem(check.UNSUPPORTED_FILTER, Where(at.resource, f"{place.path}/type"), written.type)
        for changes in (written.request_header_modifier, written.response_header_modifier):
            bad = next((header for header in (*changes.set, *changes.add) if not _is_valid(header.value)), None) if changes else None
            if bad:
                return Problem(check.BAD_HEADER_VALUE, place, bad.name)
    return None


def _is_valid(value: str) -> bool:
    return all(letter == "\t" or (letter >= " " and letter != "\x7f") for letter in value)


def header_changes(filters: Iterable[RouteFilter]) -> HeaderChanges:
    """What becomes of the headers of requests. Of two of one name the first counts, and of two filters the last (`createHeadersFilter`)."""
    found: HeaderFilter | None = None
    for written in filters:
        if written.type == "RequestHeaderModifier" and written.request_header_modifier:
            found = written.request_header_modifier
    if found is None:
        return HeaderChanges()
    both = {**_first(found.add), **_first(found.set)}
    return HeaderChanges(
        set=_without_host(_first(found.set)),
        add=_without_host(_first(found.add)),
        removed=tuple(name.lower() for name in found.remove if name.lower() != "host"),
        authority=both.get("host", ""),
    )


def _first(headers: tuple[HTTPHeader, ...]) -> dict[str, str]:
    return {header.name.lower(): header.value for header in reversed(headers)}


def _without_host(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "host"}


def redirect_of(written: RequestRedirect) -> HTTPRedirect:
    """`createRedirectFilter`: without a port and a scheme, the port that was called stays in the answer."""
    path = written.path
    return HTTPRedirect(
        uri=path.replace_full_path if path and path.type == "ReplaceFullPath" else "",
        prefix_rewrite=path.replace_prefix_match if path and path.type == "ReplacePrefixMatch" else "",
        authority=written.hostname,
        scheme=written.scheme,
        port=written.port,
        derive_port="" if written.port or written.scheme else "FROM_REQUEST_PORT",
        redirect_code=written.status_code,
    )


def _origin(origin: str) -> StringMatch:
    if origin == "*":
        return StringMatch(regex=_ANY_ORIGIN)
    if "*" not in origin:
        return StringMatch(exact=origin)
    if origin.count("*") == 1 and origin.endswith("*"):
        return StringMatch(prefix=origin.removesuffix("*"))
    return StringMatch(regex="^" + re.escape(origin).replace(r"\*", ".*") + "$")
