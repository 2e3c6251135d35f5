"""Nothing that is said of a small change of an example changes unseen."""

from functools import cache

import pytest

from tests.rules.pages import Example
from tests.variants import said


@cache
def known() -> dict[str, list[str]]:
    """The lines of said.txt by their example."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in said.FILE_OF_ALL.read_text(encoding="utf-8").splitlines():
        if not line.startswith(" "):
            lines = found.setdefault(line, [])
        lines.append(line)
    return found


@pytest.mark.parametrize("example", said.EXAMPLES, ids=str)
def test_what_is_said_of_small_changes_has_been_read(example: Example) -> None:
    """Findings, chains and edits are those of said.txt. If they are to be others: make docs, and read the diff."""
    assert list(said.lines(example)) == known().get(str(example), [])


def test_each_line_belongs_to_an_example() -> None:
    """Nothing is left of an example that is gone."""
    assert known().keys() <= {str(example) for example in said.EXAMPLES}
