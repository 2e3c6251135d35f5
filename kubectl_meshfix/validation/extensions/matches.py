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
    elif inner is not None and (flaw := _inner_flaw(kind, name, text(inner, "name"))):
        yield Violation(path=f"{path}/subFilter", says=flaw)


def _inner_flaw(kind: str, name: str, inner: str) -> str:
    """What is wrong with the match of a filter inside of another one, as a sentence; empty for a good one."""
    if kind != "HTTP_FILTER":
        return f"subFilter is only for patches of HTTP_FILTER, and this one is of {kind}"
    if name not in _MANAGERS:
        return f'subFilter needs the filter {_MANAGER}, and the match has "{name}"'
    return "" if inner else "the subFilter of the match has no name"
