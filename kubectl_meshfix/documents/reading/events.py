"""libyaml's events, and the parser that gives them."""

from typing import Any

import msgspec
import yaml
from yaml import events

__all__ = ["AliasEvent", "MappingEndEvent", "MappingStartEvent", "Parser", "ScalarEvent", "SequenceEndEvent", "SequenceStartEvent"]

AliasEvent = events.AliasEvent


class ScalarEvent(msgspec.Struct, gc=False):
    """A scalar; see ``yaml.events.ScalarEvent``."""

    anchor: str | None
    tag: str | None
    implicit: tuple[bool, bool]
    value: str
    start_mark: Any = None
    end_mark: Any = None
    style: str | None = None


class _Start(msgspec.Struct, gc=False):
    anchor: str | None
    tag: str | None
    implicit: bool
    start_mark: Any = None
    end_mark: Any = None
    flow_style: bool | None = None


class MappingStartEvent(_Start, gc=False):
    """The beginning of a map."""


class SequenceStartEvent(_Start, gc=False):
    """The beginning of a list."""


class _End(msgspec.Struct, gc=False):
    start_mark: Any = None
    end_mark: Any = None


class MappingEndEvent(_End, gc=False):
    """The end of a map."""


class SequenceEndEvent(_End, gc=False):
    """The end of a list."""


def _parser() -> Any:
    """Pyyaml's parser in C, which is told to make these events: its own have constructors in Python, which take a third of its time.

    Without the parser in C these names stand for pyyaml's events.
    """
    own = (ScalarEvent, MappingStartEvent, SequenceStartEvent, MappingEndEvent, SequenceEndEvent)
    try:
        from yaml import _yaml  # noqa: PLC0415 -- pyyaml may have been built without libyaml
    except ImportError:
        globals().update({event.__name__: getattr(events, event.__name__) for event in own})
        return yaml.SafeLoader
    for event in own:
        setattr(_yaml, event.__name__, event)
    return _yaml.CParser


Parser: Any = _parser()
"""Made of a text, it gives its events one by one (``get_event``)."""
