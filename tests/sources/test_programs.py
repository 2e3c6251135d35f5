"""Programs that are asked for text: how much of it, how long, and what is said where there is none."""

import json
import sys

import pytest

from kubectl_meshfix.sources.programs import Failed, Output, run


def python(script: str) -> list[str]:
    """A program that does this."""
    return [sys.executable, "-c", script]


@pytest.mark.parametrize(
    ("size", "is_whole"), [(0, True), (1, True), (99_999, True), (100_000, True), (100_001, False), (5_000_000, False)]
)
def test_as_much_is_read_as_is_allowed(size: int, is_whole: bool) -> None:
    """To the last byte; one byte more is too much, and the program is ended."""
    found = run(python(f"print('x' * {size}, end='')"), most=100_000)

    assert found == (Output("x" * size) if is_whole else Failed(reason="it builds more than 0 MiB"))


def test_many_complaints_do_not_stop_a_program() -> None:
    """What it writes to the other stream is read as well, and is no reason to end it."""
    assert run(python("import sys; sys.stderr.write('x' * 1_000_000); print('done', end='')")) == Output("done")


def test_a_failure_is_told_in_the_programs_words() -> None:
    """Its complaint, its exit code where it said nothing, that it is not there, or that it took too long."""
    assert run(python("import sys; sys.exit('no such base')")) == Failed(reason="no such base")
    assert run(python("import sys; sys.stderr.buffer.write(b'no \\xff'); sys.exit(1)")) == Failed(reason="no \ufffd")
    assert run(python("import sys; sys.stdout.buffer.write(b'no \\xff')")) == Output("no \ufffd")
    assert run(python("import sys; sys.exit(3)")) == Failed(reason=f"{sys.executable.rpartition('/')[2]} ended with code 3")
    assert run(["/no/such/program"]) == Failed(reason="/no/such/program cannot be run: No such file or directory", is_missing=True)
    assert run(python("import time; time.sleep(60)"), seconds=0.5) == Failed(reason="it was not built after 0.5 seconds", is_late=True)


def test_a_program_fetches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither over HTTP nor by way of git, and nobody is asked for a password; all else is as it was."""
    offline = {
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_TERMINAL_PROMPT": "0",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
        "NO_PROXY": "",
        "no_proxy": "",
    }
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("KEPT", "yes")
    found = run(python("import json, os; print(json.dumps(dict(os.environ)))"))

    assert isinstance(found, Output)
    environment = json.loads(found.text)
    assert environment | offline == environment
    assert environment["KEPT"] == "yes"


def test_what_is_too_long_is_told_in_mebibytes() -> None:
    """Whole ones."""
    assert run(python("print('x' * 3_000_000)"), most=2 * 2**20) == Failed(reason="it builds more than 2 MiB")
