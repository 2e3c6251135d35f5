"""What trace tells of the situations, as it was read."""

from tests.traffic import told


def test_all_that_is_told_has_been_read() -> None:
    """Every check, sentence, place and end is that of told.txt. If they are to be others: make docs, and read the diff."""
    assert told.FILE.read_text(encoding="utf-8") == told.text()
