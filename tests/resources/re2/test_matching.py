"""Regular expressions are read as RE2 reads them, and in bounded time."""

import re
import string
from collections.abc import Callable

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


_LETTERS = [*map(chr, range(300)), "\u2028", "\U0010ffff"]

_CLASSES: dict[str, Callable[[str], bool]] = {
    r"\d": lambda letter: letter in string.digits,
    r"\w": lambda letter: letter in string.ascii_letters + string.digits + "_",
    r"\s": lambda letter: letter in "\t\n\f\r ",
    "[[:alnum:]]": lambda letter: letter in string.ascii_letters + string.digits,
    "[[:alpha:]]": lambda letter: letter in string.ascii_letters,
    "[[:ascii:]]": str.isascii,
    "[[:blank:]]": lambda letter: letter in "\t ",
    "[[:cntrl:]]": lambda letter: letter < " " or letter == "\x7f",
    "[[:digit:]]": lambda letter: letter in string.digits,
    "[[:graph:]]": lambda letter: "!" <= letter <= "~",
    "[[:lower:]]": lambda letter: letter in string.ascii_lowercase,
    "[[:print:]]": lambda letter: " " <= letter <= "~",
    "[[:punct:]]": lambda letter: letter in string.punctuation,
    "[[:space:]]": lambda letter: letter in string.whitespace,
    "[[:upper:]]": lambda letter: letter in string.ascii_uppercase,
    "[[:word:]]": lambda letter: letter in string.ascii_letters + string.digits + "_",
    "[[:xdigit:]]": lambda letter: letter in string.hexdigits,
    "[b-d]": lambda letter: letter in "bcd",
    "[^b-d]": lambda letter: letter not in "bcd",
    "(?i)[b-d]": lambda letter: letter in "bcdBCD",
    ".": lambda letter: letter != "\n",
    "(?s).": lambda letter: True,
    r"[^\W]": lambda letter: letter in string.ascii_letters + string.digits + "_",
    r"[\D]": lambda letter: letter not in string.digits,
    r"[\S5]": lambda letter: letter not in "\t\n\f\r ",
}


@pytest.mark.parametrize("pattern", _CLASSES)
def test_a_class_has_its_letters_and_no_other(pattern: str) -> None:
    """Perl's classes, those of POSIX and ranges hold from their first letter to their last; a negated one has all others."""
    wanted = [letter for letter in _LETTERS if _CLASSES[pattern](letter)]

    assert [letter for letter in _LETTERS if fully_matches(pattern, letter)] == wanted
    negated = pattern.upper() if pattern.startswith("\\") else pattern.replace("[:", "[:^") if "[:" in pattern else None
    if negated:
        assert [letter for letter in _LETTERS if not fully_matches(negated, letter)] == wanted


@pytest.mark.parametrize(
    ("pattern", "least", "most"),
    [("a*", 0, 9), ("a+", 1, 9), ("a?", 0, 1), ("a{2}", 2, 2), ("a{2,}", 2, 9), ("a{2,4}", 2, 4), ("a{0}", 0, 0), ("(?U)a{1,2}", 1, 2),
     (r"\Qa\E{2}", 2, 2), ("a(?i){2}", 2, 2)],
)  # fmt: skip
def test_a_repetition_has_its_least_and_its_most(pattern: str, least: int, most: int) -> None:
    """One less or one more is no match."""
    assert [count for count in range(10) if fully_matches(pattern, "a" * count)] == [*range(least, most + 1)]


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"a\b.", "a.", True),
        (r"a\b.", "ab", False),
        (r"a\B.", "ab", True),
        (r"\ba\b", "a", True),
        (r"\B.", "-", True),
        (r"\b_\b", "_", True),
        (r".\b\B.", "ab", False),
        ("(?m)a$.b", "a\nb", False),
        ("(?ms)a$.b", "a\nb", True),
        ("(?ms)a.^b", "a\nb", True),
        ("(?s)a$.b", "a\nb", False),
        ("(?s)a.^b", "a\nb", False),
        ("(?ms)a^.b", "a\nb", False),
        ("(?i)a(?-i)b", "Ab", True),
        ("(?i)a(?-i)b", "AB", False),
        ("(?i:a)b", "AB", False),
        ("((?i)a)b", "Ab", True),
        ("((?i)a)b", "AB", False),
        ("(?i)\\x61", "A", True),
        (r"\QaB", "ab", False),
        (r"(?i)\QaB\E.", "Ab.", True),
        (r"\Q\Ea", "a", True),
        ("^a|b$", "a", True),
        ("(^a|b)c", "bc", True),
        ("ab|c", "ac", False),
        ("(a|b|)c", "c", True),
        ("a|b|", "", True),
        ("[a-]", "-", True),
        ("[-a]", "-", True),
        ("[]-a]", "_", True),
        ("[[:alpha:]-]", "-", True),
        ("[[:]", ":", True),
        ("[[a]", "[", True),
        (r"[\n-\r]", "\f", True),
        (r"\0", "\0", True),
        (r"\07", "\a", True),
        (r"\1234", "S4", True),
        (r"\x{10FFFF}", "\U0010ffff", True),
        (r"\a\f\n\r\t\v", "\a\f\n\r\t\v", True),
        ("a{1,b}", "a{1,b}", True),
        ("a{1", "a{1", True),
        ("a{}", "a{}", True),
        ("é", "é", True),
    ],
)
def test_places_flags_and_escapes(pattern: str, text: str, matches: bool) -> None:
    """An edge is between a letter and what is none, a line ends before its end, and flags hold until their group ends."""
    assert fully_matches(pattern, text) is matches


@pytest.mark.parametrize(
    ("pattern", "is_read"),
    [
        ("a{1000}", True), ("a{0,1000}", True), ("a{1001,}", False), ("a{0,1001}", False), ("a{2,2}", True), ("a{3,2}", False),
        ("[a-a]", True), ("[b-a]", False), (r"\x{10FFFF}", True), (r"\x{110000}", False), (r"\x{1_0}", False), (r"\x4", False),
        ("(?P<a_1>x)", True), ("(?P<a-1>x)", False), ("(?<a", False), ("(?i-s:a)", True), ("(?i-:a)", False), ("(?-:a)", False),
        ("(?i-s)a", True), ("(?-)a", False), ("(?--i)a", False), ("(" * 200 + ")" * 200, True), ("(" * 201 + ")" * 201, False),
        (r"\é", False), (r"\_", True), (r"\q", False), (r"\p{L}", False), (r"\C", False), ("{2}", False), ("{,2}", True), ("+", False),
        ("|*", False), ("(*)", False), ("a??", True), ("a*?", True), ("a{2}{2}", False), ("a*{2}", False), (r"a*\Q\E*", False),
        ("[[:alpha]", True), ("[[:alpha:]", False), ("[", False), ("[]", False), ("[^]", False), ("[\\", False), ("[a-", False),
        ("(?i)*", False),
    ],
)  # fmt: skip
def test_what_is_read_ends_where_re2_does(pattern: str, is_read: bool) -> None:
    """Numbers, names, flags, depth and what may be repeated have their edges."""
    assert (fully_matches(pattern, "a") is not None) is is_read


def test_what_is_too_large_is_not_evaluated() -> None:
    """Ten thousand instructions are, and five million steps."""
    assert fully_matches("(?:a{1000}){9}", "") is False
    assert fully_matches("(?:a{1000}){11}", "") is None
    assert fully_matches("(?:a{999}){5}", "a" * 1000) is False
    assert fully_matches("(?:a{1000}){5}", "b" * 1001) is None
