"""A document's plain values, without their places: all that most documents are asked for, in half the time."""

from sys import intern
from typing import Any

from yaml.events import AliasEvent, MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent

from kubectl_meshfix.documents.reading import plain_lines
from kubectl_meshfix.documents.reading.compose import DEEPEST, MOST_EXPANDED, Parser
from kubectl_meshfix.documents.reading.plain_lines import Values
from kubectl_meshfix.documents.reading.scalars import STARTS, plain
from kubectl_meshfix.documents.reading.syntax_errors import FAULTS

_DEEPEST = DEEPEST // 2
"""Levels of what is written: what stands for an alias may be as deep again."""

_SEEN: dict[str, Any] = {}
"""Short unquoted scalars that were read, and their values: most stand in many documents, and one text is kept for all of them."""

_SHORT, _MOST_SEEN = 24, 16_384

_IN_LIST = object()
"""Stands for a key where there is none; None is for one that is still to come."""


def values(text: str) -> Values | None:
    """The values of the one document in ``text``, as ``compose`` gives them; None where that may have more to say than a map of values.

    So it is where something is wrong or nearly, with tags and merges, aliases inside of what others stand for, and keys that are no text
    or there twice. All of it is rare, and left to ``compose``.
    """
    try:
        return plain_lines.values(text) or values_of_events(text)
    except FAULTS:
        return None


def values_of_events(text: str) -> Values | None:  # noqa: C901, PLR0912, PLR0915 -- one loop over all events, where a call for each takes half of the time
    """The same of what libyaml says, for texts that are not written in plain lines. Raises what libyaml raises."""
    documents: list[Any] = []
    inside: Any = documents
    key: Any = _IN_LIST
    around: list[tuple[Any, Any]] = []
    line, has_nulls = 0, False
    anchors: dict[str, Any] = {}
    unclosed: dict[int, tuple[str, int]] = {}  # anchors of collections by their level, with the aliases before them
    aliases, most_aliases = 0, MOST_EXPANDED // (2 * len(text) + 1)
    for event in iter(Parser(text).get_event, None):
        kind = event.__class__
        if kind is ScalarEvent:
            if event.implicit[0]:
                written = event.value
                if (value := _SEEN.get(written)) is None:
                    value = plain(written) if written[:1] in STARTS else written
                    if value is None:
                        has_nulls = True
                    elif len(written) <= _SHORT and len(_SEEN) < _MOST_SEEN:
                        _SEEN[written] = value
            elif event.tag is None:
                value = event.value
            else:
                return None
            if (name := event.anchor) is not None:
                if name in anchors:
                    return None
                anchors[name] = value
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            if not (level := len(around)):
                line = event.start_mark.line
            elif level >= _DEEPEST:
                return None
            if event.anchor is not None:
                unclosed[level] = event.anchor, aliases
            around.append((inside, key))
            inside, key = ({}, None) if kind is MappingStartEvent else ([], _IN_LIST)
            continue
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            value = inside
            inside, key = around.pop()
            if unclosed and (found := unclosed.pop(len(around), None)):
                name, before = found
                if name in anchors or aliases != before:
                    return None
                anchors[name] = value
        elif kind is AliasEvent:
            aliases += 1
            if event.anchor not in anchors or aliases > most_aliases:
                return None
            value = anchors[event.anchor]
        else:
            continue
        if key is _IN_LIST:
            inside.append(value)
        elif key is not None:
            inside[key] = value
            key = None
        elif value.__class__ is not str or value in inside or value == "<<":  # no text, there twice, or perhaps a merge
            return None
        else:
            key = intern(value)
    if len(documents) != 1 or not isinstance(documents[0], dict):
        return None
    return Values(documents[0], line, has_nulls)
