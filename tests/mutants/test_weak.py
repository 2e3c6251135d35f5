"""A change is told apart where the condition around it comes out otherwise, and only there; what the code does stays as it is."""

from typing import Any

import pytest

from tests.mutants import judging
from tests.mutants.weak import weak

FIRST = 10_000_000
"""Numbers that no run uses: this test may itself run in one."""


def missed(statement: str, *calls: tuple[Any, ...]) -> list[str]:
    """What a function of this body may be changed to without a difference for these calls."""
    judging.install()
    source = f"def f(a, b):\n    {statement}\n".encode()
    text, asked = weak(source, FIRST)
    judging.forget(FIRST)
    changed: dict[str, Any] = {}
    plain: dict[str, Any] = {}
    exec(text, changed)
    exec(source, plain)
    for call in calls:
        assert changed["f"](*call) == plain["f"](*call)
    return [change.text for number, change in enumerate(asked, FIRST) if not judging.is_seen(number)]


@pytest.mark.parametrize(
    ("statement", "calls", "left"),
    [
        ("return a and b", [(1, 2)], ["((b))"]),
        ("return a and b", [(True, True)], ["((a) or (b))", "((b))", "((a))"]),
        ("return a and b", [(True, False), (False, True)], []),
        ("return a is None or a.real", [(1, 0)], ["((a.real))"]),
        ("return (c := a) and b", [(1, 2)], []),
        ("return a < b", [(1, 2)], ["(a) <= (b)"]),
        ("return a < b", [(2, 2)], []),
        ("return 'less' if a < b else 'more'", [(1, 2)], ["(a) <= (b)", '""']),
        ("return [c for c in a if c > 3]", [([1, 5], 0)], ["(c) >= (3)", "(4)", "(2)"]),
        ("return [c for c in a if c > 3]", [([1, 3, 4, 5], 0)], []),
        ("return a == 'x'", [("y", 0)], ['""']),
        ("return a[1:]", [("yy", 0)], []),
        ("return any(c for c in a)", [([1], 0)], ["all"]),
        ("return any(c for c in a)", [([1, 0], 0)], []),
    ],
)
def test_a_change_that_decides_nothing_is_missed(statement: str, calls: list[tuple[Any, ...]], left: list[str]) -> None:
    """Nothing but what these calls cannot tell apart."""
    assert missed(statement, *calls) == left
