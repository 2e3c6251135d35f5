"""The line that tells how far long work is."""

import io
import re

import pytest

from kubectl_meshfix.cli import console, progress
from tests.cli.test_console import Terminal


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal of 80 columns."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("kubectl_meshfix.cli.progress.OFTEN", 0)
    return Terminal()


def seen(stream: io.StringIO) -> str:
    """What is left on the terminal: each wipe takes away what stands on its line."""
    return re.sub(r"[^\n]*\r\x1b\[K", "", stream.getvalue())


def test_short_work_shows_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first second is over there is nothing to tell."""
    monkeypatch.setattr("sys.stderr", terminal)
    with progress.reading() as tell:
        tell("pods", 500, 1000)

    assert terminal.getvalue() == ""


def test_long_work_leaves_no_trace(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long work shows one line, kinds summed up, which is gone in the end, also where the work fails or is interrupted."""
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(progress, "PATIENCE", 0)
    with pytest.raises(KeyboardInterrupt), progress.reading() as tell:  # noqa: PT012
        tell("services", 100, 100)
        tell("pods", 500, 1900)
        raise KeyboardInterrupt

    assert "600 of 2,000 objects  pods 500 of 1,900" in terminal.getvalue()
    assert "━━━━━━━─────────────────" in terminal.getvalue()
    assert "\n" not in terminal.getvalue()
    assert seen(terminal) == ""


def test_lines_are_not_mixed_with_it(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is said while work goes on stands on lines of its own, and standard output has nothing else."""
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(progress, "PATIENCE", 0)
    with progress.steps("Changing", 3) as tell:
        for name in ("a", "b", "c\x1b[31m"):
            tell(name)
            console.say(f"said {len(name)}")
            console.tell(f"{name[0]} fixed\n")
        tell("one more than was foreseen")

    assert "Changing" in terminal.getvalue()
    assert "2 of 3  b" in terminal.getvalue()
    assert "\x1b[31m" not in terminal.getvalue()
    assert seen(terminal) == "said 1\nsaid 1\nsaid 6\n"
    assert capsys.readouterr().out == "a fixed\nb fixed\nc fixed\n"


def test_a_line_is_never_two(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is longer than the terminal is wide is cut: of two lines one would stay."""
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(progress, "PATIENCE", 0)
    with progress.steps("Changing", 1) as tell:
        tell("x" * 500)

    assert max(map(len, terminal.getvalue().split(progress.WIPE))) == 79


@pytest.mark.parametrize(("stream", "term"), [(io.StringIO(), "xterm"), (Terminal(), "dumb")])
def test_nobody_watches(stream: io.StringIO, term: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe and a dumb terminal are left alone."""
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(progress, "PATIENCE", 0)
    with progress.reading() as tell:
        tell("pods", 1000, 1000)

    assert stream.getvalue() == ""
