"""Hosts with wildcards, held against each other (`pkg/config/host/name.go`)."""


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
