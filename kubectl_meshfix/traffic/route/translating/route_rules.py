"""What the rules of HTTPRoutes and GRPCRoutes do (`pilot/pkg/config/kube/gateway/conversion.go convertHTTPRoute, convertGRPCRoute`)."""

from collections.abc import Callable, Mapping

import msgspec
from msgspec.structs import replace

from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.gateway_api import (
    BackendRef,
    GRPCRoute,
    GRPCRouteRule,
    HTTPRoute,
    HTTPRouteRule,
    RequestMirror,
    RouteFilter,
    URLRewrite,
)  # fmt: skip
from kubectl_meshfix.resources.go_duration import seconds
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.checks import route as check
from kubectl_meshfix.traffic.registry import registry
from kubectl_meshfix.traffic.route.translating.actions import redirect, retries
from kubectl_meshfix.traffic.route.translating.called import Called, Granted
from kubectl_meshfix.traffic.route.translating.route_filters import (
    OF_BACKENDS,
    OF_GRPC,
    OF_HTTP,
    filter_problem,
    header_changes,
    redirect_of,
)  # fmt: skip
from kubectl_meshfix.traffic.route.translating.route_matches import Match, Problem
from kubectl_meshfix.traffic.terms.routes import DirectResponse, Forward, Redirect, Target

Action = Callable[[Match], Redirect | DirectResponse | Forward]
"""What a rule does, once it is known which of its matches took the request."""

_INVALID = 500
"""The status of a backend that cannot be used."""


class _Sender(msgspec.Struct, frozen=True):
    """Who asks for a backend."""

    mesh: Mesh
    route: HTTPRoute | GRPCRoute
    granted: Granted | None


def rule_action(
    mesh: Mesh, route: HTTPRoute | GRPCRoute, rule: HTTPRouteRule | GRPCRouteRule, at: Where, called: Called
) -> Action | Problem:
    """What a rule does, or why istiod drops its whole route. Without any backend that has a weight it answers 500."""
    sender = _Sender(mesh, route, called.granted)
    supported = OF_HTTP if isinstance(rule, HTTPRouteRule) else OF_GRPC
    if problem := filter_problem(rule.filters, at, supported):
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
        answered = redirect(redirect_of(sent.request_redirect), called.port, is_tls=called.is_tls)
        return lambda _: answered
    if not any(backend.weight for backend in rule.backend_refs):
        return lambda _: DirectResponse(status=_INVALID)
    targets = _targets(sender, rule, at)
    if isinstance(targets, Problem):
        return targets
    forward = _forward(rule, filters, targets, tuple(mirrors), called)
    rewrite = filters["URLRewrite"].url_rewrite if "URLRewrite" in filters else None
    return lambda match: _rewritten(forward, rewrite, match)


def _forward(
    rule: HTTPRouteRule | GRPCRouteRule, filters: Mapping[str, RouteFilter], targets: tuple[Target, ...], mirrors: tuple[Target, ...],
    called: Called,
) -> Forward:  # fmt: skip
    changes = header_changes(filters.values())
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
        if problem := filter_problem(backend.filters, place, OF_BACKENDS):
            return problem
        found.append(replace(target, weight=backend.weight, changes=header_changes(backend.filters) if backend.filters else None))
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
