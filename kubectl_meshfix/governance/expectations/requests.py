"""Requests as they are written in a file of expectations."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.governance.expectations.decoding import decoded
from kubectl_meshfix.governance.expectations.written import WrittenRequest
from kubectl_meshfix.governance.placed_errors import Written, wrong
from kubectl_meshfix.traffic.terms.request import Request
from kubectl_meshfix.traffic.trace.urls import parse_request

_TOKEN = re.compile(r"(Bearer\s+)?ey[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_METHOD = re.compile(r"([A-Za-z]+)\s+(\S.*)")


def parse_written_request(written: Written, path: str, value: Any) -> Request:
    """The request that a line (``GET http://catalog.shop/items``) or a map means. Raises UsageError, which never repeats a token."""
    if isinstance(value, str):
        found = _METHOD.fullmatch(value.strip())
        method, url = (found[1], found[2]) if found else ("", value.strip())
        asked = WrittenRequest(url=url, method="" if method == "TCP" else method)
        if method == "TCP" and "://" in url:
            raise wrong(written, path, "TCP has a host and a port, and no scheme.", "Write TCP catalog.shop:9000.")
    else:
        asked = decoded(written, path, value, WrittenRequest, "key of a request")
    if not asked.url:
        raise wrong(written, path, "This request has no url.", "Write request: GET http://catalog.shop/items.")
    claims = _claims(written, f"{path}/claims", asked.claims)
    try:
        return parse_request(
            asked.url,
            method=asked.method,
            headers=[f"{name}: {text}" for name, text in asked.headers.items()],
            version=str(asked.http),
            sni=asked.sni,
            principal=asked.principal,
            claims="" if claims is None else json.dumps(claims),
            source_ip=asked.source_ip,
        )
    except UsageError as error:
        raise wrong(written, path, error.message, error.hint) from error


def _claims(written: Written, path: str, value: Any) -> Mapping[str, Any] | None:
    """Claims as a map. A token is refused, also within them, and never repeated."""
    if any(_TOKEN.fullmatch(text.strip()) for text in _texts(value)):
        raise wrong(written, path, "This is a token; only its claims belong here.", 'Write them as a map: {iss: "…", sub: "…"}.')
    if value is not None and not isinstance(value, dict):
        raise wrong(written, path, "Claims are a map.", 'Write them as {iss: "…", sub: "…"}.')
    return value


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)
