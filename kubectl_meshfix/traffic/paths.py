"""Paths as proxies see them: rewritten before anything looks at them, and compared with templates."""

import re
from functools import lru_cache

_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SLASHES = {"%2F": "/", "%5C": "\\"}
_DOTS = (".", "..")
_ESCAPES = str.maketrans({character: f"%{ord(character):02X}" for character in '"<>^`{|}'})
_MERGING = frozenset({"MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES"})
_LITERAL = "a-zA-Z0-9\\-._~%!$&'()*+,;:@="
"""What a segment of a path may hold to be matched by a template (Envoy, `uri_template_internal.cc`)."""


def normalised(path: str, normalization: str) -> str | None:
    """A path, without its query, as the rest of a proxy sees it; None for one that Envoy refuses with 400.

    ``DEFAULT`` is ``BASE``: dots are resolved, backslashes turned, escapes of unreserved characters decoded, and a few characters escaped
    (`meshconfig.ProxyPathNormalization`; Envoy, `source/common/http/conn_manager_utility.cc maybeNormalizePath`). A real Envoy was asked.
    """
    if "#" in path or not path.isascii():
        return None
    if normalization == "NONE":
        return path
    if "%00" in path:
        return None
    if normalization == "DECODE_AND_MERGE_SLASHES":
        path = _ESCAPED.sub(lambda found: _SLASHES.get(found[0].upper(), found[0]), path)
    path = "/" + "/".join(_without_dots(path.replace("\\", "/").removeprefix("/")))
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


def _canonical(segment: str) -> str:
    """A segment as it is compared. Dots count with parameters behind them too, unless they are escaped."""
    if (dots := segment.partition(";")[0]) in _DOTS:
        return dots
    return _ESCAPED.sub(_decoded, segment).translate(_ESCAPES)


def _without_dots(rest: str) -> list[str]:
    kept: list[str] = []
    *inner, last = map(_canonical, rest.split("/"))
    for segment in inner:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if last == "..":
        del kept[-1:]
    return [*kept, "" if last in _DOTS else last]
