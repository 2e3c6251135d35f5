"""Expressions of CEL, as far as their grammar."""

import pytest

from kubectl_meshfix.validation.values.cel import flaw


@pytest.mark.parametrize(
    "expression",
    [
        "response.code >= 400 || request.headers['x-a'] == \"b\"",
        "!has(a.b) && size(c) in [1, 2u, 0x1f, 1.5e3, .5,]",
        "a ? -1 : --2",
        "{'a': 1, 2: [3]}.a[0].f(x, y)",
        "pkg.Type{a: 1}",
        'r"\\d" + b\'\\x41\' + """a\n"b"""  // why',
        ".a.for",
        "[1].exists(x, x > 0)",
    ],
)
def test_expressions_are_read(expression: str) -> None:
    """Operators, literals of every kind, calls, lists, maps and comments."""
    assert flaw(expression) == ""


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("", "it ends too early"),
        ("a =", '"=" is not allowed there; write == to compare'),
        ("a == 'b", "a quoted text is not closed or has an unknown escape"),
        ("a and b", '"and" is not expected there; write &&'),
        ("a & b", '"&" is not allowed there; write && for and'),
        ("f(a,)", '"," is not expected there'),
        ("(a", "it ends too early"),
        ("a b", '"b" is not expected there'),
        ("for", '"for" is not expected there'),
        ("!-a", '"-" is not expected there'),
        ("'\\q'", "a quoted text is not closed or has an unknown escape"),
        ("(" * 200 + "a" + ")" * 200, "it is nested too deeply"),
    ],
)
def test_what_is_none_is_told(expression: str, why: str) -> None:
    """The word at which reading ends, with what is meant where that is plain."""
    assert flaw(expression) == why
