"""Talking to a person: colours, prompts."""

import io

import pytest

from kubectl_meshfix.cli import console
from kubectl_meshfix.cli.console import Color
from kubectl_meshfix.errors import UsageError


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal."""
    stream = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return stream


@pytest.mark.parametrize(
    ("environment", "wants", "expected"),
    [
        ({}, Color.AUTO, True),
        ({"NO_COLOR": ""}, Color.AUTO, False),
        ({"TERM": "dumb"}, Color.AUTO, False),
        ({"NO_COLOR": "1"}, Color.ALWAYS, True),
        ({}, Color.NEVER, False),
    ],
)
def test_colours(environment: dict[str, str], wants: Color, expected: bool, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal gets colours unless it is dumb or NO_COLOR is there, even empty; a flag has the last word."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert console.screen(terminal, wants).color is expected
    assert console.screen(io.StringIO()).color is False


@pytest.mark.parametrize(
    ("typed", "expected"), [("y\n", True), ("YES\n", True), ("\n", False), ("n\n", False), ("yep\n", False), ("", False)]
)
def test_only_yes_means_yes(typed: str, expected: bool, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything else, also the end of input, changes nothing."""
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr("sys.stdin", Terminal(typed))

    assert console.confirm("Go?") is expected


def test_nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal on standard input the question is an error that names --yes."""
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))

    with pytest.raises(UsageError) as error:
        console.confirm("Go?")

    assert "--yes" in error.value.hint
