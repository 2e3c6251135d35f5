"""HTTPRoutes and GRPCRoutes, for Services and for Gateways (`pilot/pkg/config/kube/gateway/route_collections.go`)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kubectl_meshfix.chain.steps import Steps, Where, answer, step
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.core import Service
from kubectl_meshfix.resources.gateway_api import GRPCRoute, GRPCRouteRule, HTTPRoute, HTTPRouteRule, ParentRef
from kubectl_meshfix.resources.istio_networking.hosts import ServiceEntry
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.route.places import place
from kubectl_meshfix.traffic.route.translating.called import Called
from kubectl_meshfix.traffic.route.translating.route_filters import rule_cors
from kubectl_meshfix.traffic.route.translating.route_matches import Match, Problem, matches, rank
from kubectl_meshfix.traffic.route.translating.route_rules import rule_action
from kubectl_meshfix.traffic.terms.routes import Rule

Route = HTTPRoute | GRPCRoute


class MeshRoutes(NamedTuple):
    """The routes of one namespace for one host of the registry, and one of its ports or all: istiod makes one VirtualService of them."""

    namespace: str
    host: str
    port: int | None
    routes: tuple[Route, ...]
    """The oldest first."""

    @property
    def created(self) -> str:
        """When the oldest was made; empty where nobody knows."""
        return self.routes[0].metadata.creation_timestamp or ""

    @property
    def name(self) -> str:
        """The name that istiod gives to what it makes of them."""
        return "~".join([self.namespace, *([str(self.port)] if self.port is not None else []), self.host])


def mesh_routes(mesh: Mesh) -> Sequence[MeshRoutes]:
    """The routes whose parents are Services or ServiceEntries that there are. Their hostnames have no effect."""
    return mesh.cached("routes of Services", _mesh_routes)


def route_rules(mesh: Mesh, routes: Sequence[Route], called: Called) -> tuple[Rule, ...]:
    """The rules of routes that are merged, in the order in which they are tried; the routes come in any order."""
    return answer(told_route_rules(mesh, routes, called))


def told_route_rules(mesh: Mesh, routes: Sequence[Route], called: Called) -> Steps[tuple[Rule, ...]]:
    """The same, and a step for each route that istiod cannot translate, and so drops whole."""
    found: list[tuple[Match, Rule]] = []
    for route in sorted(routes, key=_age):
        made: list[tuple[Match, Rule]] = []
        problem: Problem | None = None
        rules: tuple[HTTPRouteRule | GRPCRouteRule, ...] = route.spec.rules
        for index, rule in enumerate(rules):
            at = Where(route.ref, f"/spec/rules/{index}")
            action = rule_action(mesh, route, rule, at, called)
            both = matches(rule, at)
            problem = problem or (both if isinstance(both, Problem) else None) or (action if isinstance(action, Problem) else None)
            if problem or isinstance(both, Problem) or isinstance(action, Problem):
                break
            name = rule.name or f"{route.namespace}.{route.name}.{index}"
            made += (
                (match, Rule(conditions=match.conditions, action=action(match), at=match.at, name=name, cors=rule_cors(rule)))
                for match in both
            )
        if problem:
            yield step(problem.outcome, problem.at, route=place(Where(route.ref)), name=problem.name)
        else:
            found += made
    return tuple(_until_catch_all(rule for _, rule in sorted(found, key=lambda pair: rank(pair[0]))))


def _until_catch_all(rules: Iterator[Rule]) -> Iterator[Rule]:
    for rule in rules:
        yield rule
        if not rule.conditions:
            return


def _mesh_routes(mesh: Mesh) -> Sequence[MeshRoutes]:
    grouped: dict[tuple[str, int | None, str], list[Route]] = defaultdict(list)
    routes: tuple[Route, ...] = (*mesh.all(HTTPRoute), *mesh.all(GRPCRoute))
    for route in routes:
        for parent in route.spec.parent_refs:
            for host in _hosts(mesh, parent, parent.namespace or route.namespace):
                group = grouped[route.namespace, parent.port, host]
                if route not in group[-1:]:
                    group.append(route)
    return tuple(MeshRoutes(namespace, host, port, tuple(sorted(found, key=_age))) for (namespace, port, host), found in grouped.items())


def _hosts(mesh: Mesh, parent: ParentRef, namespace: str) -> tuple[str, ...]:
    match parent.group, parent.kind:
        case "", "Service":
            return (hosts.of_service(parent.name, namespace),) if mesh.get(Service, namespace, parent.name) else ()
        case "networking.istio.io", "ServiceEntry":
            found = mesh.get(ServiceEntry, namespace, parent.name)
            return found.spec.hosts if found else ()
    return ()


def _age(route: Route) -> tuple[str, str, str]:
    return route.metadata.creation_timestamp or "", route.namespace, route.name
