"""Where one document of a text ends and the next begins."""

import json
import re
from collections.abc import Callable, Iterator

import msgspec

_FIRST_MARKER = re.compile(r"\ufeff?(?:---|\.\.\.)(?=[ \t\r\n]|\Z)")
_NEXT_MARKER = re.compile(rf"\n{_FIRST_MARKER.pattern}")  # begins with a character, not with ^: so Python searches eight times as fast
_BREAK = r"(?:\r?\n|\r(?!\n))"
_EMPTY_LINE = rf"[ \t]*(?:#[^\r\n]*)?{_BREAK}"
_DIRECTIVE = rf"%[^\r\n]*{_BREAK}"
_NOTHING_YET = re.compile(rf"\ufeff?(?:{_EMPTY_LINE}|{_DIRECTIVE})*(?:[ \t]*(?:#[^\r\n]*)?|%[^\r\n]*)")
_HEAD = re.compile(rf"\ufeff?(?:{_EMPTY_LINE}|{_DIRECTIVE})*+(?:---(?=[ \t\r\n])(?:{_EMPTY_LINE})*+)?[ \t]*")
_SOURCE = re.compile(r"^# Source: (\S.*)$", re.MULTILINE)
_SPACE = re.compile(r"\s*")
_NOT_FOR_LIBYAML = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}|[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_LONE_SURROGATE = r"[\ud800-\udfff]"


class DocumentBounds(msgspec.Struct, frozen=True):
    """The part of a text that holds one document at most: ``text[start:end]``, with its ``---`` and the comments before it."""

    start: int
    end: int


class _Marker(msgspec.Struct, frozen=True):
    """Where a ``---`` or ``...`` is that begins a line."""

    start: int
    end: int


class Legible(msgspec.Struct, frozen=True):
    """A document's text as libyaml can take it, character for character in its place, and how to read a string where that differs."""

    text: str
    string: Callable[[int, int], str] | None


def chunks(text: str) -> Iterator[DocumentBounds]:
    """The documents of ``text`` one after the other, empty ones included. JSON objects may follow each other without ``---``."""
    start = 0
    for marker in _markers(text):
        if text[marker.end - 1] == "-":
            if not _NOTHING_YET.fullmatch(text, start, marker.start):
                yield from _objects(text, DocumentBounds(start, marker.start))
                start = marker.start
        else:
            end = text.find("\n", marker.end) + 1 or len(text)
            if not _NOTHING_YET.fullmatch(text, start, marker.start):
                yield from _objects(text, DocumentBounds(start, end))
            start = end
    yield from _objects(text, DocumentBounds(start, len(text)))


def is_alone(text: str) -> bool:
    """Is ``text`` one document, which no ``---`` or ``...`` divides from another?"""
    return _NEXT_MARKER.search(text) is None


def source(text: str) -> str | None:
    """The template a document's ``text`` was rendered from, as ``helm template`` notes it above the first key."""
    head = _HEAD.match(text)
    found = _SOURCE.search(head.group()) if head else None
    return found.group(1).rstrip() if found else None


def legible(text: str) -> Legible:
    """``text`` for libyaml. JSON may spell a character as two surrogates and hold ones that YAML has no place for."""
    if (text.isascii() and "\\u" not in text and "\x7f" not in text) or not _NOT_FOR_LIBYAML.search(text) or not is_json(text):
        return Legible(text, None)
    masked = _NOT_FOR_LIBYAML.sub(lambda found: r"\u0020" if len(found.group()) > 1 else " ", text)
    return Legible(masked, lambda start, end: _string(text[start:end]))


def is_json(text: str) -> bool:
    """Is this one JSON value, ``---`` and comments before it aside?"""
    head = _HEAD.match(text)
    body = text[head.end() :] if head else text
    try:
        return body[:1] in {"{", "["} and json.loads(body) is not None
    except (ValueError, RecursionError):
        return False


def _markers(text: str) -> Iterator[_Marker]:
    """Where a ``---`` or ``...`` at the beginning of a line is."""
    if first := _FIRST_MARKER.match(text):
        yield _Marker(*first.span())
    for found in _NEXT_MARKER.finditer(text):
        yield _Marker(found.start() + 1, found.end())


def _string(written: str) -> str:
    return re.sub(_LONE_SURROGATE, "\ufffd", str(json.loads(written)))


def _objects(text: str, chunk: DocumentBounds) -> Iterator[DocumentBounds]:
    """``chunk``, or its parts if it is several JSON objects in a row."""
    start = _SPACE.match(text, chunk.start).end()  # type: ignore[union-attr]  # it always matches
    if not text.startswith("{", start, chunk.end):
        yield chunk
        return
    ends: list[int] = []
    decoder = json.JSONDecoder()
    while start < chunk.end and text[start] == "{":
        try:
            _, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            break
        start = _SPACE.match(text, end).end()  # type: ignore[union-attr]
        ends.append(start)
    if len(ends) < 2 or ends[-1] != chunk.end:
        yield chunk
        return
    yield from map(DocumentBounds, [chunk.start, *ends[:-1]], ends)
