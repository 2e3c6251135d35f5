"""What no expectation touches: routes that took no request, and policies that were asked about none."""

from collections.abc import Iterable, Iterator

from kubectl_meshfix.chain.steps import Status, Step, Where
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.gateway_api import GRPCRoute, HTTPRoute, TCPRoute, TLSRoute
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.istio_policy import AuthorizationPolicy, PeerAuthentication
from kubectl_meshfix.resources.meta import Key, Ref, Struct
from kubectl_meshfix.traffic.checks.gateway import TCP_ROUTE
from kubectl_meshfix.traffic.checks.route import CONNECTION, MATCH
from kubectl_meshfix.traffic.trace.answers import Trace

_TAKES = frozenset({MATCH, CONNECTION, TCP_ROUTE})


class Coverage(Struct, frozen=True):
    """How many routes and policies there are, and those that no expectation touches."""

    routes: int
    policies: int
    untouched_routes: tuple[Where, ...]
    untouched_policies: tuple[Ref, ...]


def coverage(meshes: Meshes, traces: Iterable[Trace], namespace: str | None = None) -> Coverage:
    """What traces leave untouched of the routes and policies of one namespace, or of all."""
    routes = {_key(at): at for mesh in meshes for at in routes_of(mesh) if _counts(mesh, at.resource, namespace)}
    policies = {ref.key: ref for mesh in meshes for ref in _policies(mesh) if _counts(mesh, ref, namespace)}
    taken: set[tuple[Key, str]] = set()
    asked: set[Key] = set()
    for trace in traces:
        for branch in trace.branches:
            for step in branch.steps:
                if step.at:
                    asked.add(step.at.resource.key)
                    taken |= set(_taken(step))
    return Coverage(
        routes=len(routes),
        policies=len(policies),
        untouched_routes=tuple(at for key, at in routes.items() if key not in taken),
        untouched_policies=tuple(ref for key, ref in policies.items() if key not in asked),
    )


def routes_of(mesh: Mesh) -> Iterator[Where]:
    """The places of all routes. One that only delegates to others is none of its own."""
    for service in mesh.all(VirtualService):
        for index, route in enumerate(service.spec.http):
            if route.delegate is None:
                yield Where(service.ref, f"/spec/http/{index}")
        for key, found in (("tls", service.spec.tls), ("tcp", service.spec.tcp)):
            yield from (Where(service.ref, f"/spec/{key}/{index}") for index in range(len(found)))
    for obj in gateway_api_routes(mesh):
        yield from (Where(obj.ref, f"/spec/rules/{index}") for index in range(len(obj.spec.rules)))


def gateway_api_routes(mesh: Mesh) -> Iterator[HTTPRoute | GRPCRoute | TCPRoute | TLSRoute]:
    """The routes of Gateway API, of every kind."""
    yield from mesh.all(HTTPRoute)
    yield from mesh.all(GRPCRoute)
    yield from mesh.all(TCPRoute)
    yield from mesh.all(TLSRoute)


def takes(trace: Trace, route: Where) -> bool:
    """Whether a route takes the request, or may take it."""
    return any(_key(route) in set(_taken(step)) for branch in trace.branches for step in branch.steps)


def _taken(step: Step) -> Iterator[tuple[Key, str]]:
    """The route that took the request at a step: ``/spec/http/0`` for the place ``/spec/http/0/match/1``."""
    if step.at and step.outcome.check in _TAKES and step.status in (Status.PASS, Status.UNKNOWN):
        yield step.at.resource.key, "/".join(step.at.path.split("/")[:4])


def _key(at: Where) -> tuple[Key, str]:
    return at.resource.key, at.path


def _policies(mesh: Mesh) -> Iterator[Ref]:
    yield from (item.ref for item in mesh.all(AuthorizationPolicy))
    yield from (item.ref for item in mesh.all(PeerAuthentication))


def _counts(mesh: Mesh, ref: Ref, namespace: str | None) -> bool:
    return mesh.is_about(ref) and namespace in (None, ref.namespace)
