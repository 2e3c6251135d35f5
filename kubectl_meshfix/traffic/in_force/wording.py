"""What Envoy's words say about configuration that it refuses.

Sources: Envoy's `source/common/upstream/cds_api_helper.cc`, `source/common/listener_manager/lds_api.cc`, and what a real one said to
patches that it does not take.
"""

import re
from typing import NamedTuple

from kubectl_meshfix.mesh.answers import Push

LONGEST, _READ = 200, 20_000

_RESOURCES = re.compile(r"^Error adding/updating (?:listener|cluster)\(s\) ", re.MULTILINE)
_LISTENER = re.compile(r"^(virtualInbound|virtualOutbound|\S+_\d+|\S+?): ", re.MULTILINE)
_CLUSTER = re.compile(r"\b((?:outbound|inbound)\|\d*\|[^|\s]*\|[^\s:,'\"]*)")
_PRINTED = re.compile(r"goo\.gle/debug\w*\b.*?\n: |goo\.gle/debug\w*\s", re.DOTALL)
"""A message that Envoy prints before it says what is wrong with it, or the mark before such a message."""
_TYPE = re.compile(r"\b(\w+)ValidationError\b")
_QUOTED = re.compile(r"'([^'\s]+)'|named (\S+) of type")


class Words(NamedTuple):
    """What Envoy says: the resources that it names, its first reason without the message that it prints, and types and names in it."""

    resources: tuple[str, ...]
    reason: str
    types: frozenset[str]
    names: frozenset[str]


def read_words(push: Push) -> Words:
    """What a refusal says; everything is empty where it says nothing that is known."""
    text = push.error[:_READ]
    listed = _RESOURCES.sub("", text)
    if push.type == "CDS":
        resources = tuple(dict.fromkeys(_CLUSTER.findall(text)))
    elif push.type == "LDS" and listed != text:
        resources = _listeners(listed)
    else:
        resources = ()
    return Words(
        resources=resources,
        reason=_reason(listed, resources),
        types=frozenset(_TYPE.findall(text)),
        names=frozenset(name for pair in _QUOTED.findall(text) for name in pair if name),
    )


def _listeners(listed: str) -> tuple[str, ...]:
    """The listeners of a list; the lines of a message that is printed between them look like more, but have no name of a listener."""
    found = [name for name in _LISTENER.findall(listed) if re.fullmatch(r"virtual(In|Out)bound|\S+_\d+", name)]
    first = _LISTENER.match(listed)
    return tuple(dict.fromkeys((*(first.groups() if first else ()), *found)))


def _reason(listed: str, resources: tuple[str, ...]) -> str:
    text = listed
    for name in resources[:1]:
        text = text.removeprefix(f"{name}: ")
    for name in resources[1:]:
        text = text.partition(f"{name}: ")[0]
    text = " ".join(_PRINTED.sub("", text).split()).rstrip(" ,")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"
