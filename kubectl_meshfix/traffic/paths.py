"""Paths as proxies see them: rewritten before anything looks at them, and compared with templates."""

import re
from functools import lru_cache

_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SLASHES = {"%2F": "/", "%5C": "\\"}
_MERGING = frozenset({"MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES"})
_LITERAL = "a-zA-Z0-9\\-._~%!$&'()+,;:@="
"""What a segment of a path may hold to be matched by a template (Envoy, `uri_template_internal.cc`)."""


def normalised(path: str, normalization: str) -> str | None:
    """A path, without its query, as the rest of a proxy sees it; None for one that Envoy refuses with 400.

    ``DEFAULT`` is ``BASE``: dots are resolved, backslashes turned, and escapes of unreserved characters decoded
    (`meshconfig.ProxyPathNormalization`; Envoy, `source/common/http/conn_manager_utility.cc maybeNormalizePath`).
    """
    if normalization == "NONE":
        return path
    if normalization == "DECODE_AND_MERGE_SLASHES":
        path = _ESCAPED.sub(lambda found: _SLASHES.get(found[0].upper(), found[0]), path)
    if "%00" in path:
        return None
    path = _ESCAPED.sub(_decoded, path.replace("\\", "/"))
    path = "/" + "/".join(_without_dots(path.removeprefix("/")))
    return re.sub("/{2,}", "/", path) if normalization in _MERGING else path


def is_template(pattern: str) -> bool:
    """Whether a policy's path is a template (`pkg/config/security/security.go ContainsPathTemplate`)."""
    return "{*}" in pattern or "{**}" in pattern


def fits(template: str, path: str) -> bool:
    """Whether a path fits a template: ``{*}`` stands for one segment or a part of it, ``{**}`` for anything, slashes included."""
    return bool(_compiled(template).fullmatch(path))


@lru_cache(maxsize=1024)
def _compiled(template: str) -> re.Pattern[str]:
    parts = re.split(r"(\{\*\*?\})", template)
    pieces = {"{*}": f"[{_LITERAL}]+", "{**}": f"[{_LITERAL}/]*"}
    return re.compile("".join(pieces.get(part, re.escape(part)) for part in parts))


def _decoded(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character in _UNRESERVED else found[0]


def _without_dots(rest: str) -> list[str]:
    kept: list[str] = []
    *inner, last = rest.split("/")
    for segment in inner:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if last == "..":
        del kept[-1:]
    return [*kept, "" if last in (".", "..") else last]
