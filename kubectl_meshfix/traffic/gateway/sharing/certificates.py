"""Servers of one port that show the same certificate: clients with HTTP/2 take a connection to one host for another one too.

A client may send requests for a host on any open connection to the same address whose certificate is good for it (RFC 9113 §9.1.1). Istio
has a filter chain for each server, with the routes of that server alone (`pilot/pkg/networking/core/gateway.go`), and answers 404.
"""

from collections.abc import Iterable, Iterator

import msgspec

from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.gateway.certificates import names_of, secret_of
from kubectl_meshfix.traffic.gateway.merging import merged
from kubectl_meshfix.traffic.gateway.names import bare, within
from kubectl_meshfix.traffic.gateway.servers import Server
from kubectl_meshfix.traffic.gateway.sharing.ports import ROUTES, Shared, shared_ports
from kubectl_meshfix.traffic.gateway.sources import sources


class Reused(msgspec.Struct, frozen=True):
    """A server whose ``host`` may be asked for on connections that were made to another's ``connected``, and the certificate of both.

    ``is_only_pair`` says that no third server has the certificate.
    """

    server: Server
    other: Server
    certificate: str
    host: str
    connected: str
    is_only_pair: bool


class _Domains(msgspec.Struct, frozen=True):
    server: Server
    names: tuple[str, ...]


def reused(mesh: Mesh) -> Iterator[Reused]:
    """Each server, with one before it on its port that shows the same certificate, where a host of one has no routes at the other."""
    mesh.require(*ROUTES)
    if mesh.live and not all(mesh.coverage(kind).is_complete for kind in ROUTES):
        return
    known: set[object] = set()
    for shared in shared_ports(mesh):
        for certificate, group in _by_certificate(mesh, shared).items():
            for position, later in enumerate(group):
                if later.server.at not in known and (found := _first(group[:position], later, certificate, len(group) == 2)):
                    known.add(later.server.at)
                    yield found


def _first(before: Iterable[_Domains], later: _Domains, certificate: str, is_only_pair: bool) -> Reused | None:
    for earlier in before:
        missed, missing = _beyond(later, earlier), _beyond(earlier, later)
        if missed and missing:
            return Reused(later.server, earlier.server, certificate, missed, missing, is_only_pair)
    return None


def _beyond(one: _Domains, other: _Domains) -> str:
    """A name of one that the other does not answer for."""
    return next((name for name in one.names if not any(within(name, theirs) for theirs in other.names)), "")


def _by_certificate(mesh: Mesh, shared: Shared) -> dict[str, list[_Domains]]:
    """The servers that end TLS and read HTTP, by what they show; on a cluster without those that have no routes."""
    found: dict[str, list[_Domains]] = {}
    for server in merged(shared.servers)[0]:
        shown = _shown(server, shared.pods.namespace) if server.terminates and server.reads_http else ()
        followed = sources(mesh, server, shared.pods.namespace) if shown else ()
        routed = tuple(dict.fromkeys(name.lower() for source in followed for name in source.hosts))
        names = routed or (() if mesh.live else tuple(bare(host).lower() for host in server.hosts))
        for certificate in shown if names else ():
            found.setdefault(certificate, []).append(_Domains(server, names))
    return found


def _shown(server: Server, namespace: str) -> tuple[str, ...]:
    """What tells the certificates of a server from others: Secrets, else the files of certificate and key."""
    tls = server.tls
    if tls is None or tls.mode == "ISTIO_MUTUAL":
        return ()
    if names := names_of(tls):
        secrets = (secret_of(name, namespace) for name in names)
        return tuple(dict.fromkeys(f"Secret {home}/{own}" for home, own in filter(None, secrets)))
    return (f"file {tls.server_certificate}",) if tls.server_certificate and tls.private_key else ()
