"""Values as they are written on one line."""

import pytest

from kubectl_meshfix.documents.editing.emit import key, looks_typed, quoted, scalar


@pytest.mark.parametrize(
    ("value", "quote", "text"),
    [
        ("a'b", "'", "'a''b'"),
        ("a'b", '"', '"a\'b"'),
        ("a\tb", "'", '"a\\tb"'),
        ("a\nb", "'", '"a\\nb"'),
        ("a\x07b", "'", '"a\\u0007b"'),
    ],
)
def test_single_quotes_hold_what_they_can(value: str, quote: str, text: str) -> None:
    """No tab, no line break, and no character that has to be escaped."""
    assert quoted(value, quote) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (float("nan"), ".nan"),
        (float("inf"), ".inf"),
        (float("-inf"), "-.inf"),
        (0.0, "0.0"),
        (1.5, "1.5"),
        (None, "null"),
        (True, "true"),
        ([], "[]"),
        ({}, "{}"),
    ],
)
def test_what_stands_on_one_line(value: object, text: str) -> None:
    """Numbers that JSON does not have are written as YAML has them."""
    assert scalar(value) == text


@pytest.mark.parametrize("value", [[1], {"a": 1}, object()])
def test_what_does_not(value: object) -> None:
    """A collection with something in it, and what is no value."""
    with pytest.raises(ValueError, match="cannot be written as one scalar"):
        scalar(value)


def test_the_longest_key() -> None:
    """A thousand characters."""
    assert key("a" * 1000) == "a" * 1000
    with pytest.raises(ValueError, match="A key of 1001 characters is too long for YAML"):
        key("a" * 1001)


@pytest.mark.parametrize(
    ("text", "is_typed"),
    [
        ("2020-01-01", True),
        ("2020-01-01T10:00:00Z", True),
        ("1:30", True),
        ("yes", True),
        ("0o17", True),
        ("0b2", False),
        ("=", True),
        ("<<", True),
        ("", True),
        ("---x", True),
        ("...", True),
        ("0x", True),
        ("1e", True),
        ("1_0.", True),
        ("1.2.3", False),
        ("web", False),
        ("e", False),
        ("-", False),
        ("2020-1", False),
        ("a=", False),
        ("--x", False),
        ("..", False),
    ],
)
def test_what_some_reader_takes_for_something_else_than_text(text: str, is_typed: bool) -> None:
    """Numbers, dates, base-60 numbers, booleans, merges and markers."""
    assert looks_typed(text) is is_typed
