"""The routes that a proxy gets of a VirtualService, on one port (`pilot/pkg/networking/core/route/route.go`)."""

from fractions import Fraction
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import replace

from kubectl_meshfix.chain.alternatives import Alternative
from kubectl_meshfix.chain.steps import Outcome, Steps, Told, Where, answer, retold, step, told
from kubectl_meshfix.mesh.selectors import is_subset
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.destinations import Destination
from kubectl_meshfix.resources.istio_networking.routes import HTTPMatch, L4Route, VirtualService
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.checks import route as check
from kubectl_meshfix.traffic.client.view import View, look
from kubectl_meshfix.traffic.gateway_names import MESH
from kubectl_meshfix.traffic.route.delegates import PlacedRoute, routes
from kubectl_meshfix.traffic.route.places import place
from kubectl_meshfix.traffic.route.translating.actions import action, cors
from kubectl_meshfix.traffic.route.translating.called import Called
from kubectl_meshfix.traffic.route.translating.string_match import PlacedMatch, conditions, path_kind
from kubectl_meshfix.traffic.terms.parties import Party
from kubectl_meshfix.traffic.terms.routes import Forward, Rule, Target


class Static(msgspec.Struct, frozen=True):
    """Why a match is left out of a proxy's configuration: the outcome, the field that decides, and what it asks for."""

    outcome: Outcome
    field: str
    wanted: str
    value: str = ""


def rules_of(mesh: Mesh, client: View | Party, virtual_service: VirtualService, port: int, gateway: str = MESH) -> tuple[Rule, ...]:
    """The rules that a proxy gets of a VirtualService on a port, in their order.

    For a gateway, ``gateway`` is the Gateway's ``namespace/name`` and ``port`` the number of its server. Without any rule, the
    VirtualService does not exist for the proxy.
    """
    return answer(told_rules(mesh, client, virtual_service, port, gateway))


def told_rules(
    mesh: Mesh, client: View | Party, virtual_service: VirtualService, port: int, gateway: str = MESH
) -> Steps[tuple[Rule, ...]]:
    """The same, and a step for each route that is left out. Worked out once for all proxies that are alike."""
    view = client if isinstance(client, View) else look(mesh, client)
    memo: dict[Any, Told[tuple[Rule, ...]]] = mesh.memo("rules of virtual services")
    key = (virtual_service.ref, port, gateway, client_class(mesh, view))
    if key not in memo:
        memo[key] = told(_rules(mesh, view, virtual_service, port, gateway))
    return (yield from retold(memo[key]))


def has_rules(mesh: Mesh, view: View, virtual_service: VirtualService, port: int) -> bool:
    """Whether a sidecar gets any rule of a VirtualService on a port; most have one for all callers, which is seen at once."""
    is_for_all: frozenset[int] = mesh.cached("VirtualServices for all callers", _for_all)
    return id(virtual_service) in is_for_all or bool(rules_of(mesh, view, virtual_service, port))


def client_class(mesh: Mesh, view: View) -> tuple[object, ...]:
    """Equal for proxies that get the same routes: of their labels only those count that some VirtualService asks for."""
    party = view.party
    keys: frozenset[str] = mesh.cached("labels of callers that VirtualServices ask for", _source_labels)
    labels = frozenset((key, value) for key, value in party.labels.items() if key in keys)
    return party.plane, party.namespace, party.revision, view.sidecar.ref if view.sidecar else None, labels


def left_out(match: HTTPMatch, party: Party, port: int, gateway: str) -> Static | None:
    """Why a proxy does not get a match, if so. Where a match names gateways, nothing else is asked of the caller (`sourceMatchHTTP`)."""
    if match.port and match.port != port:
        return Static(check.OTHER_PORT, "port", str(match.port), str(port))
    if match.gateways:
        named = ", ".join(match.gateways)
        return None if gateway in match.gateways else Static(check.OTHER_GATEWAY, "gateways", named, gateway)
    if not is_subset(match.source_labels, party.labels):
        return Static(check.OTHER_LABELS, "sourceLabels", ", ".join(f"{key}={value}" for key, value in match.source_labels.items()))
    if match.source_namespace not in ("", party.namespace):
        return Static(check.OTHER_NAMESPACE, "sourceNamespace", match.source_namespace)
    return None


def target(namespace: str, destination: Destination, at: Where) -> Target:
    """A destination of a VirtualService in a namespace, with its host in full. Which cluster that is depends on the proxy."""
    number = destination.port.number if destination.port else 0
    return Target(host=hosts.fqdn(destination.host, namespace), port=number, subset=destination.subset, at=at)


def weighted_targets(namespace: str, route: L4Route, at: Where) -> tuple[Alternative[Target], ...]:
    """The destinations of a TCP or TLS route at a place, with their shares of the connections; one alone gets all, whatever its weight."""
    weights = [1] if len(route.route) == 1 else [item.weight or 0 for item in route.route]
    made = (
        target(namespace, item.destination, Where(at.resource, f"{at.path}/route/{i}/destination")) for i, item in enumerate(route.route)
    )
    both = zip(made, weights, strict=True)
    return tuple(Alternative(replace(found, weight=weight), Fraction(weight, sum(weights))) for found, weight in both if weight)


def _rules(mesh: Mesh, view: View, virtual_service: VirtualService, port: int, gateway: str) -> Steps[tuple[Rule, ...]]:
    found: list[Rule] = []
    last: Where | None = None
    for route in (yield from routes(mesh, virtual_service)):
        for match in route.matches or (None,):
            at = match.at if match and match.at.resource == route.at.resource else route.at
            if last is not None:
                yield step(check.UNREACHABLE, at, route=place(at), before=place(last))
                continue
            if match and (static := left_out(match.match, view.party, port, gateway)):
                where = Where(match.at.resource, f"{match.at.path}/{static.field}")
                yield step(static.outcome, where, route=place(at), wanted=static.wanted, value=static.value)
                continue
            rule = _rule(route, match, at, Called(port, view.config.default_http_retry_policy))
            found.append(rule)
            last = None if rule.conditions else at
    return tuple(found)


def _rule(route: PlacedRoute, match: PlacedMatch | None, at: Where, called: Called) -> Rule:
    name = match.match.name if match else ""
    made = action(route.route, route.at, called, partial(target, route.namespace), path_kind(match.match if match else None))
    return Rule(
        conditions=conditions(match) if match else (),
        action=Forward(targets=(), unknown=route.unread) if route.unread is not None else made,
        at=at,
        name=f"{route.route.name}.{name}" if name else route.route.name,
        cors=cors(route.route.cors_policy),
    )


def _for_all(mesh: Mesh) -> frozenset[int]:
    """The VirtualServices, by their identity in memory, with a route that asks nothing of the caller and delegates to nobody."""
    return frozenset(
        id(virtual_service)
        for virtual_service in mesh.all(VirtualService)
        if any(not route.delegate and (not route.match or any(map(_is_free, route.match))) for route in virtual_service.spec.http)
    )


def _is_free(match: HTTPMatch) -> bool:
    return not (match.port or match.gateways or match.source_labels or match.source_namespace)


def _source_labels(mesh: Mesh) -> frozenset[str]:
    specs = [virtual_service.spec for virtual_service in mesh.all(VirtualService)]
    http = (match.source_labels for spec in specs for route in spec.http for match in route.match)
    other = (match.source_labels for spec in specs for route in (*spec.tls, *spec.tcp) for match in route.match)
    return frozenset(key for labels in (*http, *other) for key in labels)
