"""Regular expressions are read as RE2 reads them, and in bounded time."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_meshfix.resources.re2.matching import fully_matches

_ATOMS = (
    "a", "b", "/", ".", "[ab]", "[^a]", "[]a]", "[a-c]{1,2}", r"\d", r"\w", r"\.", r"\b", "(a|b)", "(?:ab|)", "a?", "b*", "(a+)+", "^", "$",
    "x{2}", "(?i:A)", "(ab){0,2}", "a+?", r"\x61",
)  # fmt: skip


@given(st.lists(st.sampled_from(_ATOMS), min_size=1, max_size=6).map("".join), st.text("ab/1.xA", max_size=7))
def test_what_python_reads_alike_matches_alike(pattern: str, text: str) -> None:
    """Python's own module is the reference for what both have."""
    try:
        expected = bool(re.fullmatch(pattern.replace("$", r"\Z"), text, re.ASCII))
    except re.error:
        return

    assert fully_matches(pattern, text) is expected


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\Qa.b\E+", "a.bb"), (r"\Qa.b", "a.b"), ("(?i)FoO", "fOo"), ("a(?i)B", "ab"), ("(?P<x>a)", "a"), ("(?<x>a)", "a"),
        ("[[:alpha:]]+", "ab"), ("[[:^digit:]]", "a"), ("a{,2}", "a{,2}"), (r"\x41\x{42}\103", "ABC"), (r"a\z", "a"), ("(?s).", "\n"),
        (r"[\d-x]", "-"), ("(?m)^a$\n^b$", "a\nb"), (r"\Aa", "a"), ("(?i)[a-c]", "B"), ("", ""), ("a||b", ""), (r"[\W]", "/"),
        (r"\/v[0-9]+\/?", "/v1/"), ("{", "{"), ("(?-s:.)", "a"), (r"[\x61-c]", "b"), (r"\012", "\n"),
    ],
)  # fmt: skip
def test_what_is_re2s_own_matches(pattern: str, text: str) -> None:
    """Quotations, named groups, POSIX classes, flags and escapes are read by RE2's grammar."""
    assert fully_matches(pattern, text) is True


@pytest.mark.parametrize(("pattern", "text"), [(".", "\n"), (r"\bx", "ax"), ("(?i)[^a]", "A"), ("^a", "ba"), (r"\B", "")])
def test_what_re2_does_not_match_is_told(pattern: str, text: str) -> None:
    """A dot is no line's end, and flags hold for classes too."""
    assert fully_matches(pattern, text) is (pattern == r"\B")


@pytest.mark.parametrize(
    "pattern",
    [
        "*", "a*+", "a**", "(?=a)a", r"\1", r"\pL", "(a", "a)", "[a", "[b-a]", "x{1001}", "x{2,1}", r"\8", r"\x{110000}", r"\xzz",
        "(?P<>a)",
        "[[:nothing:]]", "(?z)", "\\", "(" * 500 + ")" * 500, "(?ia", "(((a{1000}){1000}){1000})", r"[a-\d]",
    ],
)  # fmt: skip
def test_what_re2_refuses_has_no_answer(pattern: str) -> None:
    """Neither has what is not evaluated here."""
    assert fully_matches(pattern, "a") is None


def test_no_pattern_takes_forever() -> None:
    """Nested repetitions are followed all at once; a text and a pattern that are too large are not tried."""
    assert fully_matches("(a+)+" * 4 + "$", "a" * 2_000 + "b") is False
    assert fully_matches("(((){1000}){1000}){1000}", "") is True
    assert fully_matches("a{1000}" * 9, "a" * 10_000) is None
