"""Routes that delegate to other VirtualServices, merged with what these say (`pilot/pkg/model/virtualservice.go MergeHTTPRoutes`)."""

from collections.abc import Iterator, Mapping

import msgspec
from msgspec.structs import replace

from kubectl_meshfix.chain.steps import Outcome, Steps, Where, step
from kubectl_meshfix.chain.unknown import Unknown, UnknownKind
from kubectl_meshfix.mesh.control_plane import mesh_config
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.resources.istio_networking.actions import StringMatch
from kubectl_meshfix.resources.istio_networking.routes import HTTPMatch, VirtualService, VirtualServiceHTTPRoute
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.checks import route as check
from kubectl_meshfix.traffic.export_to import EVERYWHERE, HERE
from kubectl_meshfix.traffic.gateway_names import full_name
from kubectl_meshfix.traffic.route.places import place
from kubectl_meshfix.traffic.route.translating.string_match import PlacedMatch

_INHERITED = (
    "rewrite", "direct_response", "timeout", "retries", "fault", "mirror", "mirror_percent", "mirror_percentage", "cors_policy", "headers",
)  # fmt: skip
"""What a delegate's route takes from the root's where it says nothing of its own; a redirect is not among it."""


class PlacedRoute(msgspec.Struct, frozen=True):
    """A route, where it stands, its matches, and the namespace in which its short hosts are read.

    ``unread`` is set where it is what a delegate says that was not read.
    """

    route: VirtualServiceHTTPRoute
    at: Where
    matches: tuple[PlacedMatch, ...]
    namespace: str
    unread: Unknown | None = None


def routes(mesh: Mesh, virtual_service: VirtualService) -> Steps[tuple[PlacedRoute, ...]]:
    """The HTTP routes of a VirtualService, with those of its delegates in their place.

    A delegate has no hosts, and must be exported to the root's namespace. A route whose delegate is not there is dropped alone.
    """
    found: list[PlacedRoute] = []
    for index, route in enumerate(virtual_service.spec.http):
        at = Where(virtual_service.ref, f"/spec/http/{index}")
        if route.delegate is None:
            found.append(PlacedRoute(route, at, tuple(_placed(route, at, virtual_service.namespace)), virtual_service.namespace))
        else:
            found += yield from _delegated(mesh, virtual_service, route, at)
    return tuple(found)


def delegate_of(mesh: Mesh, root: VirtualService, route: VirtualServiceHTTPRoute) -> tuple[VirtualService | None, Outcome | None]:
    """The VirtualService to which a route of ``root`` delegates, None where there is none, and why it is no delegate, if so."""
    assert route.delegate is not None  # noqa: S101 -- told apart by the caller
    namespace = route.delegate.namespace or root.namespace
    found = mesh.get(VirtualService, namespace, route.delegate.name)
    return found, _problem(mesh, found, root.namespace, mesh.knows(kinds.VIRTUAL_SERVICE, namespace, root))


def contradicts(root: VirtualService, index: int, delegate: VirtualService, position: int) -> bool:
    """Whether the matches of a delegate's route do not fit those of the root's route, so that the delegate's is dropped."""
    at, own_at = Where(root.ref, f"/spec/http/{index}"), Where(delegate.ref, f"/spec/http/{position}")
    route, own = root.spec.http[index], delegate.spec.http[position]
    return _matches(_placed(route, at, root.namespace), _placed(own, own_at, delegate.namespace)) is None


def _delegated(mesh: Mesh, root: VirtualService, route: VirtualServiceHTTPRoute, at: Where) -> Steps[tuple[PlacedRoute, ...]]:
    assert route.delegate is not None  # noqa: S101 -- told apart by the caller
    namespace, name = route.delegate.namespace or root.namespace, route.delegate.name
    delegate, problem = delegate_of(mesh, root, route)
    if problem or delegate is None:
        unread = Unknown(kind=UnknownKind.NOT_IN_FILES, of=f"VirtualService {namespace}/{name}", settled_by="its manifest")
        is_unread = problem is check.DELEGATE_NOT_READ
        yield step(
            problem or check.DELEGATE_MISSING, Where(at.resource, f"{at.path}/delegate"), unknown=unread if is_unread else None,
            route=place(at), delegate=f"{namespace}/{name}", namespace=root.namespace,
        )  # fmt: skip
        return (PlacedRoute(route, at, tuple(_placed(route, at, root.namespace)), root.namespace, unread),) if is_unread else ()
    found: list[PlacedRoute] = []
    for index, own in enumerate(delegate.spec.http):
        own_at = Where(delegate.ref, f"/spec/http/{index}")
        matches = _matches(_placed(route, at, root.namespace), _placed(own, own_at, delegate.namespace))
        if own.delegate is not None:
            yield step(check.DELEGATE_NESTED, Where(own_at.resource, f"{own_at.path}/delegate"), route=place(own_at))
        elif matches is None:
            yield step(check.DELEGATE_CONFLICT, own_at, route=place(own_at), root=place(at))
        else:
            found.append(PlacedRoute(_merged(route, own, root.namespace), own_at, matches, delegate.namespace))
    return tuple(found)


def _problem(mesh: Mesh, delegate: VirtualService | None, namespace: str, is_known: bool) -> Outcome | None:
    """Why a delegate is not one, if so (`virtualservice_controller.go mergeVirtualServices`)."""
    if delegate is None:
        return check.DELEGATE_MISSING if is_known else check.DELEGATE_NOT_READ
    if delegate.spec.hosts:
        return check.DELEGATE_HAS_HOSTS
    exports = delegate.spec.export_to or mesh_config(mesh).default_virtual_service_export_to
    names = {delegate.namespace if export == HERE else export for export in exports}
    return None if names & {EVERYWHERE, namespace} else check.DELEGATE_HIDDEN


def _placed(route: VirtualServiceHTTPRoute, at: Where, namespace: str) -> list[PlacedMatch]:
    """The matches of a route, with its gateways in full, because root and delegate may be of two namespaces."""
    named = (replace(match, gateways=tuple(full_name(name, namespace) for name in match.gateways)) for match in route.match)
    return [PlacedMatch(match, Where(at.resource, f"{at.path}/match/{index}")) for index, match in enumerate(named)]


def _merged(root: VirtualServiceHTTPRoute, own: VirtualServiceHTTPRoute, namespace: str) -> VirtualServiceHTTPRoute:
    """A delegate's route with what it has from its root of ``namespace``."""
    if root.mirror:
        root = replace(root, mirror=replace(root.mirror, host=hosts.fqdn(root.mirror.host, namespace)))
    mirrors = own.mirrors or tuple(
        replace(mirror, destination=replace(mirror.destination, host=hosts.fqdn(mirror.destination.host, namespace)))
        for mirror in root.mirrors
    )
    inherited = {field: value for field in _INHERITED if getattr(own, field) is None and (value := getattr(root, field)) is not None}
    name = f"{root.name}-{own.name}" if root.name and own.name else own.name or root.name
    return replace(own, name=name, mirrors=mirrors, **inherited)


def _matches(roots: list[PlacedMatch], owns: list[PlacedMatch]) -> tuple[PlacedMatch, ...] | None:
    """Each match of the delegate with each of the root that it fits (`mergeHTTPMatchRequests`); None where one of them fits none."""
    if not roots or not owns:
        return tuple(owns or (PlacedMatch(root.match, root.at, HTTPMatch(), root.at) for root in roots))
    found: list[PlacedMatch] = []
    for own in owns:
        fitting = [root for root in roots if not _conflict(root.match, own.match)]
        if not fitting:
            return None
        found += (PlacedMatch(_narrowed(root.match, own.match), own.at, own.match, root.at) for root in fitting)
    return tuple(found)


def _narrowed(root: HTTPMatch, own: HTTPMatch) -> HTTPMatch:
    """`mergeHTTPMatchRequest`: what the delegate leaves open is the root's."""
    return replace(
        own,
        name=f"{root.name}-{own.name}" if root.name and own.name else own.name or root.name,
        uri=own.uri if own.uri is not None else root.uri,
        scheme=own.scheme if own.scheme is not None else root.scheme,
        method=own.method if own.method is not None else root.method,
        authority=own.authority if own.authority is not None else root.authority,
        headers={**root.headers, **own.headers},
        without_headers={**root.without_headers, **own.without_headers},
        query_params={**root.query_params, **own.query_params},
        port=own.port or root.port,
        source_labels={**root.source_labels, **own.source_labels},
        source_namespace=own.source_namespace or root.source_namespace,
        gateways=own.gateways or root.gateways,
    )


def _conflict(root: HTTPMatch, own: HTTPMatch) -> bool:
    """`hasConflict`: whether a delegate's match asks for something that the root's rules out."""
    return (
        any(_texts_conflict(one, other) for one, other in _compared(root, own))
        or root.ignore_uri_case != own.ignore_uri_case
        or bool(root.port and own.port and root.port != own.port)
        or bool(root.source_namespace and own.source_namespace != root.source_namespace)
        or any(root.source_labels.get(key, value) != value for key, value in own.source_labels.items())
        or bool(root.gateways and own.gateways and not set(own.gateways) <= set(root.gateways))
    )


def _compared(root: HTTPMatch, own: HTTPMatch) -> Iterator[tuple[StringMatch | None, StringMatch | None]]:
    yield from ((root.uri, own.uri), (root.scheme, own.scheme), (root.method, own.method), (root.authority, own.authority))
    both: tuple[tuple[Mapping[str, StringMatch], Mapping[str, StringMatch]], ...] = (
        (root.headers, own.headers), (root.without_headers, own.without_headers), (root.query_params, own.query_params),
    )  # fmt: skip
    for roots, owns in both:
        yield from ((roots.get(key), match) for key, match in owns.items())


def _texts_conflict(root: StringMatch | None, own: StringMatch | None) -> bool:
    """`stringMatchConflict`: a delegate may narrow an exact text or a prefix; no regular expression goes with anything."""
    if root is None or own is None:
        return False
    if (root.regex and (own.regex or own.prefix or own.exact)) or (own.regex and (root.prefix or root.exact)):
        return True
    if root.exact:
        return bool(own.prefix) or own.exact != root.exact
    if root.prefix and (narrower := own.prefix or own.exact):
        return not narrower.startswith(root.prefix)
    return True
