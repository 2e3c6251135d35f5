"""Nothing that is said of a mesh with something beside what a situation shows changes unseen."""

from functools import cache

import pytest

from tests.traffic.situations.scenes import Situation, situations
from tests.variants import worlds


@cache
def known() -> dict[str, list[str]]:
    """The lines of worlds.txt by their situation."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in worlds.FILE.read_text(encoding="utf-8").splitlines():
        if not line.startswith(" "):
            lines = found.setdefault(line, [])
        lines.append(line)
    return found


@pytest.mark.parametrize("item", situations(), ids=lambda item: item.name)
def test_what_is_said_of_a_situation_with_more_has_been_read(item: Situation) -> None:
    """Findings, fixes, chains and requests are those of worlds.txt. If they are to be others: make docs, and read the diff."""
    assert list(worlds.lines(item)) == known()[item.name]


def test_each_line_belongs_to_a_situation() -> None:
    """Nothing is left of a situation that is gone."""
    assert list(known()) == [item.name for item in situations()]
