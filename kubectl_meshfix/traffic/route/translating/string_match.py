"""Conditions as VirtualServices write them (`pilot/pkg/networking/core/route/route.go TranslateRouteMatch`)."""

from collections.abc import Iterator, Mapping

import msgspec
from msgspec.structs import replace

from kubectl_meshfix.chain.steps import Where
from kubectl_meshfix.documents import pointer
from kubectl_meshfix.resources.claims import claim_path
from kubectl_meshfix.resources.istio_networking.actions import StringMatch
from kubectl_meshfix.resources.istio_networking.routes import HTTPMatch
from kubectl_meshfix.traffic.terms.conditions import Comparison, Condition, Field

_TEXTS = tuple((field, field.value) for field in (Field.METHOD, Field.AUTHORITY, Field.SCHEME))
_ANY_PATH = (StringMatch(prefix="/"), StringMatch(prefix=""), StringMatch(regex=".*"), StringMatch())


class PlacedMatch(msgspec.Struct, frozen=True):
    """A match and its place. One of a delegate has taken on what the ``root`` asks for and it does not ask for itself."""

    match: HTTPMatch
    at: Where
    own: HTTPMatch | None = None
    root: Where | None = None


def conditions(placed: PlacedMatch) -> tuple[Condition, ...]:
    """What of a match is compared with a request; nothing for one that takes every request (`IsCatchAllRoute`)."""
    return tuple(_conditions(placed))


def path_kind(match: HTTPMatch | None) -> str | None:
    """How a match compares the path: ``exact``, ``prefix`` or ``regex``; None where it does not."""
    uri = match.uri if match else None
    if uri is None:
        return None
    return next((kind for kind in ("exact", "prefix", "regex") if getattr(uri, kind) is not None), None)


def condition(field: Field, match: StringMatch | str, name: str = "", *, is_negated: bool = False) -> Condition:
    """A comparison with a text. A regular expression that is one star, and a match that says nothing, ask for presence alone."""
    if isinstance(match, str):
        match = StringMatch(exact=match)
    comparison, value = Comparison.PRESENT, ""
    for kind, text in ((Comparison.EXACT, match.exact), (Comparison.PREFIX, match.prefix), (Comparison.REGEX, match.regex)):
        if text is not None and (field is Field.PATH or (kind, text) != (Comparison.REGEX, "*")):
            comparison, value = kind, text
            break
    return Condition(field=field, comparison=comparison, value=value, name=name, is_negated=is_negated)


def _conditions(placed: PlacedMatch) -> Iterator[Condition]:
    match, own = placed.match, placed.own
    if match.uri is not None and match.uri not in _ANY_PATH:
        found = condition(Field.PATH, match.uri)
        if match.ignore_uri_case and found.comparison is not Comparison.REGEX:
            found = replace(found, ignores_case=True)
        yield _at(placed, found, "uri", is_own=own is None or own.uri is not None)
    if match.headers:
        yield from _of_headers(placed, "headers", match.headers, is_negated=False)
    if match.without_headers:
        yield from _of_headers(placed, "withoutHeaders", match.without_headers, is_negated=True)
    for field, name in _TEXTS:
        if (wanted := getattr(match, name)) is not None:
            yield _at(placed, condition(field, wanted), name, is_own=own is None or getattr(own, name) is not None)
    for name, wanted in match.query_params.items():
        yield _at(placed, condition(Field.QUERY, wanted, name), "queryParams", name, is_own=own is None or name in own.query_params)


def _of_headers(placed: PlacedMatch, key: str, headers: Mapping[str, StringMatch], *, is_negated: bool) -> Iterator[Condition]:
    for name, wanted in headers.items():
        own = (placed.own.without_headers if is_negated else placed.own.headers) if placed.own else headers
        field, spelt = (Field.CLAIM, name) if claim_path(name) else (Field.HEADER, name.lower())
        yield _at(placed, condition(field, wanted, spelt, is_negated=is_negated), key, name, is_own=name in own)


def _at(placed: PlacedMatch, found: Condition, *keys: str, is_own: bool) -> Condition:
    """A condition at its place: in the match itself, or in that of the root that delegates."""
    if is_own or placed.root is None:
        return replace(found, path=placed.at.path + pointer.join(*keys))
    return replace(found, path=placed.root.path + pointer.join(*keys), resource=placed.root.resource)
