"""What a VirtualService's route does with a request that it takes (`pilot/pkg/networking/core/route/route.go TranslateRoute`)."""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

from msgspec.structs import replace

from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.resources.go_duration import seconds
from kubectl_meshfix.resources.istio_networking.actions import CorsPolicy, Headers, HTTPFault, HTTPRedirect, HTTPRetry, Percent
from kubectl_meshfix.resources.istio_networking.destinations import Destination
from kubectl_meshfix.resources.istio_networking.routes import RouteDestination, VirtualServiceHTTPRoute  # fmt: skip
from kubectl_meshfix.traffic.route.translating.called import Called
from kubectl_meshfix.traffic.route.translating.string_match import condition
from kubectl_meshfix.traffic.terms.conditions import Field
from kubectl_meshfix.traffic.terms.routes import Cors, DirectResponse, Fault, Forward, HeaderChanges, Redirect, Target

Resolve = Callable[[Destination, Where], Target]
"""Makes a target of a destination and its place, as some proxy reads it."""

DEFAULT_RETRIES = 2
"""Of a route that says nothing (`pilot/pkg/networking/core/route/retry/retry.go DefaultPolicy`)."""

_ON_FAILED_CONNECTION = frozenset({"5xx", "gateway-error", "reset", "reset-before-request", "connect-failure"})
_GRPC = {
    "OK": 200, "CANCELLED": 499, "UNKNOWN": 500, "INVALID_ARGUMENT": 400, "DEADLINE_EXCEEDED": 504, "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409, "PERMISSION_DENIED": 403, "RESOURCE_EXHAUSTED": 429, "FAILED_PRECONDITION": 400, "ABORTED": 409,
    "OUT_OF_RANGE": 400, "UNIMPLEMENTED": 501, "INTERNAL": 500, "UNAVAILABLE": 503, "DATA_LOSS": 500, "UNAUTHENTICATED": 401,
}  # fmt: skip
"""What Envoy answers a caller that does not speak gRPC (`source/common/grpc/status.cc grpcToHttpStatus`)."""


def action(
    route: VirtualServiceHTTPRoute, at: Where, called: Called, resolve: Resolve, matched: str | None
) -> Redirect | DirectResponse | Forward:
    """A redirect before a direct response before a destination. ``matched`` is the kind of path that the route matches, if any."""
    if route.redirect:
        return redirect(route.redirect, called.port, is_tls=called.is_tls)
    if route.direct_response:
        return DirectResponse(status=route.direct_response.status, body=route.direct_response.body.string)
    changes = _changes(route.headers)
    rewrite = route.rewrite
    pattern = rewrite.uri_regex_rewrite if rewrite else None
    uri = rewrite.uri if rewrite and not pattern else ""
    return Forward(
        targets=tuple(_targets(route.route, at, resolve)),
        fault=_fault(route.fault, at),
        timeout=(seconds(route.timeout) or None) if route.timeout else None,
        retries=retries(route.retries or called.default_retries),
        rewrite_path=uri if uri and matched in ("exact", "regex") else None,
        rewrite_prefix=uri if uri and matched not in ("exact", "regex") else None,
        rewrite_regex=(pattern.match, pattern.rewrite) if pattern else None,
        rewrite_authority=(rewrite.authority if rewrite else "") or changes.authority,
        set_headers=changes.set,
        add_headers=changes.add,
        removed_headers=changes.removed,
        mirrors=tuple(_mirrors(route, at, resolve)),
        has_cors=route.cors_policy is not None,
    )


def redirect(written: HTTPRedirect, port: int, *, is_tls: bool = False) -> Redirect:
    """`ApplyRedirect`: the ports 80 and 443 are left out where the scheme implies them."""
    named = port if written.derive_port == "FROM_REQUEST_PORT" else written.port
    scheme = written.scheme or ("https" if is_tls else "http")
    return Redirect(
        status=written.redirect_code or 301,
        scheme=written.scheme,
        authority=written.authority,
        path="" if written.prefix_rewrite else written.uri,
        prefix=written.prefix_rewrite,
        port=0 if (named, scheme) in ((80, "http"), (443, "https")) else named,
    )


def retries(policy: HTTPRetry | None) -> int:
    """How often a request is sent again after its connection failed."""
    if policy is None:
        return DEFAULT_RETRIES
    reasons = {reason.strip() for reason in policy.retry_on.split(",")} - {""}
    return max(policy.attempts, 0) if not reasons or reasons & _ON_FAILED_CONNECTION else 0


def cors(policy: CorsPolicy | None) -> Cors | None:
    """`TranslateCORSPolicy`."""
    if policy is None:
        return None
    if policy.allow_origins is not None:
        origins = tuple(condition(Field.HEADER, match, "origin") for match in policy.allow_origins)
    else:
        origins = tuple(condition(Field.HEADER, origin, "origin") for origin in policy.allow_origin)
    return Cors(origins=origins, forwards_others=policy.unmatched_preflights != "IGNORE")


def share(percent: Percent | None) -> Fraction:
    """A percentage as Envoy counts it, in millionths (`translatePercentToFractionalPercent`)."""
    return min(Fraction(int(percent.value * 10_000), 1_000_000), Fraction(1)) if percent else Fraction(0)


def _targets(destinations: Iterable[RouteDestination], at: Where, resolve: Resolve) -> Iterator[Target]:
    """Of several destinations those without a weight are left out; the weight of a single one has no effect."""
    numbered = list(enumerate(destinations))
    for index, one in numbered:
        if len(numbered) > 1 and not one.weight:
            continue
        target = resolve(one.destination, Where(at.resource, f"{at.path}/route/{index}/destination"))
        weight = (one.weight or 0) if len(numbered) > 1 else 1
        yield replace(target, weight=weight, changes=_changes(one.headers) if one.headers else None)


def _mirrors(route: VirtualServiceHTTPRoute, at: Where, resolve: Resolve) -> Iterator[Target]:
    if route.mirror and (route.mirror_percentage.value if route.mirror_percentage else route.mirror_percent) not in (0, 0.0):
        yield resolve(route.mirror, Where(at.resource, f"{at.path}/mirror"))
    for index, mirror in enumerate(route.mirrors):
        if mirror.percentage is None or mirror.percentage.value > 0:
            yield resolve(mirror.destination, Where(at.resource, f"{at.path}/mirrors/{index}/destination"))


def _fault(written: HTTPFault | None, at: Where) -> Fault | None:
    if written is None or not (written.delay or written.abort):
        return None
    delay, abort = written.delay, written.abort
    held = share(delay.percentage) if delay and delay.percentage else Fraction(min(delay.percent, 100), 100) if delay else Fraction(0)
    return Fault(
        status=(abort.http_status or _GRPC.get(abort.grpc_status, 0)) if abort else 0,
        abort_share=share(abort.percentage) if abort else Fraction(0),
        delay=(seconds(delay.fixed_delay) or 0.0) if delay else 0.0,
        delay_share=held,
        path=f"{at.path}/fault",
    )


def _changes(headers: Headers | None) -> HeaderChanges:
    """`TranslateHeadersOperations`: what is set replaces the authority before what is added, and no pseudo header is a header."""
    if headers is None:
        return HeaderChanges()
    request = headers.request
    named = [value for changes in (request.set, request.add) for name, value in changes.items() if name.lower() in (":authority", "host")]
    return HeaderChanges(
        set=_without_internal(request.set),
        add=_without_internal(request.add),
        removed=tuple(name.lower() for name in request.remove if not _is_internal(name)),
        authority=next(iter(named), ""),
    )


def _without_internal(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items() if not _is_internal(name)}


def _is_internal(name: str) -> bool:
    return name.startswith(":") or name.lower() == "host"
