"""Tokens in requests: where rules look for them, and what they say (Envoy, `source/extensions/filters/http/jwt_authn`)."""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from kubectl_meshfix.resources.istio_policy import JWTRule, TokenHeader
from kubectl_meshfix.traffic.terms.request import Request

_BEARER = TokenHeader(name="Authorization", prefix="Bearer ")
_PARTS = 3
_LISTS = ("scope", "permission")
"""Claims that are lists of words, whatever a rule says."""


class Token(msgspec.Struct, frozen=True):
    """A token as it was sent, and the place it was found in; ``header`` is the name of the header, in lower case, if it is one."""

    text: str
    place: str
    header: str = ""


def places_of(rule: JWTRule) -> str:
    """Where a rule looks, in a few words."""
    headers, params = _locations(rule)
    found = (
        *(f"header {header.name}" for header in headers),
        *(f"query parameter {name}" for name in params),
        *(f"cookie {name}" for name in rule.from_cookies),
    )
    return ", ".join(found)


def found_by(rule: JWTRule, request: Request) -> tuple[Token, ...]:
    """The tokens that a rule finds in a request, all of which have to be valid, in the order in which they are looked at.

    That is backwards (Envoy, `authenticator.cc startVerify`), so that the claims of the first place are the ones that stay.
    """
    return tuple(_found(rule, request))[::-1]


def claims_of(text: str) -> Mapping[str, Any] | None:
    """The claims that a token says it has; None for what is no token. Nothing is verified."""
    header, *rest = text.split(".")
    if len(rest) != _PARTS - 1 or _decoded(header) is None:
        return None
    return _decoded(rest[0])


def normalised(claims: Mapping[str, Any], rule: JWTRule) -> Mapping[str, Any]:
    """Claims as policies and routes see them: those of words between spaces are lists."""
    lists = {*_LISTS, *rule.space_delimited_claims}
    return {name: value.split() if name in lists and isinstance(value, str) else value for name, value in claims.items()}


def is_for(claims: Mapping[str, Any], rule: JWTRule) -> bool:
    """Whether a token is for one of a rule's audiences, which have no scheme and no slash at their end."""
    if not rule.audiences:
        return True
    wanted = set(map(_bare, rule.audiences))
    return any(_bare(name) in wanted for name in audiences_of(claims))


def audiences_of(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Whom a token is for."""
    found = claims.get("aud", ())
    return tuple(item for item in (found if isinstance(found, list | tuple) else (found,)) if isinstance(item, str))


def _decoded(part: str) -> Mapping[str, Any] | None:
    """One part of a token, which is an object in JSON in base64; None for what is not."""
    try:
        found = json.loads(base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _bare(audience: str) -> str:
    return audience.removeprefix("http://").removeprefix("https://").removesuffix("/")


def _locations(rule: JWTRule) -> tuple[tuple[TokenHeader, ...], tuple[str, ...]]:
    is_told = rule.from_headers or rule.from_params or rule.from_cookies
    return (rule.from_headers, rule.from_params) if is_told else ((_BEARER,), ("access_token",))


def _found(rule: JWTRule, request: Request) -> Iterator[Token]:
    headers, params = _locations(rule)
    for header in headers:
        for value in request.header(header.name.lower()):
            if value.startswith(header.prefix):
                yield Token(value.removeprefix(header.prefix).strip(), f"the header {header.name}", header.name.lower())
    query = dict(parse_qsl(request.query)) if params else {}
    for name in params:
        if name in query:
            yield Token(query[name], f"the query parameter {name}")
    cookies = _cookies(request) if rule.from_cookies else {}
    for name in rule.from_cookies:
        if name in cookies:
            yield Token(cookies[name], f"the cookie {name}")


def _cookies(request: Request) -> dict[str, str]:
    try:
        found = SimpleCookie("; ".join(request.header("cookie")))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in found.items()}
