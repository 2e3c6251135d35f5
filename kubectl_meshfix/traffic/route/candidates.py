"""The VirtualServices and routes that a sidecar gets, in their order (`pilot/pkg/model/virtualservice.go SelectVirtualServices`)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from kubectl_meshfix.chain.alternatives import Given
from kubectl_meshfix.chain.steps import Steps, Told, answer, retold, told
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic.client.following import exported_to, precedence
from kubectl_meshfix.traffic.client.mesh_routes import MeshRoutes, mesh_routes
from kubectl_meshfix.traffic.client.view import View, follows
from kubectl_meshfix.traffic.route.http_routes import told_route_rules
from kubectl_meshfix.traffic.route.targets import full_hosts, is_for_sidecars
from kubectl_meshfix.traffic.route.translating.called import Called
from kubectl_meshfix.traffic.route.virtual_services import client_class, has_rules, told_rules
from kubectl_meshfix.traffic.terms.routes import Rule


class Candidate(NamedTuple):
    """A VirtualService, or routes of which istiod makes one: with its hosts in full, and its place among all."""

    source: VirtualService | MeshRoutes
    hosts: tuple[str, ...]
    rank: tuple[int, bool]
    created: str
    name: str
    namespace: str

    @property
    def ref(self) -> Ref:
        """The object, or the oldest of the routes."""
        return self.source.ref if isinstance(self.source, VirtualService) else self.source.routes[0].ref

    @property
    def order(self) -> tuple[tuple[int, bool], str, str, str]:
        """What it is sorted by."""
        return self.rank, self.created, self.name, self.namespace

    def may_precede(self, first: "Candidate") -> bool:
        """Whether it may come before one that is sorted before it: nobody knows which is older."""
        return self.rank == first.rank and not (self.created and first.created)


class Candidates(msgspec.Struct, frozen=True):
    """All of a proxy's candidates, in their order, and those that name a host: by the host, by what follows the star of a wildcard."""

    ordered: tuple[Candidate, ...]
    exact: Mapping[str, Sequence[Candidate]]
    wildcard: Mapping[str, Sequence[Candidate]]
    of_source: Mapping[int, Candidate]
    """By the identity of the object in memory."""

    def most_specific(self, host: str) -> Sequence[Candidate]:
        """Those with the most specific host for a host of the registry (`computeWildcardHostVirtualServiceIndex`)."""
        if host in self.exact:
            return self.exact[host]
        rest = host.removeprefix("*")
        return next((found for start in range(len(rest) + 1) if (found := self.wildcard.get(rest[start:]))), ())


def candidates(mesh: Mesh, view: View) -> Candidates:
    """The candidates of a proxy: private ones first, then those exported to its namespace, then public ones; each the oldest first.

    Of each, routes of Gateway API of the proxy's own namespace come before the rest.
    """
    memo, key = mesh.memo("candidates"), client_class(mesh, view)
    if key not in memo:
        memo[key] = _candidates(mesh, view)
    found: Candidates = memo[key]
    return found


def rules(mesh: Mesh, view: View, candidate: Candidate, port: int) -> Steps[tuple[Rule, ...]]:
    """The rules that a proxy gets of a candidate on a port, and why others are left out; none where it does not exist for it."""
    match candidate.source:
        case VirtualService() as virtual_service:
            return (yield from told_rules(mesh, view, virtual_service, port))
        case MeshRoutes() as made:
            memo: dict[Any, Told[tuple[Rule, ...]]] = mesh.memo("rules of Services' routes")
            key = made.name, port, view.party.revision
            if key not in memo:
                routes = made.routes if made.port in (None, port) else ()
                memo[key] = told(told_route_rules(mesh, routes, Called(port, view.config.default_http_retry_policy)))
            return (yield from retold(memo[key]))


def has_any(mesh: Mesh, view: View, candidate: Candidate, port: int) -> bool:
    """Whether a proxy gets any rule of a candidate on a port."""
    if isinstance(candidate.source, VirtualService):
        return has_rules(mesh, view, candidate.source, port)
    return bool(answer(rules(mesh, view, candidate, port)))


def alternatives(contenders: Sequence[Candidate]) -> list[tuple[Given, ...]]:
    """What each of several has to be given to come first, where nobody knows which is the oldest."""
    names = ", ".join(str(item.ref) for item in contenders)
    oldest = [
        Unknown(kind=UnknownKind.NOT_IN_FILES, of=f"whether {item.ref} is the oldest of {names}", settled_by=CLUSTER)
        for item in contenders[:-1]
    ]
    denied = [Given(unknown=unknown, is_so=False) for unknown in oldest]
    return [(*denied[:i], Given(unknown=unknown, is_so=True)) for i, unknown in enumerate(oldest)] + [tuple(denied)]


def _candidates(mesh: Mesh, view: View) -> Candidates:
    ordered = tuple(sorted(_found(mesh, view), key=lambda item: item.order))
    exact: dict[str, list[Candidate]] = defaultdict(list)
    wildcard: dict[str, list[Candidate]] = defaultdict(list)
    for item in ordered:
        for host in dict.fromkeys(item.hosts):
            if host.startswith("*"):
                wildcard[host[1:]].append(item)
            else:
                exact[host].append(item)
    return Candidates(ordered, dict(exact), dict(wildcard), {id(item.source): item for item in ordered})


def _found(mesh: Mesh, view: View) -> Iterator[Candidate]:
    own = view.party.namespace
    for virtual_service in mesh.all(VirtualService):
        if is_for_sidecars(virtual_service) and follows(mesh, view, virtual_service):
            rank = precedence(exported_to(mesh, virtual_service), virtual_service.namespace, own) or 0
            created = virtual_service.metadata.creation_timestamp or ""
            yield Candidate(
                virtual_service, full_hosts(virtual_service), (rank, True), created, virtual_service.name, virtual_service.namespace
            )
    for made in mesh_routes(mesh):
        if follows(mesh, view, made.stand_in):
            rank = precedence(exported_to(mesh, made.stand_in), made.namespace, own) or 0
            yield Candidate(made, (made.host,), (rank, made.namespace != own), made.created, made.name, made.namespace)
