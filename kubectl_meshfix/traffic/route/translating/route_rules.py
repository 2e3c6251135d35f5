"""What the rules of HTTPRoutes and GRPCRoutes do (`pilot/pkg/config/kube/gateway/conversion.go convertHTTPRoute, convertGRPCRoute`)."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.gateway_api import (
    BackendRef,
    GRPCRoute,
    GRPCRouteRule,
    HeaderFilter,
    HTTPHeader,
    HTTPRoute,
    HTTPRouteRule,
    RequestMirror,
    RequestRedirect,
    RouteFilter,
    URLRewrite,
)  # fmt: skip
from kubectl_meshfix.resources.go_duration import seconds
from kubectl_meshfix.resources.istio_networking import HTTPRedirect, StringMatch
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.checks import route as check
from kubectl_meshfix.traffic.registry import registry
from kubectl_meshfix.traffic.route.translating.actions import redirect, retries
from kubectl_meshfix.traffic.route.translating.called import Called, Granted
from kubectl_meshfix.traffic.route.translating.route_matches import Match, Problem
from kubectl_meshfix.traffic.route.translating.string_match import condition
from kubectl_meshfix.traffic.terms.routes import Cors, DirectResponse, Field, Forward, HeaderChanges, Redirect, Target

Action = Callable[[Match], Redirect | DirectResponse | Forward]
"""What a rule does, once it is known which of its matches took the request."""

_INVALID = 500
_HEADERS = ("RequestHeaderModifier", "ResponseHeaderModifier")
_OF_HTTP = (*_HEADERS, "RequestRedirect", "RequestMirror", "URLRewrite", "CORS")
_OF_GRPC = (*_HEADERS, "RequestMirror")
_ANY_ORIGIN = r"^[a-zA-Z][a-zA-Z0-9+.-]*://[^/\s?#]+$"


class _Sender(NamedTuple):
    """Who asks for a backend."""

    mesh: Mesh
    route: HTTPRoute | GRPCRoute
    granted: Granted | None


def rule_action(
    mesh: Mesh, route: HTTPRoute | GRPCRoute, rule: HTTPRouteRule | GRPCRouteRule, at: Where, called: Called
) -> Action | Problem:
    """What a rule does, or why istiod drops its whole route. Without any backend that has a weight it answers 500."""
    sender = _Sender(mesh, route, called.granted)
    supported = _OF_HTTP if isinstance(rule, HTTPRouteRule) else _OF_GRPC
    if problem := _of_filters(rule.filters, at, supported):
        return problem
    mirrors: list[Target] = []
    for index, written in enumerate(rule.filters):
        if written.type == "RequestMirror" and written.request_mirror:
            place = Where(at.resource, f"{at.path}/filters/{index}/requestMirror/backendRef")
            mirror = _target(sender, written.request_mirror.backend_ref, place)
            is_usable = isinstance(mirror, Target) and _is_known(sender, mirror)
            if not is_usable and isinstance(rule, GRPCRouteRule):
                return Problem(check.NO_MIRROR, place, written.request_mirror.backend_ref.name)
            if isinstance(mirror, Target) and is_usable and _is_mirrored(written.request_mirror):
                mirrors.append(mirror)
    filters = {written.type: written for written in rule.filters}
    if (sent := filters.get("RequestRedirect")) and sent.request_redirect:
        answered = redirect(_redirect(sent.request_redirect), called.port, is_tls=called.is_tls)
        return lambda _: answered
    if not any(backend.weight for backend in rule.backend_refs):
        return lambda _: DirectResponse(status=_INVALID)
    targets = _targets(sender, rule, at)
    if isinstance(targets, Problem):
        return targets
    forward = _forward(rule, filters, targets, tuple(mirrors), called)
    rewrite = filters["URLRewrite"].url_rewrite if "URLRewrite" in filters else None
    return lambda match: _rewritten(forward, rewrite, match)


def rule_cors(rule: HTTPRouteRule | GRPCRouteRule) -> Cors | None:
    """`createCorsFilter`: preflights of other origins are answered too, and allow nothing."""
    written = next((item.cors for item in rule.filters if item.type == "CORS" and item.cors), None)
    if written is None:
        return None
    origins = tuple(condition(Field.HEADER, _origin(origin), "origin") for origin in written.allow_origins if origin)
    return Cors(origins=origins, forwards_others=False)


def _forward(
    rule: HTTPRouteRule | GRPCRouteRule, filters: Mapping[str, RouteFilter], targets: tuple[Target, ...], mirrors: tuple[Target, ...],
    called: Called,
) -> Forward:  # fmt: skip
    changes = _changes(filters.values())
    retry = rule.retry if isinstance(rule, HTTPRouteRule) else None
    timeouts = rule.timeouts if isinstance(rule, HTTPRouteRule) else None
    limits = [timeouts.request, *([timeouts.backend_request] if retry is None else [])] if timeouts else []
    named = [limit for text in limits if (limit := seconds(text))]
    return Forward(
        targets=targets,
        timeout=named[-1] if named else None,
        retries=retry.attempts if retry else retries(called.default_retries),
        set_headers=changes.set,
        add_headers=changes.add,
        removed_headers=changes.removed,
        rewrite_authority=changes.authority,
        mirrors=mirrors,
        has_cors="CORS" in filters,
    )


def _rewritten(forward: Forward, rewrite: URLRewrite | None, match: Match) -> Forward:
    """A prefix can be replaced only where one was matched; a new one that is only a slash takes it away."""
    if rewrite is None:
        return forward
    prefix = path = None
    match rewrite.path.type if rewrite.path else "":
        case "ReplacePrefixMatch" if rewrite.path:
            prefix = rewrite.path.replace_prefix_match.removesuffix("/")
        case "ReplaceFullPath" if rewrite.path:
            path = rewrite.path.replace_full_path
    if prefix is not None and match.prefix is None and match.path is not None:
        prefix, path = None, prefix or "/"
    return replace(forward, rewrite_prefix=prefix, rewrite_path=path, rewrite_authority=rewrite.hostname or forward.rewrite_authority)


def _targets(sender: _Sender, rule: HTTPRouteRule | GRPCRouteRule, at: Where) -> tuple[Target, ...] | Problem:
    found: list[Target] = []
    for index, backend in enumerate(rule.backend_refs):
        if not backend.weight:
            continue
        place = Where(at.resource, f"{at.path}/backendRefs/{index}")
        target = _target(sender, backend, place)
        if isinstance(target, Problem):
            return target
        if problem := _of_filters(backend.filters, place, _HEADERS):
            return problem
        found.append(replace(target, weight=backend.weight, changes=_changes(backend.filters) if backend.filters else None))
    return tuple(found)


def _target(sender: _Sender, backend: BackendRef, at: Where) -> Target | Problem:
    """`buildDestination`: what cannot be used stays as a target without a cluster, and is answered with 500."""
    namespace = backend.namespace if backend.namespace is not None else sender.route.namespace
    if sender.granted and namespace != sender.route.namespace and not sender.granted(sender.route, backend):
        return Target(host="", at=at, missing_status=_INVALID)
    match backend.group, backend.kind:
        case ("", "Service") | ("multicluster.x-k8s.io", "ServiceImport"):
            if "." in backend.name and backend.kind == "Service":
                return Problem(check.NO_SERVICE_NAME, Where(at.resource, f"{at.path}/name"), backend.name)
            host = hosts.of_service(backend.name, namespace)
        case "networking.istio.io", "Hostname":
            if backend.namespace is not None:
                return Problem(check.NO_SERVICE_NAME, Where(at.resource, f"{at.path}/namespace"), backend.name)
            host = backend.name
        case _:
            return Target(host="", at=at, missing_status=_INVALID)
    if backend.port is None:
        return Problem(check.NO_BACKEND_PORT, at, backend.name)
    return Target(host=host, port=backend.port, at=at, missing_status=_INVALID)


def _is_known(sender: _Sender, target: Target) -> bool:
    service = hosts.service_of(target.host)
    if service:
        return sender.mesh.get(Service, service[1], service[0]) is not None
    return bool(target.host and registry(sender.mesh).visible(target.host, (sender.route.namespace,)))


def _is_mirrored(mirror: RequestMirror) -> bool:
    return bool(mirror.fraction.numerator if mirror.fraction else mirror.percent is None or mirror.percent)


def _of_filters(filters: Iterable[RouteFilter], at: Where, supported: tuple[str, ...]) -> Problem | None:
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


def _changes(filters: Iterable[RouteFilter]) -> HeaderChanges:
    """Of two with one name the first counts; the last filter of a type does."""
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


def _redirect(written: RequestRedirect) -> HTTPRedirect:
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
