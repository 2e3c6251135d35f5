"""ServiceEntries of TCP, or of no protocol, without addresses: their listener is for all addresses, and catches what is for others."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from kubectl_meshfix.injection.labels import DATAPLANE_MODE
from kubectl_meshfix.mesh.protocols import HTTP_LIKE, Protocol
from kubectl_meshfix.mesh.snapshot import Mesh
from kubectl_meshfix.traffic.client.bindings import shared_by
from kubectl_meshfix.traffic.client.proxy_settings import captures_dns
from kubectl_meshfix.traffic.export_to import EVERYWHERE
from kubectl_meshfix.traffic.registry import Entry, Port, Resolution, registry
from kubectl_meshfix.traffic.terms.parties import Party, Plane

_OPAQUE = frozenset(Protocol) - HTTP_LIKE - {Protocol.UDP, Protocol.TLS, Protocol.HTTPS}
"""Protocols whose bytes name no host: neither the Host header nor the SNI tells whom they are for. Where none is declared, that is so of
what is not HTTP, and of TLS too.
"""


class Catching(msgspec.Struct, frozen=True):
    """A port of a ServiceEntry that catches connections.

    ``first`` is the older entry that gets all of them instead, and ``http`` one that shares the listener with HTTP, where that keeps HTTP
    from this one; None for none.
    """

    entry: Entry
    port: Port
    first: Entry | None
    http: Entry | None


class _OnPort(msgspec.Struct, frozen=True):
    opaque: list[tuple[Entry, Port]]
    http: list[Entry]


def catching(mesh: Mesh) -> Iterator[Catching]:
    """Each such port of sidecars that do not capture DNS (`core/listener.go buildSidecarOutboundListener`, `model/service.go
    GetAddressForProxy`). With DNS captured, istiod gives ServiceEntries addresses of their own, which these sidecars then call.
    """
    for on_port in mesh.cached("hosts by port", _by_port).values():
        http, seen = _Firsts(on_port.http), _Firsts()
        for entry, port in on_port.opaque:
            if _has_address(mesh, entry):
                continue
            first, is_sniffed = seen.of(entry), port.protocol is Protocol.UNSUPPORTED
            if entry.resolution is not Resolution.NONE:
                yield Catching(entry, port, first, None if is_sniffed else http.of(entry))
                seen.add(entry)
            elif first and first.resource != entry.resource:  # else its connections go on to the addresses that were called
                yield Catching(entry, port, first, None)


class _Firsts:
    """The first of some entries that proxies of a namespace know: by the namespaces to which they are exported, and of all."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.by_namespace: dict[str, Entry] = {}
        self.first: Entry | None = None
        for entry in entries:
            self.add(entry)

    def add(self, entry: Entry) -> None:
        """One more, which is younger."""
        for namespace in entry.namespaces:
            self.by_namespace.setdefault(namespace, entry)
        self.first = self.first or (entry if entry.namespaces else None)

    def of(self, entry: Entry) -> Entry | None:
        """The oldest that some proxies know beside an entry."""
        if EVERYWHERE in entry.namespaces:
            return self.first
        meeting = [self.by_namespace[name] for name in (EVERYWHERE, *entry.namespaces) if name in self.by_namespace]
        return min(meeting, key=lambda other: other.age) if meeting and entry.namespaces else None


def _by_port(mesh: Mesh) -> Mapping[int, _OnPort]:
    found: dict[int, _OnPort] = defaultdict(lambda: _OnPort([], []))
    everything = (entry for entries in registry(mesh).exact.values() for entry in entries)
    for entry in sorted(everything, key=lambda item: item.age):
        for port in entry.ports:
            if port.protocol in HTTP_LIKE:
                found[port.number].http.append(entry)
            elif port.protocol in _OPAQUE and shared_by(entry, uses_automatic_addresses=False) == ():
                found[port.number].opaque.append((entry, port))
    return {number: on_port for number, on_port in found.items() if on_port.opaque}


def _has_address(mesh: Mesh, entry: Entry) -> bool:
    """Whether sidecars call it at an address after all, or there are none: its namespace is in ambient."""
    space = mesh.namespace(entry.namespace)
    if space and space.labels.get(DATAPLANE_MODE) == "ambient":
        return True
    return entry.has_automatic_address and captures_dns(mesh, Party(plane=Plane.SIDECAR, namespace=entry.namespace))
