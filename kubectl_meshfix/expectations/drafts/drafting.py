"""An expectation for every route and every workload, which holds as things are."""

from collections.abc import Iterator
from itertools import groupby, islice

from kubectl_meshfix.chain.unknown import Unknown
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.expectations.coverage import gateway_api_routes, takes
from kubectl_meshfix.expectations.drafts.callers import Calling, callers_for, word_of
from kubectl_meshfix.expectations.drafts.describing import described
from kubectl_meshfix.expectations.drafts.openings import ways_of_route, ways_of_virtual_service
from kubectl_meshfix.expectations.drafts.requests import request_for
from kubectl_meshfix.expectations.drafts.terms import Draft, NoDraft, RequestDraft, RouteWays, WorkloadDraft
from kubectl_meshfix.expectations.running import explained, traced
from kubectl_meshfix.expectations.terms import Asked
from kubectl_meshfix.mesh.meshes import Meshes
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.traffic.route.places import place
from kubectl_meshfix.traffic.terms.request import Request
from kubectl_meshfix.traffic.trace.answers import Trace
from kubectl_meshfix.traffic.trace.callers import parse_caller

MOST = 40
"""So many requests are tried for one route."""

MOST_ROUTES = 300
"""So many routes of one object get a request: of thousands, each request is compared with all routes before its own."""


def drafts(meshes: Meshes, namespace: str | None = None) -> Iterator[Draft]:
    """The expectations of one namespace, or of all: of routes first, then of workloads."""
    for mesh in meshes:
        for ref, found in groupby(_routes(mesh), key=lambda ways: ways.at.resource):
            if mesh.is_about(ref) and namespace in (None, ref.namespace):
                yield from (_of_route(mesh, ways) for ways in islice(found, MOST_ROUTES))
                if more := sum(1 for _ in found):
                    yield NoDraft(title=str(ref), why=f"it has {more:,} more routes, of which none has a request here")
    for mesh in meshes:
        for item in mesh.workloads:
            if mesh.is_about(item.ref) and not item.has_ended and namespace in (None, item.namespace):
                yield _of_workload(mesh, word_of(item), item.namespace)


def _routes(mesh: Mesh) -> Iterator[RouteWays]:
    for service in mesh.all(VirtualService):
        yield from ways_of_virtual_service(mesh, service)
    for route in gateway_api_routes(mesh):
        yield from ways_of_route(mesh, route)


def _of_route(mesh: Mesh, ways: RouteWays) -> Draft:
    """The first request that the route takes."""
    title, why = place(ways.at), "nothing here says from where requests come to it"
    tried = 0
    for opening in ways.openings:
        request = request_for(opening)
        if isinstance(request, str):
            why = request
            continue
        for caller in callers_for(mesh, opening, ways.at.resource.namespace or ""):
            tried += 1
            found = _tried(mesh, caller, request)
            if isinstance(found, str):
                why = found
            elif takes(found, ways.at):
                expected = described(found)
                if expected:
                    return RequestDraft(title=title, caller=caller.word, namespace=caller.namespace, request=request, expected=expected)
                why = f"what happens to {request} from {caller.word} is not known"
            else:
                why = f"{request} from {caller.word} does not come to it"
            if tried >= MOST:
                return NoDraft(title=title, why=why)
    return NoDraft(title=title, why=why)


def _tried(mesh: Mesh, caller: Calling, request: Request) -> Trace | str:
    """The trace, or why there is none."""
    try:
        name = parse_caller(caller.word)
        return traced(mesh, name, Asked(caller=name, request=request, expected=()), caller.namespace or None)
    except UsageError as error:
        return error.message[:1].lower() + error.message[1:].removesuffix(".")


def _of_workload(mesh: Mesh, word: str, namespace: str) -> Draft:
    injected = explained(mesh, word, namespace or None).verdict.injected
    if isinstance(injected, Unknown):
        return NoDraft(title=f"{word} in {namespace}", why=f"whether its pods get a sidecar is settled by {injected.settled_by}")
    return WorkloadDraft(workload=word, namespace=namespace, injected=injected)
