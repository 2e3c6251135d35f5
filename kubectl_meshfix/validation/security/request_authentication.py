"""What istiod's webhook says of a RequestAuthentication (`pkg/config/validation/validation.go ValidateRequestAuthentication`)."""

import re

from kubectl_meshfix.validation.security.key_sets import key_set
from kubectl_meshfix.validation.values import urls
from kubectl_meshfix.validation.values.annotations import annotations
from kubectl_meshfix.validation.values.attachments import attachment
from kubectl_meshfix.validation.values.durations import duration
from kubectl_meshfix.validation.values.fields import parts, text, texts
from kubectl_meshfix.validation.violation import Fields, Violation, Violations

_HIGHEST = 2**63


def violations(spec: Fields, metadata: Fields) -> Violations:
    """All that is refused and warned of in a RequestAuthentication."""
    yield from annotations(metadata)
    yield from attachment(spec)
    for path, rule in parts(spec, "jwtRules", "/spec"):
        yield from _rule(rule, path)


def _rule(rule: Fields, path: str) -> Violations:
    place = "jwksUri" if text(rule, "jwksUri") else "jwks_uri"
    address = text(rule, place)
    if not text(rule, "issuer") and not address:
        yield Violation(path=path, says="a rule has neither issuer nor jwksUri")
    if address and (unlike := _address_flaw(address)):
        yield Violation(path=f"{path}/{place}", says=f"jwksUri is no URL of keys: {unlike}")
    yield from key_set(text(rule, "jwks"), f"{path}/jwks")
    for name in ("audiences", "fromParams", "fromCookies"):
        for where, word in texts(rule, name, path):
            if not word:
                yield Violation(path=where, says=f"{name} has an empty value")
    for where, header in parts(rule, "fromHeaders", path):
        if not text(header, "name"):
            yield Violation(path=where, says="a header of fromHeaders has no name")
    for where, claim in parts(rule, "outputClaimToHeaders", path):
        yield from _output(claim, where)
    yield from duration(rule, "timeout", path)


def _address_flaw(address: str) -> str:
    """What is wrong with an address of keys, as a clause (`ParseJwksURI`). It is not repeated: it may hold a password."""
    if unlike := urls.flaw(address):
        return unlike
    if urls.scheme(address) not in ("http", "https"):
        return "it has to begin with http:// or https://"
    digits = urls.port(address)
    return "its port is too large a number" if digits and int(digits) >= _HIGHEST else ""


def _output(claim: Fields, path: str) -> Violations:
    header = text(claim, "header")
    if not header or not text(claim, "claim"):
        yield Violation(path=path, says="an entry of outputClaimToHeaders needs both header and claim")
    elif not re.fullmatch("[-_A-Za-z0-9]+", header):
        says = f'outputClaimToHeaders has the header "{header}", and its name is letters, digits, "-" and "_"'
        yield Violation(path=f"{path}/header", says=says)
