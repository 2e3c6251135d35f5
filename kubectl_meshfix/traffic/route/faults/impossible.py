"""Conditions of HTTP matches that no request can meet (`pilot/pkg/networking/core/route/route.go TranslateRouteMatch`)."""

import re
from collections.abc import Iterator
from enum import StrEnum

import msgspec

from kubectl_meshfix.resources.istio_networking.actions import StringMatch
from kubectl_meshfix.resources.istio_networking.routes import HTTPMatch

_TEXT = frozenset(map(chr, range(32, 127))) | {"é"}
_PATH = _TEXT - set(" \\?#")
"""What paths are made of; Envoy takes the query away before it compares, and makes slashes of backslashes."""

_SLASH = frozenset("/")
_IN_SLASHES = r"/(?P<body>(?:[^/]|(?<=\\)/)+)/(?P<flags>[gimsuy]*)"
"""A regular expression as JavaScript writes it."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"})


class Why(StrEnum):
    """Why no request meets a condition; a clause."""

    NO_SLASH = "every path begins with a slash"
    STAR = "a star is an ordinary character there, and paths have none"
    HOST_STAR = "a star is an ordinary character there, and hosts have none"
    HOST_SLASH = "an authority is a host with or without a port"
    QUERY = "the path is compared without its query"
    IN_SLASHES = "slashes around a regular expression, and flags behind it, are part of it"
    NOTHING = "no text matches this regular expression as a whole"
    CASE = "methods are compared in upper case"
    SCHEME_CASE = "schemes are compared in lower case"


class Impossible(msgspec.Struct, frozen=True):
    """A condition that no request meets: its ``field`` with the kind of comparison, as ``uri/prefix``, its value and the reason.

    ``better`` is the kind and value that was meant, where that is clear.
    """

    field: str
    kind: str
    value: str
    why: Why
    better: tuple[str, str] | None = None


def impossible(match: HTTPMatch) -> Iterator[Impossible]:
    """What of a match no request can meet. A condition that is negated holds then, and is left alone."""
    if match.uri is not None:
        yield from _of_path(match.uri, match.method)
    if match.authority is not None:
        yield from _of_authority(match.authority)
    for field, known, case, why in (
        ("method", _METHODS, str.upper, Why.CASE),
        ("scheme", frozenset({"http", "https"}), str.lower, Why.SCHEME_CASE),
    ):
        written: StringMatch | None = getattr(match, field)
        if written and written.exact and written.exact not in known and case(written.exact) in known:
            yield Impossible(field, "exact", written.exact, why, ("exact", case(written.exact)))
    for name, wanted in match.headers.items():
        if wanted.regex and wanted.regex != "*" and _may_match(wanted.regex, _TEXT) is False:
            yield Impossible(f"headers/{name}", "regex", wanted.regex, Why.NOTHING)


def _of_path(uri: StringMatch, method: StringMatch | None) -> Iterator[Impossible]:
    for kind, text in (("exact", uri.exact), ("prefix", uri.prefix)):
        if text and not (text == "*" and (kind == "exact" or (method and method.exact == "OPTIONS"))):
            yield from _of_path_text(kind, text)
    if uri.regex:
        yield from _of_path_pattern(uri.regex)


def _of_path_text(kind: str, text: str) -> Iterator[Impossible]:
    if "?" in text:
        yield Impossible("uri", kind, text, Why.QUERY)
    elif text.endswith("*"):
        rest = text.rstrip("*")
        rooted = rest if rest.startswith("/") else f"/{rest}"
        yield Impossible("uri", kind, text, Why.STAR, None if "*" in rest or "://" in rest else ("prefix", rooted))
    elif not text.startswith("/"):
        yield Impossible("uri", kind, text, Why.NO_SLASH, None if "://" in text or text.startswith("^") else (kind, f"/{text}"))


def _of_path_pattern(pattern: str) -> Iterator[Impossible]:
    if found := re.fullmatch(_IN_SLASHES, pattern):
        body = found["body"]
        if (found["flags"] and "\\/" in body) or body.startswith("^") or body.endswith("$") or re.match(r"\\+/", body):
            yield Impossible("uri", "regex", pattern, Why.IN_SLASHES, _without_slashes(body, found["flags"]))
            return
    if _may_match(pattern, _PATH, _SLASH) is not False:
        return
    if _may_match(pattern, _PATH | {"?"}, _SLASH):
        yield Impossible("uri", "regex", pattern, Why.QUERY)
    elif _may_match(pattern, _PATH):
        bare = pattern.removeprefix("^")
        rooted = f"/(?:{bare})" if "|" in bare else f"/{bare}"
        yield Impossible("uri", "regex", pattern, Why.NO_SLASH, ("regex", rooted) if _may_match(rooted, _PATH, _SLASH) else None)
    else:
        yield Impossible("uri", "regex", pattern, Why.NOTHING)


def _without_slashes(body: str, flags: str) -> tuple[str, str] | None:
    """What JavaScript's means for a whole path: it looks for a part of the text, where nothing ties it to the end."""
    bare = body.removeprefix("^").removesuffix("$").replace("\\/", "/")
    pattern = f"{'(?i)' if 'i' in flags else ''}{bare}{'' if body.endswith('$') else '.*'}"
    return ("regex", pattern) if _may_match(pattern, _PATH, _SLASH) else None


def _of_authority(authority: StringMatch) -> Iterator[Impossible]:
    for kind, text in (("exact", authority.exact), ("prefix", authority.prefix)):
        if not text:
            continue
        if "/" in text:
            rest = text.partition("://")[2].rstrip("/")
            yield Impossible("authority", kind, text, Why.HOST_SLASH, (kind, rest) if rest and "/" not in rest else None)
        elif "*" in text:
            rest = text[:-1]
            yield Impossible(
                "authority", kind, text, Why.HOST_STAR, ("prefix", rest) if rest and text.endswith("*") and "*" not in rest else None
            )


def _may_match(pattern: str, letters: frozenset[str], first: frozenset[str] | None = None) -> bool | None:
    from kubectl_meshfix.resources.re2.matching import may_match  # noqa: PLC0415 -- few matches are regular expressions

    return may_match(pattern, letters, first)
