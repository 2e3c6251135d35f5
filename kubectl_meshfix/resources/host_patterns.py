"""Hosts with wildcards, held against each other (`pkg/config/host/name.go`)."""

from collections.abc import Iterator, Sequence


def is_within(host: str, pattern: str) -> bool:
    """Whether all that a host stands for, wildcard or not, is covered by another (`Name.SubsetOf`)."""
    if not pattern.startswith("*"):
        return host == pattern
    return host.endswith(pattern[1:]) and (not host.startswith("*") or len(host) >= len(pattern))


def matches(one: str, other: str) -> bool:
    """Whether two hosts, wildcards or not, have a name in common (`Name.Matches`)."""
    if one.startswith("*") and other.startswith("*"):
        return one[1:].endswith(other[1:]) or other[1:].endswith(one[1:])
    if one.startswith("*"):
        return other.endswith(one[1:])
    if other.startswith("*"):
        return one.endswith(other[1:])
    return one == other


class Hosts:
    """Hosts by their endings, so that one is held against all of them at once: what it costs does not grow with their number."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._exact = frozenset(names)
        self._endings_of_wildcards = frozenset(name[1:] for name in names if name.startswith("*"))
        self._lengths = sorted({len(ending) for ending in self._endings_of_wildcards})
        self._ending: dict[int, dict[str, list[str]]] = {}

    def __bool__(self) -> bool:
        return bool(self._names)

    def match(self, host: str) -> bool:
        """Whether any of them has a name in common with a host (``matches``)."""
        if not host.startswith("*"):
            return host in self._exact or self._have_wildcard_for(host)
        return bool(self._ending_in(host[1:])) or self._have_wildcard_for(host[1:])

    def matching(self, host: str) -> frozenset[str]:
        """Those that have a name in common with a host (``matches``)."""
        rest = host.removeprefix("*")
        ends = (rest[len(rest) - length :] for length in self._lengths if length <= len(rest))
        wider = (f"*{end}" for end in ends if end in self._endings_of_wildcards)
        return frozenset((*wider, *(self._ending_in(rest) if host.startswith("*") else (host,) if host in self._exact else ())))

    def cover(self, host: str) -> bool:
        """Whether a host is within one of them (``is_within``)."""
        return host in self._exact or self._have_wildcard_for(host.removeprefix("*"))

    def within(self, pattern: str) -> Sequence[str]:
        """Those that are within a wildcard (``is_within``), in their order."""
        return [name for name in self._ending_in(pattern[1:]) if is_within(name, pattern)]

    def _have_wildcard_for(self, ending: str) -> bool:
        return any(ending[len(ending) - length :] in self._endings_of_wildcards for length in self._lengths if length <= len(ending))

    def _ending_in(self, ending: str) -> Sequence[str]:
        """Those that end so, wildcards without their star."""
        length = len(ending)
        if length not in self._ending:
            by_ending: dict[str, list[str]] = {}
            for name in self._names:
                rest = name.removeprefix("*")
                if len(rest) >= length:
                    by_ending.setdefault(rest[len(rest) - length :], []).append(name)
            self._ending[length] = by_ending
        return self._ending[length].get(ending, ())


def first_overlaps(names: Sequence[str]) -> Iterator[str | None]:
    """For each host the same one or else the first before it with which it has a name in common; None for none."""
    lengths = sorted({len(name) - 1 for name in names if name.startswith("*")})
    before: dict[str, int] = {}
    wildcards: dict[str, int] = {}
    endings: dict[str, int] = {}
    for position, name in enumerate(names):
        if name in before:
            yield name
            continue
        rest = name.removeprefix("*")
        ends = [rest[len(rest) - length :] for length in lengths if length <= len(rest)]
        found = [wildcards[end] for end in ends if end in wildcards]
        if name.startswith("*") and rest in endings:
            found.append(endings[rest])
        yield names[min(found)] if found else None
        before[name] = position
        for end in ends:
            endings.setdefault(end, position)
        if name.startswith("*"):
            wildcards.setdefault(rest, position)
