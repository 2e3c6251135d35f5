"""Routes of HTTP (`pkg/config/validation/virtualservice.go validateHTTPRoute`)."""

from kubectl_meshfix.documents.pointer import join
from kubectl_meshfix.validation.routes.cors import cors
from kubectl_meshfix.validation.routes.destinations import destinations
from kubectl_meshfix.validation.routes.faults import fault
from kubectl_meshfix.validation.routes.matches import http_matches
from kubectl_meshfix.validation.routes.mirrors import mirrors
from kubectl_meshfix.validation.routes.responses import direct_response, redirect
from kubectl_meshfix.validation.routes.retries import retries
from kubectl_meshfix.validation.routes.rewrites import rewrite
from kubectl_meshfix.validation.values.durations import duration
from kubectl_meshfix.validation.values.fields import has, items
from kubectl_meshfix.validation.values.headers import operations
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_MOSTLY = frozenset({"name", "match", "route", "timeout"})
"""Fields that most routes have, and no other."""


def http_route(route: Fields, path: str, *, is_delegate: bool, is_of_gateway: bool, is_of_gateway_api: bool) -> Violations:
    """All that is refused in a route. ``is_delegate`` is whether its VirtualService is one that others delegate to."""
    yield from _conflicts(route, path, is_delegate=is_delegate)
    yield from http_matches(route, path, is_of_gateway=is_of_gateway)
    if not route.keys() <= _MOSTLY:
        yield from operations(route, path)
        yield from cors(route, path)
        yield from fault(route, path)
        yield from mirrors(route, path)
        yield from redirect(route, path)
        yield from direct_response(route, path)
        yield from retries(route, path)
        yield from rewrite(route, path)
    yield from destinations(route, path, is_of_gateway_api=is_of_gateway_api)
    yield from duration(route, "timeout", path)


def _conflicts(route: Fields, path: str, *, is_delegate: bool) -> Violations:
    """What one route cannot have together, and what it has to have (`validateHTTPRouteConflict`)."""
    if has(route, "delegate"):
        if not is_delegate:
            for name in ("redirect", "route"):
                if has(route, name) and route[name] != []:
                    yield Violation(path=path + join(name), says=f"a route has both {name} and delegate, and only one can be set")
            return
        yield Violation(
            path=f"{path}/delegate", says="a route of a VirtualService without hosts has delegate, and only those with hosts may delegate"
        )
    if has(route, "redirect"):
        yield from _beside(route, "redirect", ("route", "fault", "rewrite", "directResponse"), path)
    elif has(route, "directResponse"):
        yield from _beside(route, "directResponse", ("route", "fault", "rewrite"), path)
    elif not items(route, "route"):
        yield Violation(path=path, says="a route has none of route, redirect and directResponse")


def _beside(route: Fields, answer: str, others: tuple[str, ...], path: str) -> Violations:
    for name in others:
        if has(route, name) and route[name] != []:
            yield Violation(path=path + join(name), says=f"a route has both {name} and {answer}, and only one can be set")
