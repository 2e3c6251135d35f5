"""Whether a whole text matches a pattern: all ways through it are followed at once, letter by letter (Thompson), so none is tried again."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import msgspec

from kubectl_meshfix.resources.re2.nodes import Assertion, Chars, Choice, Node, Repeat, Sequence, UnreadableError
from kubectl_meshfix.resources.re2.syntax import parse

_LARGEST = 10_000
"""Instructions of a program; a pattern with more is not evaluated."""

_LONGEST = 5_000_000
"""Instructions times letters; what takes longer is not evaluated."""


class _Split(msgspec.Struct, frozen=True):
    """Goes on at two places."""

    one: int
    other: int


Instruction = Chars | Assertion | _Split | None
"""Each but a split goes on at the next one; None is the end."""


class _Program(msgspec.Struct, frozen=True):
    """Instructions, and the text with which all that they match begins."""

    instructions: list[Instruction]
    prefix: str


class _Place(NamedTuple):
    """An instruction of a program, whether no letter was read before it, and whether none may follow."""

    state: int
    is_start: bool
    is_end: bool


@lru_cache(maxsize=16_384)
def fully_matches(pattern: str, text: str) -> bool | None:
    """Whether RE2 matches all of a text (`RE2::FullMatch`); None for a pattern that it refuses, or that is not evaluated here."""
    compiled = _compiled(pattern)
    if compiled is None or len(compiled.instructions) * len(text) > _LONGEST:
        return None
    program = compiled.instructions
    if not text.startswith(compiled.prefix):
        return False
    states = _followed(program, (0,), text, 0)
    for at, letter in enumerate(text):
        stepped = [state + 1 for state in states if isinstance(chars := program[state], Chars) and _has(chars, letter)]
        if not stepped:
            return False
        states = _followed(program, stepped, text, at + 1)
    return len(program) - 1 in states


@lru_cache(maxsize=8_192)
def may_match(pattern: str, letters: frozenset[str], first: frozenset[str] | None = None) -> bool | None:
    """Whether there is a text of these letters that RE2 matches whole; None for a pattern that it refuses, or that is not evaluated here.

    With ``first``, the text has at least one letter, and begins with one of those.
    """
    compiled = _compiled(pattern)
    if compiled is None:
        return None
    program = compiled.instructions
    seen: set[_Place] = set()
    waiting = [_Place(0, is_start=True, is_end=False)]
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        if place.state == len(program) - 1 and not (first is not None and place.is_start):
            return True
        waiting += _reached(program, place, first if place.is_start and first is not None else letters)
    return False


def _reached(program: list[Instruction], place: _Place, letters: frozenset[str]) -> list[_Place]:
    """Where a text can go on from a place; the edges of words are taken to be anywhere."""
    after = place.state + 1
    match program[place.state]:
        case _Split(one, other):
            return [place._replace(state=one), place._replace(state=other)]
        case Assertion(kind) if kind.endswith("start"):
            return [place._replace(state=after)] if place.is_start else []
        case Assertion(kind) if kind.endswith("end"):
            return [place._replace(state=after, is_end=True)]
        case Assertion():
            return [place._replace(state=after)]
        case Chars() as chars if not place.is_end and any(_has(chars, letter) for letter in letters):
            return [_Place(after, is_start=False, is_end=False)]
    return []


def _followed(program: list[Instruction], starts: Iterable[int], text: str, at: int) -> set[int]:
    """The states that are reached without reading a letter."""
    found: set[int] = set()
    waiting = list(starts)
    while waiting:
        state = waiting.pop()
        if state in found:
            continue
        found.add(state)
        match program[state]:
            case _Split(one, other):
                waiting += (one, other)
            case Assertion(kind) if _holds(kind, text, at):
                waiting.append(state + 1)
    return found


def _holds(kind: str, text: str, at: int) -> bool:
    match kind:
        case "start":
            return at == 0
        case "end":
            return at == len(text)
        case "line start":
            return at == 0 or text[at - 1] == "\n"
        case "line end":
            return at == len(text) or text[at] == "\n"
    is_edge = _is_word(text[at - 1 : at] if at else "") != _is_word(text[at : at + 1])
    return is_edge == (kind == "word")


def _is_word(letter: str) -> bool:
    return letter.isascii() and (letter.isalnum() or letter == "_")


def _has(chars: Chars, letter: str) -> bool:
    letters = {letter, letter.lower(), letter.upper()} if chars.folds else (letter,)
    for code in (ord(one) for one in letters if len(one) == 1):
        for low, high in chars.ranges:
            if low <= code <= high:
                return not chars.is_negated
    return chars.is_negated


@lru_cache(maxsize=8_192)
def _compiled(pattern: str) -> _Program | None:
    try:
        program: list[Instruction] = []
        _compile(parse(pattern), program)
    except UnreadableError:
        return None
    return _Program([*program, None], "".join(_prefix(program)))


def _prefix(program: Iterable[Instruction]) -> Iterator[str]:
    """The letters that come first, whatever comes then."""
    for instruction in program:
        match instruction:
            case Chars(((low, high),), False, False) if low == high:
                yield chr(low)
            case Assertion("start"):
                continue
            case _:
                return


def _compile(node: Node, program: list[Instruction]) -> None:
    """The instructions of a node, which end where the next one's begin."""
    if len(program) > _LARGEST:
        raise UnreadableError("it is too large")
    match node:
        case Chars() | Assertion():
            program.append(node)
        case Sequence(parts):
            for part in parts:
                _compile(part, program)
        case Choice(options):
            _choose(options, program)
        case Repeat(part, least, most):
            start = len(program)
            for _ in range(least):
                _compile(part, program)
                if len(program) == start:
                    return
            if most is None:
                start = len(program)
                _optionally(part, program, again=True)
                program.append(_Split(start, start))
                return
            for _ in range(most - least):
                _optionally(part, program)


def _optionally(part: Node, program: list[Instruction], *, again: bool = False) -> None:
    start = len(program)
    program.append(None)
    _compile(part, program)
    program[start] = _Split(start + 1, len(program) + again)


def _choose(options: tuple[Node, ...], program: list[Instruction]) -> None:
    ends: list[int] = []
    for option in options[:-1]:
        start = len(program)
        program.append(None)
        _compile(option, program)
        ends.append(len(program))
        program.append(None)
        program[start] = _Split(start + 1, len(program))
    _compile(options[-1], program)
    for end in ends:
        program[end] = _Split(len(program), len(program))
