"""Which servers of one port are kept, and why others are skipped (`pilot/pkg/model/gateway.go mergeGateways`)."""

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from kubectl_meshfix.chain.steps import Step, Steps, step
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.traffic.checks import gateway as check
from kubectl_meshfix.traffic.gateway.servers import Server

_BY_NAME = "The older Gateway is first. Files have no age, so names decide here."


class Why(Enum):
    """Why a server is skipped."""

    HOST_TAKEN = "host"
    PROTOCOL_TAKEN = "protocol"
    NAME_TAKEN = "name"


class Skipped(NamedTuple):
    """A server that is skipped, the earlier one that keeps it off the port, and the hosts that both have, where that is the reason."""

    server: Server
    why: Why
    other: Server
    hosts: tuple[str, ...] = ()


def kept(servers: Iterable[Server]) -> Steps[tuple[Server, ...]]:
    """The servers of one container port that istiod keeps, in order; each that is skipped has its step."""
    found, skipped = merged(servers)
    yield from map(_told, skipped)
    return found


def merged(servers: Iterable[Server]) -> tuple[tuple[Server, ...], tuple[Skipped, ...]]:
    """The servers of one container port that istiod keeps, in order, and those that it skips.

    A TLS server is skipped whole where an earlier one has one of its hosts. Servers for plain text share a port where all read HTTP. Plain
    text after TLS is kept, TLS after plain text is not.
    """
    found: list[Server] = []
    skipped: list[Skipped] = []
    taken: dict[str, Server] = {}
    routes: dict[str, Server] = {}
    plain: Server | None = None
    for server in servers:
        if server.tls is not None:
            twice = tuple(host for host in server.hosts if host in taken and taken[host].bind == server.bind)
            if twice:
                skipped.append(Skipped(server, Why.HOST_TAKEN, taken[twice[0]], twice))
                continue
            taken.update(dict.fromkeys(server.hosts, server))
        if plain is not None and plain.bind == server.bind:
            if not (_can_merge(server.protocol, plain.protocol) and server.route_name):
                skipped.append(Skipped(server, Why.PROTOCOL_TAKEN, plain))
                continue
        elif server.reads_http and server.is_tls and plain is None:
            if found and server.route_name in routes:
                skipped.append(Skipped(server, Why.NAME_TAKEN, routes[server.route_name]))
                continue
            routes[server.route_name] = server
        if not server.is_tls and (plain is None or plain.bind != server.bind):
            plain = server
        found.append(server)
    return tuple(found), tuple(skipped)


def _can_merge(newer: Protocol, older: Protocol) -> bool:
    """`canMergeProtocols`."""
    return (newer in HTTP_LIKE or newer is older) and older in HTTP_LIKE


def _told(row: Skipped) -> Step:
    server, other = row.server, row.other
    if row.why is Why.NAME_TAKEN:
        return step(check.NAME_TAKEN, server.at, name=server.port_name)
    is_by_name = server.gateway is not other.gateway and not server.gateway.metadata.creation_timestamp
    evidence, named = (_BY_NAME,) if is_by_name else (), str(other.gateway.ref)
    if row.why is Why.HOST_TAKEN:
        return step(check.HOST_TAKEN, server.at, evidence=evidence, hosts=", ".join(row.hosts), other=named)
    ours, theirs = server.protocol.upper(), other.protocol.upper()
    return step(check.PROTOCOL_TAKEN, server.at, evidence=evidence, protocol=ours, theirs=theirs, port=server.port, other=named)
