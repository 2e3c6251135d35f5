"""The filters that patches of an EnvoyFilter name: where they stand in a patch, and what istiod and Envoy call them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.proxies import ConfigPatch, EnvoyFilter

HTTP_FILTER, NETWORK_FILTER, LISTENER_FILTER = "HTTP_FILTER", "NETWORK_FILTER", "LISTENER_FILTER"

WAYPOINT = "WAYPOINT"
"""The context whose matches name filters in ``match.waypoint``.

istiod takes such patches unchecked (`pkg/config/validation/envoyfilter`), and Istio's own gives them to no proxy; what other
distributions do with them is not known here.
"""

CONNECTION_MANAGER, ROUTER = "envoy.filters.network.http_connection_manager", "envoy.filters.http.router"
TERMINAL = frozenset({CONNECTION_MANAGER, "envoy.filters.network.tcp_proxy"})
"""The network filters of istiod's that end a filter chain."""

_RETIRED_HTTP = {
    **{
        f"envoy.{name}": f"envoy.filters.http.{name}"
        for name in (
            "buffer", "cors", "csrf", "ext_authz", "fault", "grpc_http1_bridge", "grpc_json_transcoder", "grpc_web", "gzip",
            "health_check", "ip_tagging", "lua", "router", "squash",
        )
    },
    "envoy.http_dynamo_filter": "envoy.filters.http.dynamo",
    "envoy.rate_limit": "envoy.filters.http.ratelimit",
}  # fmt: skip
_RETIRED_NETWORK = {
    f"envoy.{name}": f"envoy.filters.network.{name}"
    for name in ("client_ssl_auth", "ext_authz", "http_connection_manager", "mongo_proxy", "ratelimit", "redis_proxy", "tcp_proxy")
}
_RETIRED_LISTENER = {
    f"envoy.listener.{name}": f"envoy.filters.listener.{name}"
    for name in ("http_inspector", "original_dst", "original_src", "proxy_protocol", "tls_inspector")
}

_FILTER = ("match", "listener", "filterChain", "filter")


class Place(NamedTuple):
    """A name in the match of a patch: its JSON pointer below the patch, and the names of today by their retired ones."""

    parts: tuple[str, ...]
    retired: Mapping[str, str]

    @property
    def pointer(self) -> str:
        """The JSON pointer below the patch."""
        return join(*self.parts)


FILTER = Place((*_FILTER, "name"), _RETIRED_NETWORK)
SUB_FILTER = Place((*_FILTER, "subFilter", "name"), _RETIRED_HTTP)
IN_LISTENER = Place(("match", "listener", "listenerFilter"), _RETIRED_LISTENER)
"""The places in which a match names a network filter, an HTTP filter and a listener filter."""


def at(patch: ConfigPatch, parts: tuple[str, ...]) -> Any:
    """What stands at a place of a patch's match; None for nothing."""
    found: Any = {"match": patch.match}
    for part in parts:
        found = found.get(part) if isinstance(found, dict) else None
    return found


def named(patch: ConfigPatch, place: Place) -> str:
    """The filter that a match names at a place; empty for none."""
    found = at(patch, place.parts)
    return found if isinstance(found, str) else ""


def positioned(patch: ConfigPatch) -> bool:
    """Whether a patch of a filter says which filter it is about (`listener_patch.go hasNetworkFilterMatch`, `hasHTTPFilterMatch`)."""
    match patch.apply_to:
        case "HTTP_FILTER":
            return isinstance(at(patch, (*_FILTER, "subFilter")), dict)
        case "NETWORK_FILTER":
            return isinstance(at(patch, _FILTER), dict)
        case _:
            return bool(named(patch, IN_LISTENER))


def context(patch: ConfigPatch) -> str:
    """The context of a patch; ``ANY`` where it says nothing."""
    found = at(patch, ("match", "context"))
    return found if isinstance(found, str) and found else "ANY"


def value_name(patch: ConfigPatch) -> str:
    """The name in the value of a patch; empty for none."""
    value = patch.patch.value if patch.patch else None
    name = value.get("name") if isinstance(value, dict) else None
    return name if isinstance(name, str) else ""


def given_names(mesh: Mesh) -> frozenset[str]:
    """The names that EnvoyFilters give to filters: Envoy takes any, so that a retired one may be there all the same."""
    return mesh.cached("names of filters in patches", _given_names)


def _given_names(mesh: Mesh) -> frozenset[str]:
    return frozenset(value_name(patch) for item in mesh.all(EnvoyFilter) for patch in item.spec.config_patches) - {""}


def renamed(patch: ConfigPatch, instead: Mapping[str, tuple[str, str]]) -> Any:
    """The match of a patch with other names, which stand by their JSON pointers below the patch beside the old ones."""
    found: Any = {"match": patch.match}
    for pointer, (_, new) in instead.items():
        found = _with(found, pointer.split("/")[1:], new)
    return found["match"]


def _with(value: Any, parts: list[str], new: str) -> Any:
    return {**value, parts[0]: _with(value[parts[0]], parts[1:], new)} if parts else new
