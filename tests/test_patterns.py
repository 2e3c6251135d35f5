"""The package's regular expressions, each by itself: no text makes one of them take longer than its length explains."""

import ast
import importlib
import pkgutil
import re
import signal
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import kubectl_meshfix
from kubectl_meshfix.injection.kubelet import admission_errors_table

LINES = 10_000
CHARACTERS = 100_000
SECONDS = 1
"""Of CPU time, for one text of so many lines and characters: a hundred times what a pattern needs that looks at each of them once."""

LIKELY = "\r\n \t\"'#%&!\\*-_.:,;/=(){}[]<>|`$@~?0aAnv\u2028"
"""Characters that patterns name one by one; a class is tried with the first few of them that it takes."""

HOW = {"match": "match", "fullmatch": "fullmatch", **dict.fromkeys(("search", "split", "findall", "finditer", "sub", "subn"), "search")}
"""How a text is gone through, by the method that is called."""


def patterns() -> dict[tuple[str, int], set[str]]:
    """Every regular expression of the package with the ways it is used in; what a call fills in is an ``x``.

    A whole text is always one of them: it is where a pattern that has two ways through a character has to try them all.
    """
    found: dict[tuple[str, int], set[str]] = defaultdict(lambda: {"fullmatch"})
    sources = "\n".join(path.read_text(encoding="utf-8") for path in Path(kubectl_meshfix.__path__[0]).rglob("*.py"))
    for info in pkgutil.walk_packages(kubectl_meshfix.__path__, "kubectl_meshfix."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        for name, pattern in vars(module).items():
            if isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str):
                called = re.findall(rf"\b{name}\.({'|'.join(HOW)})\b", sources)
                found[pattern.pattern, int(pattern.flags & ~re.UNICODE)].update(HOW[method] for method in called)
        if module.__file__:
            for method, text in _inline(Path(module.__file__).read_text(encoding="utf-8"), vars(module)):
                found[text, 0].add(HOW[method])
    for text, _ in (*admission_errors_table.CALLS, *admission_errors_table.DENIALS, *admission_errors_table.OTHERS):
        found[text, 0].add("search")
    return found


class FilledIn(str):
    """What a call fills in, every attribute of it, and what its methods return."""

    __slots__ = ()

    def __getattr__(self, name: str) -> "FilledIn":
        return self

    def __call__(self, *_: object) -> "FilledIn":
        return self


def _inline(text: str, names: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(ast.Attribute(ast.Name("re"), method), [ast.Constant() | ast.JoinedStr() as pattern, *_]) if method in HOW:
                free = {one.id: FilledIn("x") for one in ast.walk(pattern) if isinstance(one, ast.Name) and one.id not in names}
                value = eval(compile(ast.Expression(pattern), "", "eval"), {**names, **free})
                if isinstance(value, str):
                    yield method, value


@contextmanager
def limited(what: str) -> Iterator[None]:
    """Fail where the block takes more CPU time than it may; the module ``re`` looks for signals while it works."""

    def stop(*_: object) -> None:
        pytest.fail(f"takes longer than its length explains: {what}")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def taken(items: list[Any]) -> list[str]:
    """A few of the characters that a class takes."""
    negated = bool(items) and items[0][0] is op.NEGATE
    inside = "".join(
        re.escape(chr(value)) if kind is op.LITERAL else _written(kind, value) for kind, value in items if kind is not op.NEGATE
    )
    one = re.compile(f"[{'^' if negated else ''}{inside}]")
    return [character for character in LIKELY if one.match(character)][:5] or [
        chr(value if kind is op.LITERAL else value[0]) for kind, value in items if kind in (op.LITERAL, op.RANGE)
    ][:1]


def _written(kind: Any, value: Any) -> str:
    if kind is op.RANGE:
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    names = {
        op.CATEGORY_DIGIT: r"\d",
        op.CATEGORY_SPACE: r"\s",
        op.CATEGORY_WORD: r"\w",
        op.CATEGORY_NOT_SPACE: r"\S",
        op.CATEGORY_NOT_WORD: r"\W",
    }
    return names[value]


def samples(tree: Any) -> list[str]:
    """Up to five texts that a part of a pattern takes."""
    texts = [""]
    for kind, value in tree:
        match kind:
            case op.LITERAL:
                more = [chr(value)]
            case op.NOT_LITERAL:
                more = [character for character in LIKELY if character != chr(value)][:3]
            case op.ANY:
                more = [" ", "#", "a"]
            case op.IN:
                more = taken(value)
            case op.MAX_REPEAT | op.MIN_REPEAT | op.POSSESSIVE_REPEAT:
                more = [one * max(value[0], 1) for one in samples(value[2])] + ([""] if value[0] == 0 else [])
            case op.SUBPATTERN:
                more = samples(value[3])
            case op.ATOMIC_GROUP:
                more = samples(value)
            case op.BRANCH:
                more = [one for branch in value[1] for one in samples(branch)[:2]]
            case _:
                more = [""]
        texts = [texts[index % len(texts)] + more[index % len(more)] for index in range(max(len(texts), len(more)))][:5]
    return texts


def repeated(tree: Any, before: str = "") -> Iterator[tuple[str, list[str]]]:
    """What is repeated without end in a pattern, with a text that leads to it."""
    for index, (kind, value) in enumerate(tree):
        lead = before + samples(tree[:index])[0]
        match kind:
            case op.MAX_REPEAT | op.MIN_REPEAT | op.POSSESSIVE_REPEAT:
                if value[1] > 1000:
                    yield lead, samples(value[2])
                yield from repeated(value[2], lead)
            case op.SUBPATTERN:
                yield from repeated(value[3], lead)
            case op.ATOMIC_GROUP:
                yield from repeated(value, lead)
            case op.BRANCH:
                for branch in value[1]:
                    yield from repeated(branch, lead)


def hostile(pattern: str, flags: int) -> Iterator[str]:
    """Texts of many lines or characters that the pattern takes almost to their end, and once more from each of its beginnings."""

    def often(text: str) -> str:
        return text * max(LINES, CHARACTERS // (len(text) or 1))

    for line in ("# a comment\r\n", "# a comment\n", " \r\n", "\t\n", "a: b\r\n", "- &a !b c\n"):
        yield often(line) + "\0"
    tree = parser.parse(pattern, flags)
    for lead, bodies in repeated(tree):
        for body in {*bodies, "".join(bodies), "".join(bodies[:2])}:
            yield lead + often(body) + "\0"
            yield often(lead + body) + "\0"
    for whole in samples(tree):
        yield often(whole) + "\0"
        yield often(whole[:-1]) + "\0"


ALL = [(pattern, flags, way) for (pattern, flags), ways in sorted(patterns().items()) for way in sorted(ways)]


@pytest.mark.parametrize(
    ("pattern", "flags", "way"), ALL, ids=[f"{number} {pattern[:50]} {way}" for number, (pattern, _, way) in enumerate(ALL)]
)
def test_time_grows_with_the_text(pattern: str, flags: int, way: str) -> None:
    """No text of 10,000 lines keeps a pattern for longer than looking at each of its characters once does."""
    look = getattr(re.compile(pattern, flags), way)
    for text in hostile(pattern, flags):
        with limited(f"{pattern!r} on {text[:40]!r}…{text[-10:]!r} ({way})"):
            look(text)
