"""What patterns are made of: characters, places, and how often they come."""

import msgspec

LAST = 0x10FFFF
"""The last character that there is."""

Ranges = tuple[tuple[int, int], ...]
"""Characters by their numbers, from one to another."""

PERL = {"d": ((48, 57),), "w": ((48, 57), (65, 90), (95, 95), (97, 122)), "s": ((9, 10), (12, 13), (32, 32))}
POSIX = {
    "alnum": ((48, 57), (65, 90), (97, 122)), "alpha": ((65, 90), (97, 122)), "ascii": ((0, 127),), "blank": ((9, 9), (32, 32)),
    "cntrl": ((0, 31), (127, 127)), "digit": ((48, 57),), "graph": ((33, 126),), "lower": ((97, 122),), "print": ((32, 126),),
    "punct": ((33, 47), (58, 64), (91, 96), (123, 126)), "space": ((9, 13), (32, 32)), "upper": ((65, 90),),
    "word": ((48, 57), (65, 90), (95, 95), (97, 122)), "xdigit": ((48, 57), (65, 70), (97, 102)),
}  # fmt: skip
"""Sets with a name of their own: Perl's, which a capital letter turns round, and those of POSIX."""


class UnreadableError(ValueError):
    """What RE2 refuses; its text says why, without the pattern."""


class UnreadError(UnreadableError):
    """What RE2 may take and is not read here: Unicode classes, and very deep nesting."""


class Chars(msgspec.Struct, frozen=True):
    """One character of some, or of all others; ``folds`` is for any case."""

    ranges: Ranges
    is_negated: bool = False
    folds: bool = False


class Assertion(msgspec.Struct, frozen=True):
    """A place: ``start`` and ``end`` of the text, of a ``line``, or the edge of a ``word``."""

    kind: str


class Sequence(msgspec.Struct, frozen=True):
    """One after the other; none of them is the empty text."""

    parts: tuple["Node", ...]


class Choice(msgspec.Struct, frozen=True):
    """One of several."""

    options: tuple["Node", ...]


class Repeat(msgspec.Struct, frozen=True):
    """A part several times; ``most`` None has no limit."""

    part: "Node"
    least: int
    most: int | None


Node = Chars | Assertion | Sequence | Choice | Repeat


def one(code: int) -> Ranges:
    """A single character."""
    return ((code, code),)


def number(digits: str, base: int) -> int:
    """The number of a character, from its digits. Raises UnreadableError."""
    try:
        code = int(digits, base)
    except ValueError:
        raise UnreadableError("a number is not one") from None
    if code > LAST or "_" in digits:
        raise UnreadableError("a letter that there is not")
    return code


def others(ranges: Ranges) -> Ranges:
    """All characters that are not in some ranges."""
    found: list[tuple[int, int]] = []
    start = 0
    for low, high in sorted(ranges):
        if low > start:
            found.append((start, low - 1))
        start = max(start, high + 1)
    return (*found, (start, LAST)) if start <= LAST else tuple(found)
