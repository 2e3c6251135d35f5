"""Which servers of one port are kept, and why others are skipped (`pilot/pkg/model/gateway.go mergeGateways`)."""

from collections.abc import Iterable

from kubectl_meshfix.chain.steps import Argument, Outcome, Step, Steps, step
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.traffic.checks import gateway as check
from kubectl_meshfix.traffic.gateway.servers import Server

_BY_NAME = "The older Gateway is first. Files have no age, so names decide here."


def kept(servers: Iterable[Server]) -> Steps[tuple[Server, ...]]:
    """The servers of one container port that istiod keeps, in order; each that is skipped has its step.

    A TLS server is skipped whole where an earlier one has one of its hosts. Servers for plain text share a port where all read HTTP. Plain
    text after TLS is kept, TLS after plain text is not.
    """
    found: list[Server] = []
    taken: dict[str, Server] = {}
    routes: dict[str, Server] = {}
    plain: Server | None = None
    for server in servers:
        if server.tls is not None:
            twice = [host for host in server.hosts if host in taken and taken[host].bind == server.bind]
            if twice:
                yield _skipped(check.HOST_TAKEN, server, taken[twice[0]], hosts=", ".join(twice))
                continue
            taken.update(dict.fromkeys(server.hosts, server))
        if plain is not None and plain.bind == server.bind:
            if not (_can_merge(server.protocol, plain.protocol) and server.route_name):
                theirs, port = plain.protocol.upper(), server.port
                yield _skipped(check.PROTOCOL_TAKEN, server, plain, protocol=server.protocol.upper(), theirs=theirs, port=port)
                continue
        elif server.reads_http and server.is_tls and plain is None:
            if found and server.route_name in routes:
                yield step(check.NAME_TAKEN, server.at, name=server.port_name)
                continue
            routes[server.route_name] = server
        if not server.is_tls and (plain is None or plain.bind != server.bind):
            plain = server
        found.append(server)
    return tuple(found)


def _can_merge(newer: Protocol, older: Protocol) -> bool:
    """`canMergeProtocols`."""
    return (newer in HTTP_LIKE or newer is older) and older in HTTP_LIKE


def _skipped(outcome: Outcome, server: Server, other: Server, **args: Argument) -> Step:
    is_by_name = server.gateway is not other.gateway and not server.gateway.metadata.creation_timestamp
    evidence = (_BY_NAME,) if is_by_name else ()
    return Step(outcome=outcome, at=server.at, args={**args, "other": str(other.gateway.ref)}, evidence=evidence)
