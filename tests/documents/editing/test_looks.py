"""Edits look as a person would have made them."""

from tests.documents.editing import looks


def test_all_edits_look_as_they_were_read() -> None:
    """What each operation takes out of a text and puts in is that of looks.txt. If it is to be other: make docs, and read the diff."""
    assert looks.FILE.read_text(encoding="utf-8") == looks.text()
