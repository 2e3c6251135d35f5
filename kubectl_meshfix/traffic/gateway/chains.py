"""The filter chains of a port, and the one that takes a connection (`pilot/pkg/networking/core/gateway.go`, and Envoy's
`filter_chain_manager_impl.cc`).
"""

from collections.abc import Iterator, Sequence

import msgspec

from kubectl_meshfix.chain.steps import Steps, Where, step
from kubectl_meshfix.chain.unknown import CLUSTER, Unknown, UnknownKind
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.checks import gateway as check
from kubectl_meshfix.traffic.gateway.connections import of_tcp, of_tls
from kubectl_meshfix.traffic.gateway.kubernetes.l4_routes import Connections
from kubectl_meshfix.traffic.gateway.servers import Server
from kubectl_meshfix.traffic.route.domains import lookup
from kubectl_meshfix.traffic.terms.failures import Failure
from kubectl_meshfix.traffic.terms.parties import Party

EVERY_NAME = "*"
"""The name that stands for every connection."""

_SHOWN = 8


class Chain(msgspec.Struct, frozen=True):
    """A filter chain: several servers for plain HTTP, one for all else. ``names`` are those in the SNI, none for every connection.

    ``connections`` is where it hands them on, None where it reads HTTP, or goes by the SNI alone (AUTO_PASSTHROUGH).
    """

    servers: tuple[Server, ...]
    names: tuple[str, ...]
    connections: Connections | None = None

    @property
    def server(self) -> Server:
        """Its first server."""
        return self.servers[0]


class Connecting(msgspec.Struct, frozen=True):
    """How a caller connects: in TLS, and for which name, empty for none; in plain text."""

    is_tls: bool
    sni: str = ""


def chains(mesh: Mesh, gateway: Party, servers: Sequence[Server]) -> Steps[tuple[Chain, ...]]:
    """The chains of the servers on one port of a gateway; a server for connections has none where no route is for it."""
    found = list(_of_http(servers))
    taken: dict[str, Where] = {}
    skipped: dict[Where, list[str]] = {}
    for server in servers:
        if server.passes_tls and server.tls and server.tls.mode == "AUTO_PASSTHROUGH":
            found.append(Chain((server,), (EVERY_NAME,)))
        elif server.is_tls and server.passes_tls:
            for rule in of_tls(mesh, gateway, server):
                names = rule.names or (EVERY_NAME,)
                if any(name in taken for name in names):
                    skipped.setdefault(rule.at, []).extend(names)
                    continue
                taken.update(dict.fromkeys(names, rule.at))
                found.append(Chain((server,), rule.names, rule))
        elif not server.reads_plain_http and not (server.is_tls and server.reads_http) and (tcp := of_tcp(mesh, gateway, server)):
            found.append(Chain((server,), server.server_names if server.is_tls else (), tcp))
    for at, names_twice in skipped.items():
        yield step(check.SNI_TAKEN, at, names=", ".join(dict.fromkeys(names_twice)))
    return tuple(found)


def overlapping(found: Sequence[Chain], port: int) -> Steps[None]:
    """A step where two chains of a port are for the same connections, for which Envoy rejects the whole listener."""
    names_twice = sorted({name for name, _, _ in twice(found)})
    if names_twice:
        unknown = Unknown(kind=UnknownKind.RUNTIME, of="the listener that Envoy has", settled_by=CLUSTER)
        names = ", ".join("every name" if name == EVERY_NAME else name for name in names_twice)
        yield step(check.OVERLAPPING, found[0].server.at, unknown=unknown, port=port, names=names)


def twice(found: Sequence[Chain]) -> Iterator[tuple[str, Chain, Chain]]:
    """The names for which there is a chain already, with both chains; ``*`` stands for every connection."""
    taken: dict[str, Chain] = {}
    for chain in found:
        for name in (chain.names or (EVERY_NAME,)) if chain.connections or chain.server.reads_http else ():
            if name in taken:
                yield name, taken[name], chain
            taken.setdefault(name, chain)


def choose(found: Sequence[Chain], caller: Connecting) -> Steps[Chain | Failure]:
    """The chain that takes a connection: by the name in its SNI, the longest that covers it; without a name, the one for all.

    A name that is found once is final: Envoy does not go back to another chain.
    """
    for_all = next((chain for chain in found if not chain.names), None)
    by_name = {name: chain for chain in reversed(found) for name in chain.names}
    sni = caller.sni.lower() if caller.is_tls else ""
    name, chain = (lookup(by_name, sni) if sni else None) or ("", for_all)
    if chain is None:
        return (yield from _taken_by_none(found, by_name, caller))
    server = chain.server
    if caller.is_tls:
        if server.reads_plain_http:
            yield step(check.TLS_TO_HTTP, server.at)
            return Failure.TLS_TO_PLAIN_TEXT
        yield step(check.BY_SNI, server.at, name=name, sni=sni) if name else step(check.ANY_SNI, server.at)
        return chain
    if server.terminates:
        yield step(check.PLAIN_TO_TLS, server.at)
        return Failure.NO_FILTER_CHAIN
    yield step(check.PLAIN, server.at)
    return chain


def _of_http(servers: Sequence[Server]) -> Iterator[Chain]:
    """One chain for all plain HTTP of a port, and one for each server that ends TLS and reads HTTP."""
    if plain := tuple(server for server in servers if server.reads_plain_http):
        yield Chain(plain, ())
    for server in servers:
        if server.terminates and server.reads_http:
            yield Chain((server,), server.server_names)


def _taken_by_none(found: Sequence[Chain], by_name: dict[str, Chain], caller: Connecting) -> Steps[Failure]:
    at = found[0].server.at
    shown = sorted(by_name)
    names = ", ".join((*shown[:_SHOWN], *(("…",) if len(shown) > _SHOWN else ())))
    if not caller.is_tls:
        yield step(check.PLAIN_TO_TLS, at)
        return Failure.NO_FILTER_CHAIN
    yield step(check.NO_SNI_MATCHES, at, sni=caller.sni, names=names) if caller.sni else step(check.NO_SNI, at, names=names)
    return Failure.TLS_REFUSED
