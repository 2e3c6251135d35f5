"""The changes of a mutation run are what they say, and nothing else of a module changes."""

import ast

import pytest

from tests.mutants.changes import changes


def made(statement: str) -> list[str]:
    """What a function of this body may be changed to, one change each."""
    source = f"def f(a: int, b: int) -> bool:\n    {statement}\n".encode()
    changed = [change.of(source).decode() for change in changes(source)]
    for text in changed:
        ast.parse(text)
    return [text.partition("\n    ")[2].strip() for text in changed]


@pytest.mark.parametrize(
    ("statement", "changed"),
    [
        ("x = a < b", ["x = (a) <= (b)", "x = (a) >= (b)"]),
        ("x = a in b", ["x = (a) not in (b)"]),
        ("x = a and b", ["x = ((a) or (b))", "x = ((b))", "x = ((a))"]),
        ("x = not a", ["x = (a)"]),
        ("x = 1 if a else b", ["x = 1 if (not (a)) else b", "x = (2) if a else b", "x = (0) if a else b"]),
        ("x = [c for c in a if c]", ["x = [c for c in a if ((c) or True)]"]),
        ("x = any(a)", ["x = all(a)"]),
        ("return a", ["return (not (a))"]),
        ("return True", ["return False"]),
        ("f(b=True)", ["((f(b=True)) if False else None)", "f(b=False)"]),
        ("x = a + b", ["x = ((a) - (b))"]),
        ("x = 'word'", ['x = ""']),
        ("x = 'a sentence'", []),
        ("x: 'word' = a", []),
        ("x = f'{a < b}'", []),
        ("x = zip(a, b, strict=True)", []),
        ("'''A docstring.'''", []),
    ],
)
def test_each_kind_of_change(statement: str, changed: list[str]) -> None:
    """Each is one splice, and the result is Python; sentences, annotations and what only mypy reads stay."""
    assert made(statement) == changed


def test_a_guard_is_taken_out() -> None:
    """One that leaves never does, any other always; its condition is evaluated as before."""
    assert made("if (c := a): return b")[0] == "if (((c := a) and False)): return b"
    assert made("if a: x = b") == ["if ((a) or True): x = b"]


def test_a_change_is_of_the_function_it_is_in() -> None:
    """Defaults are the function's, what a class holds is the class's."""
    source = b"class A:\n    x = 1\n    def f(self, b=2):\n        def g(): return 3\n"

    assert {(change.owner, change.text) for change in changes(source)} >= {("A", "(2)"), ("A.f", "(3)"), ("A.f.g", "(4)")}


def test_text_before_it_may_have_any_letters() -> None:
    """Places count bytes."""
    source = 'x = "über allem"  # ü\ny = 1\n'.encode()

    first = changes(source)[0]
    assert first.of(source).decode() == 'x = "über allem"  # ü\ny = (2)\n'
    assert first.shown(source) == "2: ±1: 1 -> (2)"
