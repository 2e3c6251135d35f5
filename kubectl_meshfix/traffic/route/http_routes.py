"""HTTPRoutes and GRPCRoutes, for Services and for Gateways (`pilot/pkg/config/kube/gateway/route_collections.go`)."""

from collections.abc import Iterator, Sequence

from kubectl_meshfix.chain.steps import Steps, Where, answer, step
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.gateway_api import GRPCRoute, GRPCRouteRule, HTTPRoute, HTTPRouteRule
from kubectl_meshfix.traffic.client.mesh_routes import age
from kubectl_meshfix.traffic.route.places import place
from kubectl_meshfix.traffic.route.translating.called import Called
from kubectl_meshfix.traffic.route.translating.route_filters import rule_cors
from kubectl_meshfix.traffic.route.translating.route_matches import Match, Problem, matches, rank
from kubectl_meshfix.traffic.route.translating.route_rules import rule_action
from kubectl_meshfix.traffic.terms.routes import Rule

Route = HTTPRoute | GRPCRoute


def route_rules(mesh: Mesh, routes: Sequence[Route], called: Called) -> tuple[Rule, ...]:
    """The rules of routes that are merged, in the order in which they are tried; the routes come in any order."""
    return answer(told_route_rules(mesh, routes, called))


def told_route_rules(mesh: Mesh, routes: Sequence[Route], called: Called) -> Steps[tuple[Rule, ...]]:
    """The same, and a step for each route that istiod cannot translate, and so drops whole."""
    found: list[tuple[Match, Rule]] = []
    for route in sorted(routes, key=age):
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
