"""Regular expressions are refused as Go's module refuses them; each of these was tried on it."""

import pytest

from kubectl_meshfix.resources.re2.flaws import flaw


@pytest.mark.parametrize(
    "pattern",
    [
        "*", "a**", "a*+", "a{2}{3}", "|*", "{2}", "a{1001}", "a{2,1}", "(a{500}){3}", "(a", "a)", "[a", "[b-a]", r"[a-\d]",
        "[[:foo:]]", r"[\b]",
        r"\1", r"\8", r"\Z", r"\C", r"\é", r"\xzz", r"\x4", r"\x{110000}", "\\", "(?=a)",
        "(?!a)", "(?<=a)", "(?P=a)", "(?P<>a)", "(?P<é>a)",
        "(?z)", "(?-)", "(?i-)", "(?ia", "(?s-i", "(?", "(",
    ],
)  # fmt: skip
def test_what_go_refuses_has_a_flaw(pattern: str) -> None:
    """Why it is refused is said, as the end of a sentence."""
    assert flaw(pattern)
    assert not flaw(pattern).endswith(".")


@pytest.mark.parametrize(
    "pattern",
    [
        "", "a|", "a{,2}", "a{2", "{", "}", "]", "a{1000}", "(a{500}){2}", "(a{0}){1000}", "(a*){1000}", "a*?", "a{2}?", "[]a]",
        "[^]a]", "[[:a]", "[a-]",
        r"[\]]", "[[:^alpha:]]", r"\pL", r"\p{Greek}", r"\P{^Lu}", r"\0", r"\012", r"\x{41}", r"\Qa**\E+", r"\Qa",
        r"\_\-\/", "(?P<a>b)", "(?<a>b)",
        "(?)",
        "(?i)a", "a(?i)*", "(?i-s:a)", "(?:a)", "^*", r"\b+", "é", "(" * 300 + ")" * 300,
    ],
)  # fmt: skip
def test_what_go_reads_has_none(pattern: str) -> None:
    """What is not evaluated here, such as Unicode classes, is not refused either."""
    assert not flaw(pattern)
