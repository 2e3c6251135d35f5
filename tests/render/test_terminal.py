"""What people see at a terminal: lines that fit, names left whole, and nothing said by colour alone."""

import re

import pytest
from typer.testing import CliRunner

from kubectl_meshfix.cli.main import app
from kubectl_meshfix.fixes.fix import Fix, Safety
from kubectl_meshfix.render.report.table import table
from kubectl_meshfix.render.text.rule_page import on_terminal
from kubectl_meshfix.render.text.terminal import Screen, Style, columns, cut, plain, wrapped
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.rules import RULES
from kubectl_meshfix.rules import page as rule_page
from kubectl_meshfix.rules.pages import captioned
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


def test_a_page_is_laid_out_for_the_terminal() -> None:
    """Headings without their signs, paragraphs and lists in the width, examples whole with a sign before each wrong line."""
    page = captioned(rule_page(next(rule for rule in RULES if rule.code == "MF101")))
    text = on_terminal(page, Screen(width=60, color=True))
    lines = plain(text).splitlines()
    examples = {line for block in re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL) for line in block.splitlines()}

    assert lines[:3] == ["MF101 undeclared-port-protocol", "", "What it finds"]
    assert "  ✗   - name: web # MF101" in lines
    assert {line for line in examples if line} <= {line[4:] for line in lines}
    assert not [line for line in lines if columns(line) > 60 and line[4:] not in examples and " " in line.strip()]
    assert "```" not in text
    assert plain(text).replace("`", "").split() == on_terminal(page, Screen(width=60)).replace("`", "").split()


def test_a_pipe_gets_the_page_as_it_is_written() -> None:
    """Where nobody looks, and with -o markdown, a rule's page is Markdown."""
    written = captioned(rule_page(next(rule for rule in RULES if rule.code == "MF101")))

    assert CliRunner().invoke(app, ["rules", "MF101"]).stdout == written
    assert CliRunner().invoke(app, ["rules", "MF101", "-o", "markdown", "--color"]).stdout == written


@pytest.mark.parametrize("width", [80, 100, 160])
def test_the_list_of_rules_fits(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of all rules has their names on a wide screen alone, and those of other tools on the widest."""
    monkeypatch.setenv("COLUMNS", str(width))
    lines = CliRunner().invoke(app, ["rules"]).stdout.splitlines()

    assert max(map(columns, lines)) <= width
    assert any("undeclared-port-protocol" in line for line in lines) == (width > 100)
    assert any("IST0118" in line for line in lines) == (width > 140)


def test_what_is_wrong_what_to_do_and_how_safe_that_is_look_different() -> None:
    """The message is plain, the fix has a colour, and the word for its safety another, by how safe it is."""
    looks = {}
    for safety in Safety:
        fix = Fix(summary="Name it.", safety=safety)
        text = table(report(finding(fix=fix)), Screen(color=True))
        (line,) = [line for line in text.splitlines() if "→" in line]
        looks[safety] = re.findall(r"\x1b\[([\d;]+)m([^\x1b]+)", line)
        assert "    The port declares no protocol." in text.splitlines()

    assert all([style for style, _ in parts][1] == Style.ADDED for parts in looks.values())
    assert looks[Safety.UNSAFE][0] == (Style.WARNING, "    → unsafe fix (--unsafe): ")
    assert len({parts[0][0] for parts in looks.values()}) == 3
