"""The names under which sidecars take requests for a host (`pilot/pkg/networking/core/httproute.go generateVirtualHostDomains`)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

import msgspec

from kubectl_meshfix.resources import kinds
from kubectl_meshfix.traffic import hosts
from kubectl_meshfix.traffic.registry import Entry, Resolution

Claim = TypeVar("Claim")
ANY = "*"


class Domains(msgspec.Struct, frozen=True):
    """The names of an entry, and which of them are only short for its hosts: these never hide the whole name of another host."""

    names: tuple[str, ...]
    short: frozenset[str]


def domains(entry: Entry, aliases: Iterable[Entry], namespace: str) -> Domains:
    """The names for proxies of a namespace, in their order and in lower case.

    Those of its ``aliases``, the ExternalName Services that lead to it, are its names too.
    A headless Service's pods have names below its own.
    """
    names: list[str] = []
    short: set[str] = set()
    for host in (entry.host, *(alias.host for alias in aliases)):
        shorter = list(_short_names(host, namespace))
        names += [host, *shorter]
        short.update(name.lower() for name in shorter)
    if entry.resolution is Resolution.NONE and entry.resource.kind == kinds.SERVICE.kind:
        names += [f"*.{name}" for name in names]
    names += (f"[{address}]" if ":" in address else address for address in entry.addresses if "/" not in address)
    return Domains(tuple(dict.fromkeys(name.lower() for name in names)), frozenset(short))


def host_of(authority: str) -> str:
    """The Host that virtual hosts are looked up by: without its port, and in lower case (`ignore_port_in_host_matching`)."""
    name, colon, port = authority.lower().rpartition(":")
    return name if colon and port.isdecimal() and ("]" in name or ":" not in name) else authority.lower()


def lookup(table: Mapping[str, Claim], host: str) -> tuple[str, Claim] | None:
    """What is in a table for a host: under its name, else under the longest wildcard that ends it (Envoy: `findVirtualHost`).

    A wildcard stands for at least one letter. The table's ``*`` takes all others.
    """
    if host in table:
        return host, table[host]
    for start in range(1, len(host)):
        wildcard = f"*{host[start:]}"
        if wildcard in table:
            return wildcard, table[wildcard]
    return (ANY, table[ANY]) if ANY in table else None


def _short_names(host: str, namespace: str) -> Iterator[str]:
    """`GenerateAltVirtualHosts`: with a dot at its end, and, of a Service, without the domain; alone only in its own namespace."""
    yield f"{host}."
    suffix = f".svc.{hosts.CLUSTER_DOMAIN}"
    if not host.endswith(suffix):
        return
    both = host.removesuffix(suffix)
    name, dot, home = both.partition(".")
    if not dot or not home:
        return
    if home == namespace:
        yield name
    yield both
    yield f"{both}.svc"
