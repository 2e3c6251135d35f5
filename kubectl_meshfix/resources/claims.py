"""Conditions on claims of a token (`pkg/jwt/routing.go`, `pilot/pkg/security/authz/matcher/metadata.go MetadataListMatcher`)."""

from collections.abc import Mapping, Sequence
from typing import Any

CLAIMS = "@request.auth.claims"
_SPACED = ("scope", "permission")
"""Claims that Envoy splits at spaces (`pilot/pkg/security/authn/policy_applier.go`, `SpaceDelimitedClaims`)."""


def claim_path(header: str) -> tuple[str, ...]:
    """The keys of a claim that a header's name stands for, ``@request.auth.claims.a.b`` or ``…[a][b]``; empty for a real header."""
    if not header.lower().startswith(CLAIMS):
        return ()
    rest = header[len(CLAIMS) :]
    if rest.startswith(".") and len(rest) > 1:
        return tuple(rest[1:].split("."))
    return tuple(rest[1:-1].split("][")) if rest.startswith("[") and rest.endswith("]") and len(rest) > 2 else ()


def claim_values(claims: Mapping[str, Any] | None, header: str) -> Sequence[str]:
    """The texts of a claim: one, those of a list, or none; numbers and booleans do not count."""
    path = claim_path(header)
    value: Any = claims
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    if isinstance(value, str):
        return value.split(" ") if len(path) == 1 and path[0] in _SPACED else (value,)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
