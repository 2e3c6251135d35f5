"""What Envoy's words say about configuration that it refuses.

Sources: Envoy's `source/common/upstream/cds_api_helper.cc`, `source/common/listener_manager/lds_api.cc`, and what a real one said to
patches that it does not take.
"""

import re
from typing import NamedTuple

from kubectl_meshfix.mesh.answers import Push

LONGEST, _READ = 160, 20_000

_LIST = re.compile(r"^Error adding/updating (?:listener|cluster)\(s\) ")
_LISTENER = re.compile(r"(?:^| )(virtualInbound|virtualOutbound|[\w.:\[\]-]+_\d+): ")
_CLUSTER = re.compile(r"\b((?:outbound|inbound)\|\d*\|[^|\s]*\|[^\s:,'\"]*)")
_PRINTED = re.compile(r'(?:: )?name: "([^"]+)" ')
"""The beginning of a message that Envoy prints whole: the first of the resources that do not keep its constraints."""
_MARK = re.compile(r"goo\.gle/debug\w*")
_REASON = re.compile(r"Proto constraint validation failed \(.*")
_TYPE = re.compile(r"\b(\w+)ValidationError\b")
_QUOTED = re.compile(r"'([^'\s]+)'|named (\S+) of type")


class Words(NamedTuple):
    """What Envoy says: the resources that it names, its first reason without the message that it prints, and types and names in it.

    ``text`` is all of it, on one line.
    """

    text: str
    resources: tuple[str, ...]
    reason: str
    types: frozenset[str]
    names: frozenset[str]


def read_words(push: Push) -> Words:
    """What a refusal says; everything is empty where it says nothing that is known."""
    text = " ".join(_MARK.sub(" ", push.error[:_READ]).split())
    listed = _LIST.sub("", text)
    resources: tuple[str, ...] = ()
    if listed != text:
        first, _, _ = listed.partition(": ")
        resources = tuple(dict.fromkeys((first, *(_CLUSTER if push.type == "CDS" else _LISTENER).findall(listed))))
    elif printed := _PRINTED.match(text):
        resources = (printed[1],)
    return Words(
        text=text,
        resources=resources,
        reason=_reason(listed, resources),
        types=frozenset(_TYPE.findall(text)),
        names=frozenset(name for pair in _QUOTED.findall(text) for name in pair if name),
    )


def _reason(listed: str, resources: tuple[str, ...]) -> str:
    text = listed
    for name in resources[:1]:
        text = text.removeprefix(f"{name}: ")
    for name in resources[1:]:
        text = text.partition(f"{name}: ")[0]
    if found := _REASON.search(text):
        text = found[0]
    text = text.strip(" ,:")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"
