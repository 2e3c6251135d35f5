"""The values of a document in which every line is a key, an item, or both, with one short value: as most manifests are written."""

import re
from sys import intern
from typing import Any

import msgspec

from kubectl_meshfix.documents.reading.compose import MOST_EXPANDED
from kubectl_meshfix.documents.reading.scalars import STARTS, plain

_WORD = "[A-Za-z0-9_/.+~$(<]"  # faster than \w of ASCII
_SAFE = r"[!-\"$-9;-~]"  # ASCII but for a space, : and #
_UNQUOTED = rf"-*+{_WORD}{_SAFE}*+(?:(?: ++|:++){_SAFE}++)*+"
_QUOTED = r"\"[ !#-\[\]-~]*+\"|'[ -&(-~]*+'"  # without escapes
_VALUE = rf"{_UNQUOTED}|{_QUOTED}|{{}}|\[\]|[&*][A-Za-z0-9_-]++"
_KEY = r"[A-Za-z_][A-Za-z0-9_./-]{0,99}+"
_END = r"(?:\n|\Z| *+(?:(?<![^ \n])#[ -~]*+)?+(?:\n|\Z))"
_LINE = re.compile(rf"( *+(?:- )?+)(?:({_KEY}):(?:(?=\n|\Z)| ++))?+({_VALUE})?+{_END}|([\s\S]++)")
"""What comes before a key or a value, a key, and a value, each of which may be missing; or all of the text from a line on that is written
in another way."""

_LEVELS = {" " * column + dash: 2 * column + len(dash) // 2 for column in range(100) for dash in ("", "- ")}
"""How deep a key or a dash stands: twice its column, and one more for a dash, which may stand right below the key of its list.

From a hundred columns on libyaml is asked. So no document has more levels here than half of DEEPEST, and no alias leads to more.
"""

_KEYS: dict[str, str] = {}
"""Keys that were read and are text, which ``on`` and ``null`` are not."""

_SEEN: dict[str, Any] = {}
"""Short values that were read, by what is written: most stand in many documents, and one text is kept for all of them."""

_SHORT, _MOST_SEEN = 24, 16_384

_LONGEST = 2**18
"""Characters: all lines of a text are held at once."""


class Values(msgspec.Struct, frozen=True):
    """The map that a document holds, the line on which it begins, from 0, and whether a null is anywhere in it."""

    value: dict[str, Any]
    line: int
    has_nulls: bool


def values(text: str) -> Values | None:  # noqa: C901, PLR0912, PLR0915 -- one loop over all lines, where a call for each takes half of the time
    """The values of the one document in ``text``; None where libyaml is to be asked.

    So it is where a line holds several values (flow style) or a value several lines, where there are tags, escapes, quoted keys, scalars
    with an anchor, aliases inside of what has one, and other characters than ASCII, and for all that may be no YAML.
    """
    begun = text.startswith("---\n")
    lines = _LINE.findall(text, 4 if begun else 0) if len(text) <= _LONGEST else []
    if any(found[-1] for found in lines[-2:]):
        return None
    root: dict[str, Any] = {}
    inside: Any = root
    level = 0
    around: list[tuple[Any, int]] = []
    key: str | None = None  # the last one, as long as its value may still come
    anchors: dict[str, Any] = {}
    anchor, has_nulls = "", False
    aliases, most_aliases = 0, MOST_EXPANDED // (2 * len(text) + 1)
    for before, name, written, _ in lines:
        if (own := _LEVELS.get(before)) is None:
            return None
        dash = own & 1
        if not name and not (dash and written):
            if dash or written:
                return None
            continue  # a comment, or nothing
        if key is not None:
            if own > level:
                around.append((inside, level))
                inside[key] = inside = [] if dash else {}
                level = own
                if anchor:
                    anchors[anchor], anchor = inside, ""
            elif anchor:
                return None
            else:
                has_nulls = True
            key = None
        while own < level:
            if not inside:
                return None
            inside, level = around.pop()
        if own > level:
            return None
        if dash and (name or written[0] == "&"):
            around.append((inside, level))
            below: dict[str, Any] = {}
            inside.append(below)
            inside, level = below, level + 3
        value = None
        if written and (value := _SEEN.get(written)) is None:
            start = written[0]
            if start == "*":
                aliases += 1
                value = anchors.get(written[1:])
                if value is None or aliases > most_aliases:
                    return None
                if any(part is named for named in anchors.values() for part in (inside, *(outer for outer, _ in around))):
                    return None
            elif start == "&":
                anchor = written[1:]
                if anchor in anchors:
                    return None
                if not name:
                    anchors[anchor], anchor = inside, ""
                    continue
            elif start in "{[":
                value = {} if start == "{" else []
            else:
                value = written[1:-1] if start in "\"'" else plain(written) if start in STARTS else written
                if value is None:
                    has_nulls = True
                elif len(written) <= _SHORT and len(_SEEN) < _MOST_SEEN:
                    _SEEN[written] = value
        if not name:
            inside.append(value)
            continue
        if (known := _KEYS.get(name)) is None:
            if plain(name).__class__ is not str:
                return None
            known = intern(name)
            if len(_KEYS) < _MOST_SEEN:
                _KEYS[known] = known
        if known in inside:
            return None
        inside[known] = value
        if not written or anchor:
            key = known
    if not inside or anchor:
        return None
    line = next(number for number, found in enumerate(lines, 1 if begun else 0) if found[1])
    return Values(root, line, has_nulls or key is not None)
