"""Routes of one VirtualService that another one for the same gateway and host hides (`pilot/pkg/networking/core/gateway.go`)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.resources.istio_networking.gateways import Gateway
from kubectl_meshfix.resources.istio_networking.routes import VirtualService
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.client.following import exported_to, precedence
from kubectl_meshfix.traffic.gateway.names import admitted
from kubectl_meshfix.traffic.gateway_names import MESH, by_gateway
from kubectl_meshfix.traffic.gateway_pods import pod_namespaces
from kubectl_meshfix.traffic.route.covering import Earlier, Taking, covers, same_action, takings


class Hidden(msgspec.Struct, frozen=True):
    """A match, or a route without one, whose requests another VirtualService's takes.

    ``if_older`` says that this depends on which of the two is older, which is not known; ``is_equal`` that then one of both is hidden.
    """

    virtual_service: VirtualService
    at: Where
    by: Where
    host: str
    gateway: str
    if_older: bool
    is_equal: bool


class Untried(msgspec.Struct, frozen=True):
    """A host for which a VirtualService has routes, but none for all requests, while another has a wildcard that covers the host."""

    virtual_service: VirtualService
    host: str
    wildcard: VirtualService
    gateway: str


class _Member(msgspec.Struct, frozen=True):
    """A VirtualService of one gateway and host: what it takes there, and its place among the others."""

    virtual_service: VirtualService
    rank: int
    takings: tuple[Taking, ...]

    @property
    def created(self) -> str:
        return self.virtual_service.metadata.creation_timestamp or ""


def hidden(mesh: Mesh) -> Iterator[Hidden]:
    """All of them, each once. Routes of one host follow each other, the older VirtualService's first; those for all requests come last."""
    seen: set[Where] = set()
    for (gateway, host), members in _groups(mesh).items():
        for item in _of_group(members, host, gateway) if len(members) > 1 else ():
            if item.at not in seen and mesh.are_together(item.at.resource, item.by.resource):
                seen.add(item.at)
                yield item


def untried(mesh: Mesh) -> Iterator[Untried]:
    """Hosts whose other requests get 404, though a VirtualService for a wildcard has a route that would take them."""
    groups = _groups(mesh)
    wildcards: dict[str, list[str]] = defaultdict(list)
    for gateway, host in groups:
        if host.startswith("*"):
            wildcards[gateway].append(host)
    for (gateway, host), members in groups.items():
        covering = [name for name in wildcards[gateway] if name != host and hosts.is_within(host, name)]
        if covering and not any(taking.takes_all for member in members for taking in member.takings):
            nearest = max(covering, key=len)
            other = next((member for member in groups[gateway, nearest] if any(taking.takes_all for taking in member.takings)), None)
            is_other = other and all(other.virtual_service is not member.virtual_service for member in members)
            if other and is_other and mesh.are_together(members[0].virtual_service.ref, other.virtual_service.ref):
                yield Untried(members[0].virtual_service, host, other.virtual_service, gateway)


def _of_group(members: Sequence[_Member], host: str, gateway: str) -> Iterator[Hidden]:
    ordered = sorted(members, key=lambda member: (member.rank, member.created, member.virtual_service.name))
    by_ref = {member.virtual_service.ref: member for member in ordered}
    earlier, everything = Earlier(), Earlier()
    for member in ordered:
        live = list(_live(member.takings))
        for taking in live:
            yield from _covered(member, taking, earlier if not taking.takes_all else everything, by_ref, host, gateway)
        for taking in live:
            (everything if taking.takes_all else earlier).add(taking)
    yield from _covered_by_younger(ordered, by_ref, host, gateway)


def _covered_by_younger(ordered: Sequence[_Member], by_ref: Mapping[Ref, _Member], host: str, gateway: str) -> Iterator[Hidden]:
    """The same in the other order, where nobody knows which is older; what is equal was told already."""
    later = Earlier()
    for member in reversed(ordered):
        live = [taking for taking in _live(member.takings) if not taking.takes_all]
        for taking in live:
            first = later.covering(taking)
            if first and not covers(taking, first):
                other = by_ref[first.at.resource]
                if _is_unknown(member, other) and not same_action(member.virtual_service, taking, other.virtual_service, first):
                    yield Hidden(member.virtual_service, taking.at, first.at, host, gateway, if_older=True, is_equal=False)
        for taking in live:
            later.add(taking)


def _covered(  # noqa: PLR0913, PLR0917 -- one match, and what is before it
    member: _Member, taking: Taking, earlier: Earlier, by_ref: Mapping[Ref, _Member], host: str, gateway: str
) -> Iterator[Hidden]:
    first = earlier.covering(taking)
    if first:
        other = by_ref[first.at.resource]
        if not same_action(member.virtual_service, taking, other.virtual_service, first):
            yield Hidden(
                member.virtual_service,
                taking.at,
                first.at,
                host,
                gateway,
                if_older=_is_unknown(member, other),
                is_equal=covers(taking, first),
            )


def _is_unknown(one: _Member, other: _Member) -> bool:
    return one.rank == other.rank and not (one.created and other.created)


def _live(found: Sequence[Taking]) -> Iterator[Taking]:
    """Without what is never used in its own VirtualService, and without what delegates."""
    own = Earlier()
    for taking in found:
        if not own.covering(taking):
            own.add(taking)
            if not taking.is_partial:
                yield taking


def _groups(mesh: Mesh) -> Mapping[tuple[str, str], Sequence[_Member]]:
    """The VirtualServices by gateway and host."""
    return mesh.cached("VirtualServices by gateway and host", _grouped)


def _grouped(mesh: Mesh) -> Mapping[tuple[str, str], Sequence[_Member]]:
    found: dict[tuple[str, str], list[_Member]] = defaultdict(list)
    taken: dict[int, tuple[Taking, ...]] = {}
    for gateway, named in by_gateway(mesh).items():
        if gateway == MESH or gateway.endswith(f"/{MESH}"):
            continue
        namespace, _, name = gateway.partition("/")
        home = min(pod_namespaces(mesh, namespace, name), default=namespace)
        exact = _server_hosts(mesh, namespace, name)
        for virtual_service in named:
            rank = precedence(exported_to(mesh, virtual_service), virtual_service.namespace, home)
            if rank is None or not virtual_service.spec.http:
                continue
            everything = taken.setdefault(id(virtual_service), takings(virtual_service))
            here = tuple(taking for taking in everything if gateway in taking.gateways)
            for host in _domains(virtual_service, exact):
                found[gateway, host].append(_Member(virtual_service, rank, here))
    return dict(found)


def _server_hosts(mesh: Mesh, namespace: str, name: str) -> tuple[str, ...]:
    gateway = mesh.get(Gateway, namespace, name)
    return tuple(host for server in gateway.spec.servers for host in server.hosts) if gateway else ()


def _domains(virtual_service: VirtualService, servers: Sequence[str]) -> tuple[str, ...]:
    """Its hosts that the servers have, and what of the servers' hosts its wildcards cover; all hosts where the gateway was not read."""
    found: dict[str, None] = {}
    names = hosts.Hosts([name.lower() for name in admitted(servers, virtual_service.namespace)])
    for host in map(str.lower, virtual_service.spec.hosts):
        if not servers or names.cover(host):
            found[host] = None
        if host.startswith("*"):
            found.update(dict.fromkeys(names.within(host)))
    return tuple(found)
