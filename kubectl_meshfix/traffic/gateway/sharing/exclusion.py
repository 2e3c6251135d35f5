"""Servers that exclude each other from a port of the same pods (`pilot/pkg/model/gateway.go mergeGateways`)."""

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

import msgspec

from kubectl_meshfix.chain.steps import answer
from kubectl_meshfix.mesh.indexes import grouped
from kubectl_meshfix.mesh.protocols import Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.gateway.chains import chains, twice
from kubectl_meshfix.traffic.gateway.in_common import followed
from kubectl_meshfix.traffic.gateway.kubernetes.attachment import attached
from kubectl_meshfix.traffic.gateway.merging import Skipped, Why, merged
from kubectl_meshfix.traffic.gateway.servers import Server
from kubectl_meshfix.traffic.gateway.sharing.ports import ROUTES, Shared, shared_ports
from kubectl_meshfix.traffic.terms.parties import Party


class Loss(Enum):
    """What goes with a server: routes that are nowhere else, none of them, or nobody knows of any."""

    ROUTES = "routes"
    NOTHING = "nothing"
    UNKNOWN = "unknown"


class Excluded(msgspec.Struct, frozen=True):
    """A server without which a port is built, because of another. ``is_by_age`` says that it is so only if the other's Gateway is older,
    and ``either`` that it is one of the two, and their age decides which; of files nobody knows the age.
    """

    row: Skipped
    loss: Loss
    is_by_age: bool = False
    either: bool = False


class Refused(NamedTuple):
    """A port that Envoy refuses to build at all: two servers are for the same names."""

    server: Server
    other: Server
    names: tuple[str, ...]


def excluded(mesh: Mesh) -> Iterator[Excluded]:
    """Each server that istiod skips, once, and in files also those that it skips if Gateways are made in the other order."""
    mesh.require(*ROUTES)
    known: set[object] = set()
    for shared in shared_ports(mesh):
        in_order, turned = _of_port(mesh, shared)
        for found in in_order:
            if found.row.server.at not in known and _counts(found.row):
                known.add(found.row.server.at)
                yield found
        for found in turned:
            if known.isdisjoint((found.row.server.at, found.row.other.at)) and _counts(found.row):
                known.add(found.row.server.at)
                yield found


def refused(mesh: Mesh) -> Iterator[Refused]:
    """Each port of some pods for which Envoy gets two filter chains that are alike, and takes neither."""
    mesh.require(*ROUTES)
    known: set[object] = set()
    for shared in shared_ports(mesh):
        kept, _ = merged(shared.servers)
        pairs: dict[object, Refused] = {}
        for servers in grouped(kept, lambda server: "" if server.is_on_all_addresses else server.bind).values():
            for name, first, second in twice(answer(chains(mesh, shared.pods, servers))) if len(servers) > 1 else ():
                key = (first.server.at, second.server.at)
                before = pairs[key].names if key in pairs else ()
                pairs[key] = Refused(second.server, first.server, (*before, name))
        yield from (row for key, row in pairs.items() if key not in known)
        known.update(pairs)


def _of_port(mesh: Mesh, shared: Shared) -> tuple[list[Excluded], list[Excluded]]:
    """What is skipped in the order in which Gateways are read, and what else would be in the other order, which files do not rule out."""
    _, now = merged(shared.servers)
    _, later = merged(_younger_first(shared.servers)) if not mesh.live else ((), ())
    turned = {(row.server.at, row.other.at) for row in later}
    in_order = []
    for row in now:
        is_known = mesh.live or row.server.gateway is row.other.gateway
        either = not is_known and (row.other.at, row.server.at) in turned
        in_order.append(Excluded(row, _loss(mesh, shared.pods, row), is_by_age=not is_known and not either, either=either))
    pairs = {(row.server.at, row.other.at) for row in now}
    others = [row for row in later if row.server.gateway is not row.other.gateway and (row.other.at, row.server.at) not in pairs]
    return in_order, [Excluded(row, _loss(mesh, shared.pods, row), is_by_age=True) for row in others]


def _younger_first(servers: Sequence[Server]) -> list[Server]:
    """The servers as if their Gateways had been made in the other order; those of one Gateway keep theirs."""
    position: dict[object, int] = {}
    for server in servers:
        position.setdefault(server.gateway.ref.key, len(position))
    return sorted(servers, key=lambda server: -position[server.gateway.ref.key])


def _counts(row: Skipped) -> bool:
    """Whether anything is lost with a server that Istio would take. Nothing is where both only redirect to HTTPS, for the same hosts."""
    server, other = row.server, row.other
    is_valid = server.number and Protocol.UNSUPPORTED not in (server.protocol, other.protocol)
    is_same = row.why is Why.HOST_TAKEN and server.redirects and other.redirects and set(server.hosts) <= set(other.hosts)
    return bool(is_valid and not is_same)


def _loss(mesh: Mesh, pods: Party, row: Skipped) -> Loss:
    server, other = row.server, row.other
    if server.listener:
        return Loss.ROUTES if attached(mesh, server) else Loss.UNKNOWN
    following = followed(mesh, server, pods.namespace)
    if not following:
        return Loss.UNKNOWN
    is_same = row.why is Why.HOST_TAKEN and (server.tls, server.protocol) == (other.tls, other.protocol)
    theirs = {id(found): hosts for found, hosts in followed(mesh, other, pods.namespace)}
    kept = all(set(hosts).issubset(theirs.get(id(found), ())) for found, hosts in following)
    return Loss.NOTHING if is_same and kept else Loss.ROUTES
