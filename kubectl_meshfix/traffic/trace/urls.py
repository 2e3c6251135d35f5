"""From the words of a request to a Request: its URL, headers, claims and the caller's address."""

import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.traffic.terms.request import Request, Scheme

_HINT = "Write http://catalog.shop/items, https://…, grpc://…, or HOST:PORT for TCP."
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A header's name or a method (RFC 9110, 5.6.2)."""
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?|[0-9a-f:.]+")
_JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_PRINCIPAL = re.compile(r"(?:spiffe://)?([^/\s]+/ns/[^/\s]+/sa/[^/\s]+)")
VERSIONS = ("1.0", "1.1", "2")


def parse_request(  # noqa: PLR0913 -- the flags of a request, each by its name
    url: str,
    *,
    method: str = "",
    headers: Sequence[str] = (),
    version: str = "",
    sni: str = "",
    principal: str = "",
    claims: str = "",
    source_ip: str = "",
) -> Request:
    """The request that a URL and the flags beside it mean. Raises UsageError, which never repeats a token.

    ``headers`` are ``name: value`` as curl takes them; ``claims`` is a JSON object.
    """
    scheme, parts = _split(url)
    host, port = _place(url, scheme, parts)
    found = tuple(map(_header, headers))
    if scheme is Scheme.TCP and (method or found or claims or parts.path not in ("", "/") or parts.query):
        raise UsageError("TCP has no methods, headers, paths or claims.", f"Name a scheme: http://{parts.netloc}{parts.path}")
    if method and not _TOKEN.fullmatch(method):
        raise UsageError(f'"{method}" is not an HTTP method.', "Write it as -X GET, -X POST, ….")
    return Request(
        scheme=scheme,
        host=host,
        port=port,
        method=method or ("POST" if scheme is Scheme.GRPC else "GET"),
        path=parts.path or "/",
        query=parts.query,
        headers=found,
        version=_version(version, scheme),
        sni=sni,
        principal=_principal(principal),
        claims=_claims(claims),
        source_ip=_address(source_ip),
    )


def _split(url: str) -> tuple[Scheme, SplitResult]:
    before, separator, _ = url.partition("://")
    try:
        scheme = Scheme(before.lower()) if separator else Scheme.TCP
        parts = urlsplit(url if separator else f"tcp://{url}")
    except ValueError as error:
        raise UsageError(f'"{url}" is not a URL that trace knows.', _HINT) from error
    if "@" in parts.netloc:
        raise UsageError("The URL holds a user name or a password.", "Leave it out: no rule of the mesh reads it.")
    return scheme, parts


def _place(url: str, scheme: Scheme, parts: SplitResult) -> tuple[str, int]:
    try:
        host, port = _ascii(parts.hostname or ""), parts.port
    except ValueError as error:
        raise UsageError(f'"{url}" has no port between 1 and 65535.', _HINT) from error
    if not _HOST.fullmatch(host) or port == 0:
        raise UsageError(f'"{url}" is not a URL that trace knows.', _HINT)
    if port is None and scheme is Scheme.TCP:
        raise UsageError(f'"{url}" has neither a scheme nor a port.', _HINT)
    return host, port or scheme.default_port


def _ascii(host: str) -> str:
    """A host in lower case; a name in letters of other scripts as DNS has it (``xn--…``), or as it is where it can be none."""
    try:
        return host.lower() if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not _TOKEN.fullmatch(name.strip()) or any(ord(char) < 32 and char != "\t" for char in value):
        raise UsageError(f'"{text.partition(":")[0]}" is not a header.', "Write it as curl takes it: -H 'x-user: a'.")
    return name.strip().lower(), value.strip()


def _version(text: str, scheme: Scheme) -> str:
    if text and text not in VERSIONS:
        raise UsageError(f'"{text}" is no version of HTTP.', f"Choose one of {', '.join(VERSIONS)}.")
    return text or ("2" if scheme is Scheme.GRPC else "1.1")


def _principal(text: str) -> str:
    found = _PRINCIPAL.fullmatch(text) if text else None
    if text and not found:
        raise UsageError(f'"{text}" is not an identity of the mesh.', "Write it as cluster.local/ns/NAMESPACE/sa/SERVICEACCOUNT.")
    return found[1] if found else ""


def _claims(text: str) -> Mapping[str, Any] | None:
    """Claims of a token. Whoever gives the token itself gets an error that does not repeat it."""
    if not text:
        return None
    if _JWT.fullmatch(text.strip().removeprefix("Bearer ").strip()):
        raise UsageError("This is a token; --jwt-claims takes only its claims.", 'Write them as JSON: \'{"iss": "…", "sub": "…"}\'.')
    try:
        found = json.loads(text)
    except ValueError as error:
        raise UsageError("The claims are not JSON.", 'Write them as \'{"iss": "…", "sub": "…"}\', or name a file.') from error
    if not isinstance(found, dict):
        raise UsageError("The claims are not a JSON object.", 'Write them as \'{"iss": "…", "sub": "…"}\', or name a file.')
    return found


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text)) if text else ""
    except ValueError as error:
        raise UsageError(f'"{text}" is not an IP address.', "Write it as 203.0.113.7.") from error
