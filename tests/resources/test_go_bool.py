"""Words are true or false as Go has it."""

import pytest

from kubectl_meshfix.resources.go_bool import go_bool


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", True), ("T", True), ("true", True), ("TRUE", True), ("0", False), ("f", False), ("False", False)]
    + [(word, None) for word in ("", "tRue", "yes", "on", "2", " true")],
)
def test_a_word_is_read_as_go_reads_it(text: str, value: bool | None) -> None:
    """Other spellings are refused, as is the empty word."""
    assert go_bool(text) is value
