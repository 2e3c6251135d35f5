"""What a patch of an EnvoyFilter is matched with, which has to be of the kind that it is for."""

from kubectl_meshfix.validation.values.fields import has, part, text
from kubectl_meshfix.validation.violation import Fields, Violation, Violations, warning

_LISTENERS = ("LISTENER", "FILTER_CHAIN", "NETWORK_FILTER", "HTTP_FILTER")
_ROUTES = ("ROUTE_CONFIGURATION", "VIRTUAL_HOST", "HTTP_ROUTE")
_MATCH = {
    **dict.fromkeys(_LISTENERS, "listener"),
    **dict.fromkeys(_ROUTES, "routeConfiguration"),
    "CLUSTER": "cluster",
}
_MATCHES = ("listener", "routeConfiguration", "cluster", "waypoint")

_MANAGER = "envoy.filters.network.http_connection_manager"
_MANAGERS = (_MANAGER, "envoy.http_connection_manager")
_OLD_NETWORK = {
    "envoy.client_ssl_auth": "client_ssl_auth", "envoy.http_connection_manager": "http_connection_manager",
    "envoy.mongo_proxy": "mongo_proxy", "envoy.ratelimit": "ratelimit", "envoy.redis_proxy": "redis_proxy", "envoy.tcp_proxy": "tcp_proxy",
}  # fmt: skip
_OLD_HTTP = {
    "envoy.buffer": "buffer", "envoy.cors": "cors", "envoy.csrf": "csrf", "envoy.http_dynamo_filter": "dynamo", "envoy.fault": "fault",
    "envoy.grpc_http1_bridge": "grpc_http1_bridge", "envoy.grpc_json_transcoder": "grpc_json_transcoder", "envoy.grpc_web": "grpc_web",
    "envoy.gzip": "gzip", "envoy.health_check": "health_check", "envoy.ip_tagging": "ip_tagging", "envoy.lua": "lua",
    "envoy.rate_limit": "ratelimit", "envoy.router": "router", "envoy.squash": "squash",
}  # fmt: skip
_OLD_LISTENER = ("http_inspector", "original_dst", "original_src", "proxy_protocol", "tls_inspector")
_OLD = {
    **{old: f"envoy.filters.network.{new}" for old, new in _OLD_NETWORK.items()},
    **{old: f"envoy.filters.http.{new}" for old, new in _OLD_HTTP.items()},
    **{f"envoy.listener.{name}": f"envoy.filters.listener.{name}" for name in _OLD_LISTENER},
}
"""Names of filters of old, with those of today (`pkg/config/xds/deprecated.go`)."""

_EITHER = "envoy.ext_authz"
"""The old name of two filters, one of the network and one of HTTP."""


def matched(kind: str, match: Fields, path: str) -> Violations:
    """The match of a patch for objects of Envoy of a kind, such as ``HTTP_FILTER``."""
    needed = _MATCH.get(kind)
    held = next((name for name in _MATCHES if has(match, name)), None)
    if needed is None or held is None:
        return
    if not has(match, needed):
        yield Violation(path=f"{path}/{held}", says=f"match has {held}, and a patch of {kind} is matched with {needed}")
    elif needed == "listener":
        chain, place = part(part(match, "listener"), "filterChain"), f"{path}/listener/filterChain/filter"
        found = part(chain, "filter")
        if found is not None:
            yield from _filter(kind, found, place)


def _filter(kind: str, found: Fields, path: str) -> Violations:
    name, inner = text(found, "name"), part(found, "subFilter")
    if kind in ("LISTENER", "FILTER_CHAIN"):
        yield warning(path, f"filter is matched, and the patch is of {kind}", effect="Istio ignores the match of a filter there")
    if not name:
        yield Violation(path=path, says="the filter of the match has no name")
        return
    if inner is not None:
        flaw = _inner_flaw(kind, name, text(inner, "name"))
        if flaw:
            yield Violation(path=f"{path}/subFilter", says=flaw)
            return
    yield from _old(name, f"{path}/name", "network")
    yield from _old(text(inner, "name"), f"{path}/subFilter/name", "http")


def _inner_flaw(kind: str, name: str, inner: str) -> str:
    """What is wrong with the match of a filter inside of another one, as a sentence; empty for a good one."""
    if kind != "HTTP_FILTER":
        return f"subFilter is only for patches of HTTP_FILTER, and this one is of {kind}"
    if name not in _MANAGERS:
        return f'subFilter needs the filter {_MANAGER}, and the match has "{name}"'
    return "" if inner else "the subFilter of the match has no name"


def _old(name: str, path: str, place: str) -> Violations:
    meant = f"envoy.filters.{place}.ext_authz" if name == _EITHER else _OLD.get(name)
    if meant:
        yield warning(path, f'the filter "{name}" has a name that Envoy no longer uses; it is {meant}', correction=meant)
