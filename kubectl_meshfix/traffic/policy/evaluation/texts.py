"""How policies compare texts (`pilot/pkg/security/authz/matcher/string.go`)."""

from ipaddress import ip_address, ip_network


def matches(pattern: str, text: str) -> bool:
    """Whether a text is the pattern, begins with ``pattern*`` or ends in ``*pattern``; ``*`` is any text that is not empty.

    A ``*`` anywhere else is a letter like any other, and case counts.
    """
    if pattern == "*":
        return bool(text)
    if pattern.startswith("*"):
        return text.endswith(pattern[1:])
    return text.startswith(pattern[:-1]) if pattern.endswith("*") else text == pattern


def is_principal(pattern: str, identity: str) -> bool:
    """Whether an identity is the one of ``principals``; neither has ``spiffe://`` before it."""
    return bool(identity) and matches(pattern, identity)


def is_of_namespace(pattern: str, identity: str) -> bool:
    """Whether an identity is of a namespace, in which every ``*`` stands for anything (`generator.go srcNamespaceGenerator`)."""
    return bool(identity) and matches_pieces(f"*/ns/{pattern}/*", identity)


def is_service_account(name: str, namespace: str, identity: str) -> bool:
    """Whether an identity is of a service account, ``name`` of a policy's own namespace or ``namespace/name`` (`serviceAccountRegex`)."""
    home, slash, account = name.partition("/")
    home, account = (home, account) if slash else (namespace, name)
    space = f"/ns/{home}/"
    start = identity.find(space, 1)
    return start > 0 and _has_part(identity[start + len(space) :], f"sa/{account}")


def _has_part(text: str, part: str) -> bool:
    """Whether a text is a part, or has it between slashes with something before and behind them (`(.+/|)part(/.+)?`)."""
    if text.startswith(part) and _ends_at(text, len(part)):
        return True
    found = text.find(f"/{part}", 1)
    while found > 0 and not _ends_at(text, found + 1 + len(part)):
        found = text.find(f"/{part}", found + 1)
    return found > 0


def _ends_at(text: str, place: int) -> bool:
    return len(text) == place or (text[place] == "/" and len(text) > place + 1)


def is_of_trust_domain(pattern: str, identity: str) -> bool:
    """Whether an identity is of a trust domain (`generator.go srcTrustDomainGenerator`)."""
    domain, slash, _ = identity.partition("/")
    if pattern == "*":
        return bool(identity)
    before, star, after = pattern.partition("*")
    fits = domain == pattern if not star else domain.startswith(before) and domain[len(before) :].endswith(after)
    return bool(slash) and fits


def is_requester(pattern: str, issuer: str, subject: str) -> bool:
    """Whether a token's issuer and subject are those of ``requestPrincipals`` (`generator.go requestPrincipalGenerator`).

    The value is split at its last slash, because issuers may be URLs. A ``*`` at its start frees the issuer, one at its end the subject.
    """
    before, slash, after = pattern.rpartition("/")
    if pattern == "*":
        return bool(issuer and subject)
    if pattern.startswith("*"):
        if not slash:
            return bool(issuer) and subject.endswith(pattern[1:])
        return matches(before, issuer) and subject == after
    if pattern.endswith("*"):
        return issuer == before and matches(after, subject) if slash else issuer.startswith(pattern[:-1]) and bool(subject)
    return bool(slash and subject) and (before, after) == (issuer, subject)


def is_block(text: str) -> bool:
    """Whether a text is an address or a range of them."""
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def is_within(block: str, address: str) -> bool:
    """Whether an address is in a range. What is no address is in none."""
    try:
        return ip_address(address) in ip_network(block, strict=False)
    except ValueError:
        return False


def matches_pieces(pattern: str, text: str) -> bool:
    """Whether a text is a pattern in which each ``*`` stands for anything; without going back and forth."""
    if "*" not in pattern:
        return text == pattern
    first, *middle, last = pattern.split("*")
    if not text.startswith(first) or not text[len(first) :].endswith(last):
        return False
    start, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, start, end)
        if found < 0:
            return False
        start = found + len(piece)
    return True
