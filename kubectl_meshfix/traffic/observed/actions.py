"""What a proxy does with a request, in one form for what is predicted and for what it has."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction

from kubectl_meshfix.resources.meta import Struct
from kubectl_meshfix.traffic.observed.envoy import Config, Route, RouteAction
from kubectl_meshfix.traffic.observed.listening import Ends
from kubectl_meshfix.traffic.observed.matching import first, virtual_host
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.gateways import GatewayRoute
from kubectl_meshfix.traffic.terms.listeners import HTTPListener, Passthrough, TCPListener
from kubectl_meshfix.traffic.terms.request import Request
from kubectl_meshfix.traffic.terms.routes import DirectResponse, Forward, Redirect, Rule, Target, VirtualHost
from kubectl_meshfix.traffic.trace.answers import Branch, Chosen, Hop

PASSTHROUGH, BLACK_HOLE = "PassthroughCluster", "BlackHoleCluster"
_CODES = {"": 301, "MOVED_PERMANENTLY": 301, "FOUND": 302, "SEE_OTHER": 303, "TEMPORARY_REDIRECT": 307, "PERMANENT_REDIRECT": 308}


class Does(StrEnum):
    """What kind of thing a proxy does."""

    SENDS = "sends"
    REDIRECTS = "redirects"
    ANSWERS = "answers"
    NOTHING = "nothing"
    """No route matches: 404."""


class Action(Struct, frozen=True):
    """Where a request goes, by the names of clusters with their shares; or the status of an answer of the proxy's own.

    ``timeout`` is in seconds, None for none or for what is no route of HTTP.
    """

    does: Does
    clusters: Mapping[str, Fraction] = {}
    status: int = 0
    timeout: float | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for what does the same."""
        return self.does, frozenset(self.clusters.items()), self.status, self.timeout

    def __str__(self) -> str:
        match self.does:
            case Does.SENDS:
                limit = f" with a timeout of {self.timeout:g} s" if self.timeout else ""
                return f"sends to {shared(self.clusters)}{limit}"
            case Does.REDIRECTS:
                return f"redirects with {self.status}"
            case Does.ANSWERS:
                return f"answers {self.status} itself"
            case Does.NOTHING:
                return "matches nothing (404)"


Way = tuple[Branch, Hop]
"""A way of the request, and its hop at one proxy."""


def predicted(ways: Sequence[Way]) -> tuple[Action, ...]:
    """What the objects make a proxy do; several where that is not known, none where it cannot be said."""
    made: dict[tuple[object, ...], Action] = {}
    bytes_to: dict[str, Fraction] = {}
    for way in ways:
        chosen = way[1].chosen
        if chosen.rule is not None:
            action = _of_rule(chosen.rule, chosen, ways)
            if action is not None:
                made[action.key] = action
        elif chosen.target is not None and not any(given for given in way[0].given):
            name = cluster_name(chosen, chosen.target, ways)
            bytes_to[name] = bytes_to.get(name, Fraction(0)) + way[0].share
        elif chosen.target is None and (action := _without_target(way)) is not None:
            made[action.key] = action
    if bytes_to:
        whole = sum(bytes_to.values())
        action = Action(does=Does.SENDS, clusters={name: share / whole for name, share in bytes_to.items()})
        made[action.key] = action
    return tuple(made.values())


def observed(ends: Ends, found: Config, request: Request) -> Action | None:
    """What a proxy does by what it has; None where its routes are not among it. Raises NotEvaluated."""
    if not ends.reads_http:
        return Action(does=Does.SENDS, clusters=_clusters(ends))
    routes = ends.route_config or (found.routes.get(ends.rds.route_config_name) if ends.rds else None)
    if routes is None:
        return None
    host = virtual_host(routes, request)
    if host is None:
        return Action(does=Does.NOTHING)
    if host.require_tls not in ("", "NONE") and not request.came_by_tls:
        return Action(does=Does.REDIRECTS, status=301)
    route = first(host.routes, request)
    return _of_route(route) if route else Action(does=Does.NOTHING)


def cluster_name(chosen: Chosen, target: Target, ways: Sequence[Way] = ()) -> str:
    """Envoy's name for where a target leads (`pilot/pkg/model/context.go BuildSubsetKey`)."""
    named = next((hop.chosen.cluster for _, hop in ways if hop.chosen.target == target and hop.chosen.cluster), None)
    if named is not None:
        return f"outbound|{named.port.number}|{target.subset}|{named.entry.host}"
    listener = chosen.listener
    called = 0 if isinstance(listener, Passthrough) or listener is None else _number(listener)
    return f"outbound|{target.port or called or (chosen.request.port if chosen.request else 0)}|{target.subset}|{target.host}"


def shared(clusters: Mapping[str, Fraction]) -> str:
    """Clusters with their shares, as people write hosts."""
    parts = [
        named(name) + (f" ({round(float(share) * 100, 2):g} %)" if share != 1 else "")
        for name, share in sorted(clusters.items(), key=lambda item: (-item[1], item[0]))
    ]
    return " and ".join(parts) or "no cluster"


def named(cluster: str) -> str:
    """``outbound|80|v1|catalog.shop.svc.cluster.local`` as host, port and subset; other names as they are."""
    parts = cluster.split("|")
    if len(parts) != 4:
        return cluster
    return f"{parts[3]}:{parts[1]}" + (f" subset {parts[2]}" if parts[2] else "")


def _of_rule(rule: Rule, chosen: Chosen, ways: Sequence[Way]) -> Action | None:
    match rule.action:
        case Redirect(status=status):
            return Action(does=Does.REDIRECTS, status=status)
        case DirectResponse(status=status):
            return Action(does=Does.ANSWERS, status=status)
        case Forward(unknown=None, targets=targets, timeout=timeout) if targets:
            return Action(does=Does.SENDS, clusters=dict(_weights(targets, chosen, ways)), timeout=timeout or None)
        case _:
            return None


def _weights(targets: Sequence[Target], chosen: Chosen, ways: Sequence[Way]) -> Iterator[tuple[str, Fraction]]:
    total, found = sum(target.weight for target in targets), dict[str, Fraction]()
    for target in targets:
        if len(targets) == 1 or target.weight:
            name = cluster_name(chosen, target, ways)
            found[name] = found.get(name, Fraction(0)) + (Fraction(1) if len(targets) == 1 else Fraction(target.weight, total))
    yield from found.items()


def _without_target(way: Way) -> Action | None:
    """What becomes of a request that no route of an object leads on."""
    branch, hop = way
    failure = branch.ending.failure if branch.hops[-1] is hop else None
    match hop.chosen.listener:
        case GatewayRoute(route=VirtualHost(has_https_redirect=True)):
            return Action(does=Does.REDIRECTS, status=301)
        case HTTPListener() | GatewayRoute(is_http=True) if failure is Failure.NO_ROUTE:
            return Action(does=Does.NOTHING)
        case HTTPListener() if failure is Failure.BLOCKED:
            return Action(does=Does.ANSWERS, status=502)
        case HTTPListener() | Passthrough() if failure is not Failure.BLOCKED and failure is not Failure.NO_ROUTE:
            return Action(does=Does.SENDS, clusters={PASSTHROUGH: Fraction(1)})
        case TCPListener() | Passthrough() | None if failure is Failure.BLOCKED:
            return Action(does=Does.SENDS, clusters={BLACK_HOLE: Fraction(1)})
        case _:
            return None


def _number(listener: HTTPListener | TCPListener | GatewayRoute) -> int:
    return listener.number if isinstance(listener, GatewayRoute) else listener.port


def _of_route(route: Route) -> Action:
    if route.redirect:
        return Action(does=Does.REDIRECTS, status=_CODES.get(route.redirect.response_code, 0))
    if route.direct_response:
        return Action(does=Does.ANSWERS, status=route.direct_response.status)
    if route.route is None:
        return Action(does=Does.NOTHING)
    sent = route.route
    return Action(does=Does.SENDS, clusters=_clusters(sent), timeout=_seconds(sent.timeout) or None)


def _clusters(found: Ends | RouteAction) -> Mapping[str, Fraction]:
    if not found.weighted_clusters:
        return {found.cluster: Fraction(1)} if found.cluster else {}
    total, shares = sum(item.weight for item in found.weighted_clusters.clusters) or 1, dict[str, Fraction]()
    for item in found.weighted_clusters.clusters:
        if item.weight:
            shares[item.name] = shares.get(item.name, Fraction(0)) + Fraction(item.weight, total)
    return shares


def _seconds(text: str) -> float:
    """A duration as Protobuf writes it in JSON; Envoy's own 15 s where a route says nothing."""
    if not text:
        return 15.0
    return float(text.removesuffix("s")) if text.removesuffix("s").replace(".", "", 1).isdecimal() else 0.0
