"""The grammar of RE2 (`github.com/google/re2/wiki/Syntax`), as far as it decides whether a whole text matches."""

import re

from kubectl_meshfix.resources.re2.nodes import (
    LAST,
    PERL,
    POSIX,
    Assertion,
    Chars,
    Choice,
    Node,
    Ranges,
    Repeat,
    Sequence,
    UnreadableError,
    UnreadError,
    number,
    one,
    others,
)  # fmt: skip

_CONTROLS = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_ASSERTIONS = {"A": "start", "z": "end", "b": "word", "B": "no word"}
_MOST_REPEATS = 1000
_DEEPEST = 200


def parse(pattern: str) -> Node:
    """The tree of a pattern. Raises UnreadableError, or UnreadError where RE2 may take it all the same."""
    reader = _Reader(pattern)
    tree = reader.choice(frozenset(), 0)
    if reader.rest:
        raise UnreadableError("a ) closes no group")
    return tree


class _Reader:
    """A pattern, and how far it was read."""

    def __init__(self, pattern: str) -> None:
        self.pattern, self.at = pattern, 0

    @property
    def rest(self) -> bool:
        return self.at < len(self.pattern)

    def peek(self, text: str) -> bool:
        return self.pattern.startswith(text, self.at)

    def take(self) -> str:
        if not self.rest:
            raise UnreadableError("it ends too early")
        self.at += 1
        return self.pattern[self.at - 1]

    def takes(self, text: str) -> bool:
        found = self.peek(text)
        self.at += len(text) if found else 0
        return found

    def until(self, end: str) -> str:
        stop = self.pattern.find(end, self.at)
        if stop < 0:
            raise UnreadableError(f"missing {end}")
        text, self.at = self.pattern[self.at : stop], stop + len(end)
        return text

    def choice(self, flags: frozenset[str], depth: int) -> Node:
        if depth > _DEEPEST:
            raise UnreadError("it is nested too deeply")
        options: list[Node] = []
        parts: list[Node] = []
        while self.rest and not self.peek(")"):
            if self.takes("|"):
                options.append(Sequence(tuple(parts)))
                parts = []
            elif self.peek("(?") and (changed := self._flags(flags)) is not None:
                flags = changed
                parts[-1:] = self._counted(parts[-1]) if parts else []
            else:
                parts += self._repeated(flags, depth)
        return Choice((*options, Sequence(tuple(parts)))) if options else Sequence(tuple(parts))

    def _flags(self, flags: frozenset[str]) -> frozenset[str] | None:
        """Flags that hold from here on, as ``(?i)`` sets them; None where a group follows."""
        stop = self.at + 2
        while stop < len(self.pattern) and self.pattern[stop] in "imsU-":
            stop += 1
        if self.pattern[stop : stop + 1] != ")":
            return None
        written, self.at = self.pattern[self.at + 2 : stop], stop + 1
        return _changed(flags, written)

    def _repeated(self, flags: frozenset[str], depth: int) -> list[Node]:
        """One part and how often it comes; a quotation is as many parts as it has letters."""
        if self.takes("\\Q"):
            quoted, end, _ = self.pattern[self.at :].partition("\\E")
            self.at += len(quoted) + len(end)
            letters: list[Node] = [_letter(letter, flags) for letter in quoted]
            return letters[:-1] + self._counted(letters[-1]) if letters else []
        return self._counted(self._part(flags, depth))

    def _counted(self, part: Node) -> list[Node]:
        count = self._count()
        if not count:
            return [part]
        self.takes("?")
        if self._count():
            raise UnreadableError("a repetition is repeated, as in a**")
        return [Repeat(part, *count)]

    def _count(self) -> tuple[int, int | None] | None:
        for sign, count in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.takes(sign):
                return count
        stop = self.pattern.find("}", self.at)
        if not self.peek("{") or stop < 0:
            return None
        least, comma, most = self.pattern[self.at + 1 : stop].partition(",")
        if not (least.isascii() and least.isdigit()) or (most and not (most.isascii() and most.isdigit())):
            return None
        self.at = stop + 1
        low, high = int(least), int(most) if most else None if comma else int(least)
        if low > _MOST_REPEATS or (high is not None and not low <= high <= _MOST_REPEATS):
            raise UnreadableError(f"{{{least}{comma}{most}}} is no number of repetitions up to {_MOST_REPEATS}")
        return low, high

    def _part(self, flags: frozenset[str], depth: int) -> Node:
        match self.take():
            case "(":
                return self._group(flags, depth)
            case "[":
                return self._class(flags)
            case ".":
                return Chars(((0, LAST),)) if "s" in flags else Chars(((10, 10),), is_negated=True)
            case "^":
                return Assertion("line start" if "m" in flags else "start")
            case "$":
                return Assertion("line end" if "m" in flags else "end")
            case "\\":
                if self.rest and self.pattern[self.at] in _ASSERTIONS:
                    return Assertion(_ASSERTIONS[self.take()])
                ranges, is_negated = self._escape()
                return Chars(ranges, is_negated, "i" in flags)
            case "*" | "+" | "?":
                raise UnreadableError("a *, + or ? has nothing before it to repeat")
            case "{":
                self.at -= 1
                if self._count():
                    raise UnreadableError("a repetition in {} has nothing before it to repeat")
                return _letter(self.take(), flags)
            case letter:
                return _letter(letter, flags)

    def _group(self, flags: frozenset[str], depth: int) -> Node:
        if self.takes("?P<") or self.takes("?<"):
            name = self.until(">")
            if not re.fullmatch("[A-Za-z0-9_]+", name):
                raise UnreadableError(f'"{name}" is no name of a group')
        elif self.takes("?"):
            flags = self._group_flags(flags)
        inner = self.choice(flags, depth + 1)
        if not self.takes(")"):
            raise UnreadableError("a ( has no )")
        return inner

    def _group_flags(self, flags: frozenset[str]) -> frozenset[str]:
        """Flags that hold inside of a group, as ``(?i:`` sets them."""
        start = self.at
        while self.rest and self.pattern[self.at] in "imsU-":
            self.at += 1
        written = self.pattern[start : self.at]
        if not self.takes(":"):
            raise UnreadableError(f"there is no (?{written}{self.pattern[self.at : self.at + 1]}")
        return _changed(flags, written)

    def _class(self, flags: frozenset[str]) -> Chars:
        is_negated = self.takes("^")
        found: list[tuple[int, int]] = []
        first = True
        while first or not self.peek("]"):
            first = False
            if self.peek("[:") and self.pattern.find(":]", self.at + 2) >= 0:
                self.at += 2
                found += self._posix()
                continue
            low, is_set = self._member(found)
            if is_set:
                continue
            high = low
            if self.peek("-") and not self.peek("-]"):
                self.take()
                high, is_set = self._member([])
                if is_set or high < low:
                    raise UnreadableError("a range in [] goes from a letter to an earlier one")
            found.append((low, high))
        self.take()
        return Chars(tuple(found), is_negated, "i" in flags)

    def _member(self, found: list[tuple[int, int]]) -> tuple[int, bool]:
        """A letter of a class; or a whole set of them, which is added to what was found."""
        letter = self.take()
        if letter != "\\":
            return ord(letter), False
        ranges, is_negated = self._escape()
        if len(ranges) == 1 and ranges[0][0] == ranges[0][1] and not is_negated:
            return ranges[0][0], False
        found += others(ranges) if is_negated else ranges
        return 0, True

    def _posix(self) -> Ranges:
        name = self.until(":]")
        ranges = POSIX.get(name.removeprefix("^"))
        if ranges is None:
            raise UnreadableError(f"there is no [:{name}:]")
        return others(ranges) if name.startswith("^") else ranges

    def _escape(self) -> tuple[Ranges, bool]:
        letter = self.take()
        if letter.lower() in PERL:
            return PERL[letter.lower()], letter.isupper()
        if letter in _CONTROLS:
            return one(_CONTROLS[letter]), False
        if letter == "x":
            digits = self.until("}") if self.takes("{") else self.take() + self.take()
            return one(number(digits, 16)), False
        if letter in "01234567":
            digits = letter
            while len(digits) < 3 and self.rest and self.pattern[self.at] in "01234567":
                digits += self.take()
            if letter != "0" and len(digits) == 1:
                raise UnreadableError(f"\\{letter} would refer back to a group")
            return one(number(digits, 8)), False
        if letter in "pP":
            raise UnreadError(f"\\{letter}")
        if letter.isalnum() or not letter.isascii():
            raise UnreadableError(f"there is no \\{letter}")
        return one(ord(letter)), False


def _letter(letter: str, flags: frozenset[str]) -> Chars:
    return Chars(one(ord(letter)), folds="i" in flags)


def _changed(flags: frozenset[str], written: str) -> frozenset[str]:
    added, minus, removed = written.partition("-")
    if not set(added + removed) <= set("imsU") or (minus and not removed):
        raise UnreadableError(f"there is no (?{written}")
    return (flags | set(added)) - set(removed)
