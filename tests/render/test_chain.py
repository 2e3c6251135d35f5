"""Explanations as a table, as a tree and as a drawing: the answer and its reason are never cut off."""

import re
from collections.abc import Sequence

import pytest

from kubectl_meshfix.injection.explanation import Explanation
from kubectl_meshfix.render.chain.mermaid import mermaid
from kubectl_meshfix.render.chain.signs import why
from kubectl_meshfix.render.chain.table import table
from kubectl_meshfix.render.chain.terminal import tree
from kubectl_meshfix.render.text.terminal import NARROWEST, Screen
from tests.injection.cases import cases, explanation, running
from tests.injection.scenes import pod

ALL: Sequence[Explanation] = tuple(map(explanation, cases()))


def words(text: str) -> str:
    """A text without its line breaks."""
    return " ".join(text.split())


@pytest.mark.parametrize("width", [NARROWEST, 60, 80, 100, 160, 240])
def test_a_table_always_says_whether_and_why(width: int) -> None:
    """However narrow the screen, INJECTED is there and the reason is whole; MODE and DECIDED BY are what gives way."""
    for item in ALL:
        text = table([item], Screen(width=width))
        row = text.splitlines()[1]

        assert "INJECTED" in text.splitlines()[0]
        assert re.search(r"\s(yes|no|\?)(\s|$)", row)
        assert "…" not in text
        assert set(why(item).split()) <= set(words(text).split())


def test_a_wide_table_shows_what_decided() -> None:
    """Where there is room for all, the mode and the check are columns of their own."""
    head = table(ALL[:3], Screen(width=240)).splitlines()[0]

    assert head.split() == ["TARGET", "INJECTED", "MODE", "DECIDED", "BY", "WHY"]
    assert table(ALL[:3], Screen(width=100)).splitlines()[0].split() == ["TARGET", "INJECTED", "WHY"]


def test_only_the_renderer_spells_flags() -> None:
    """What only a dry run settles is said with the flag for it, and with a command that can be pasted."""
    found = tree(explanation(running(pod())), Screen(width=200))

    assert "(--probe asks the API server.)" in found
    assert "    kubectl meshfix explain deployment/cart -n shop --probe" in found.splitlines()


def test_a_drawing_has_a_short_line_in_each_node() -> None:
    """A node names its stage and one check, and no node is a paragraph."""
    nodes = [node for item in ALL for node in re.findall(r'[\[(]"(.*?)"[\])]', mermaid([item]))]

    assert len(nodes) == 5 * len(ALL)
    assert max(map(len, nodes)) <= 60
    assert not any("<br" in node for node in nodes)
