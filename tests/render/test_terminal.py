"""What people see at a terminal: lines that fit, names left whole, and nothing said by colour alone."""

import re

import pytest
from typer.testing import CliRunner

from kubectl_meshfix.cli.main import app
from kubectl_meshfix.render.report.table import table
from kubectl_meshfix.render.text.terminal import Screen, columns, cut, plain, wrapped
from kubectl_meshfix.resources.meta import Ref
from tests.render.findings import EXAMPLES, finding, report


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("arguments", [["diagnose"], ["diagnose", "-o", "wide", "--ignore", "MF3"], ["explain"], ["explain", "-v"]])
def test_lines_fit_the_terminal(arguments: list[str], width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """On 80 columns and on more, no line is longer than the terminal is wide, but for commands, which are there to be copied."""
    monkeypatch.setenv("COLUMNS", str(width))
    output = CliRunner().invoke(app, [*arguments, "-f", EXAMPLES, "-R", "--color", "always"]).stdout
    lines = [line for line in plain(output).splitlines() if not re.match(r"(    +|Next: )(kubectl|istioctl) ", line)]

    assert len(lines) > 10
    assert [line for line in lines if columns(line) > width] == []


def test_wide_characters_are_counted_as_they_are_shown() -> None:
    """A Chinese name and an emoji take two columns each, a combining accent none; lines break by columns, not by characters."""
    assert [columns(text) for text in ("abc", "購物車", "🛒", "e\u0301")] == [3, 6, 2, 1]
    assert cut("購物車服務", 7) == "購物車…"
    text = wrapped("購物 " * 30, Screen(width=40), "  ")
    assert {columns(line) for line in text.splitlines()[:-1]} == {2 + 7 * 4 + 6}


def test_a_name_longer_than_the_line_stays_whole() -> None:
    """What a person may want to copy is not broken; what stands beside it goes below it."""
    name = "x" * 60
    text = table(report(finding(resource=Ref("v1", "Service", "shop", name))), Screen(width=40))

    assert f"Service shop/{name}\n    cart.yaml\n" in text


def test_colours_say_nothing_that_words_do_not() -> None:
    """Without its colours a report is the same report, letter for letter."""
    rows = report(finding(), finding(1))

    assert plain(table(rows, Screen(color=True))) == table(rows, Screen(color=False))
