"""Names of hosts as gateways compare them: those of servers, which may be for one namespace, with those of routes."""

from collections.abc import Iterable

ANY = "*"


def within(one: str, other: str) -> bool:
    """Whether every name of ``one`` is one of ``other``, wildcards or not (`pkg/config/host/name.go SubsetOf`)."""
    if one.startswith(ANY):
        return other.startswith(ANY) and len(one) >= len(other) and one[1:].endswith(other[1:])
    return one.endswith(other[1:]) if other.startswith(ANY) else one == other


def common(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    """What two lists of hosts have in common: of each pair the narrower one (`pkg/config/host/names.go Intersection`)."""
    others, found = tuple(other), dict[str, None]()
    for mine in one:
        for theirs in others:
            if within(mine, theirs):
                found[mine] = None
            elif within(theirs, mine):
                found[theirs] = None
    return tuple(found)


def sanitized(host: str, namespace: str) -> str:
    """A server's host with its namespace in full: ``./h`` is ``namespace/h``, and ``*/h`` is ``h``
    (`gateway.go sanitizeServerHostNamespace`).
    """
    before, slash, after = host.partition("/")
    if not slash:
        return host
    return after if before == ANY else f"{namespace if before == '.' else before}/{after}"


def bare(host: str) -> str:
    """A server's host without its namespace."""
    return host.rpartition("/")[2]


def admitted(hosts: Iterable[str], namespace: str) -> tuple[str, ...]:
    """The hosts of a server that admit routes of a namespace, without theirs (`names.go NamesForNamespace`)."""
    return tuple(bare(host) for host in hosts if "/" not in host or host.partition("/")[0] in (namespace, ANY))
