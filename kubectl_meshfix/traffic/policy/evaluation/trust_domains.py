"""The trust domains of principals, and the aliases that stand for them (`pilot/pkg/security/trustdomain/bundle.go`)."""

from collections.abc import Sequence
from itertools import chain

LOCAL = "cluster.local"
"""The trust domain that always means the mesh's own, whatever its name."""


def with_aliases(principals: Sequence[str], domains: Sequence[str]) -> tuple[str, ...]:
    """The principals of a policy, with those that the mesh's trust domains make of them (`ReplaceTrustDomainAliases`).

    Without ``domains`` they stay as they are: ztunnel knows of no aliases.
    """
    return tuple(chain.from_iterable(_replaced(principal, domains) for principal in principals))


def expanded(values: Sequence[str], domains: Sequence[str]) -> tuple[str, ...]:
    """The trust domains of a policy, each of the mesh's own standing for all of them (`ExpandTrustDomainAliases`)."""
    found = chain.from_iterable(domains if value in domains else (value,) for value in values)
    return tuple(dict.fromkeys(found))


def _replaced(principal: str, domains: Sequence[str]) -> tuple[str, ...]:
    own, *rest = principal.split("/")
    if (
        not domains
        or len(rest) != 4
        or own == "*"
        or not (own == LOCAL or any(_is_suffix(domain, own) or domain == own for domain in domains))
    ):
        return (principal,)
    found = (principal if _is_suffix(domain, own) else "/".join((domain, *rest)) for domain in domains)
    return tuple(dict.fromkeys(found))


def _is_suffix(domain: str, pattern: str) -> bool:
    return pattern.startswith("*") and domain.endswith(pattern[1:])
