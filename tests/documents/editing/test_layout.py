"""Where lines begin and end."""

import pytest

from kubectl_meshfix.documents.editing.layout import column, indentation, leads, line_end, line_start, next_line


@pytest.mark.parametrize(
    ("text", "offset", "start", "end", "following"),
    [
        ("", 0, 0, 0, 0),
        ("a", 0, 0, 1, 1),
        ("a", 1, 0, 1, 1),
        ("\na", 0, 0, 0, 1),
        ("\na", 1, 1, 2, 2),
        ("a\nb\n", 1, 0, 1, 2),
        ("a\nb\n", 2, 2, 3, 4),
        ("a\nb\n", 4, 4, 4, 4),
        ("a\r\nb\r\n", 0, 0, 1, 3),
        ("a\r\nb\r\n", 3, 3, 4, 6),
        ("a\r\nb", 3, 3, 4, 4),
        ("\r\na", 0, 0, 0, 2),
        ("\ufeffa\nb", 1, 1, 2, 3),
        ("\ufeffa\nb", 3, 3, 4, 4),
    ],
)
def test_a_line_is_what_lies_between_two_line_breaks(text: str, offset: int, start: int, end: int, following: int) -> None:
    """Without its line break of one or two characters, and behind a byte order mark; the last line may have none."""
    assert (line_start(text, offset), line_end(text, offset), next_line(text, offset)) == (start, end, following)
    assert column(text, offset) == offset - start


@pytest.mark.parametrize(
    ("text", "offset", "is_first", "white"),
    [
        ("a", 0, True, ""),
        ("  a", 2, True, "  "),
        ("  a", 3, False, "  "),
        ("\t a", 2, True, "\t "),
        ("- a", 2, False, ""),
        ("x\n  a", 4, True, "  "),
    ],
)
def test_the_white_space_that_a_line_begins_with(text: str, offset: int, is_first: bool, white: str) -> None:
    """And whether a place is the first behind it."""
    assert (leads(text, offset), indentation(text, offset)) == (is_first, white)
