"""``diagnose --watch``: the report, and then what changes."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.command import SERVICE

# started by a shell's & a program ignores Ctrl-C
HEEDING = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from kubectl_meshfix.cli.start import main; main()"


def line_with(running: "subprocess.Popen[str]", words: str) -> str:
    """The next line of standard output with these words."""
    assert running.stdout
    patience = threading.Timer(30, running.kill)
    patience.start()
    try:
        return next(line for line in running.stdout if words in line)
    finally:
        patience.cancel()


def test_what_goes_and_what_appears_is_told(tmp_path: Path) -> None:
    """A file that is mended takes a finding away, one that is broken brings it back, and Ctrl-C ends with 130."""
    path = tmp_path / "cart.yaml"
    path.write_text(SERVICE)
    running = subprocess.Popen(
        [sys.executable, "-u", "-c", HEEDING, "diagnose", str(path), "--watch", "--select", "MF101"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    line_with(running, "1 finding in 1 object")

    path.write_text(SERVICE.replace("web", "http"))
    assert "Service shop/cart: " in line_with(running, "- MF101")
    path.write_text(SERVICE)
    assert line_with(running, "+ MF101").startswith(f"+ MF101 {path}:7: Service shop/cart: ")
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)

    assert running.returncode == 130
    assert "Watching; Ctrl-C ends it." in said
    assert "Traceback" not in said


def test_a_source_that_goes_away_is_waited_for(tmp_path: Path) -> None:
    """An error is printed once, and what follows it is compared with what was there before."""
    path = tmp_path / "cart.yaml"
    path.write_text(SERVICE)
    running = subprocess.Popen(
        [sys.executable, "-u", "-c", HEEDING, "diagnose", str(path), "-w", "--select", "MF101"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    line_with(running, "1 finding in 1 object")
    path.unlink()
    time.sleep(4)
    path.write_text(SERVICE.replace("web", "http"))
    line_with(running, "- MF101")
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)

    assert said.count("does not exist") == 1


def test_equal_findings_of_one_file_are_told_apart(tmp_path: Path) -> None:
    """Where a file holds an object twice with the same mistake, mending one of them takes one finding away."""
    path = tmp_path / "cart.yaml"
    path.write_text(f"{SERVICE}---\n{SERVICE}")
    running = subprocess.Popen(
        [sys.executable, "-u", "-c", HEEDING, "diagnose", str(path), "--watch", "--select", "MF101"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    line_with(running, "2 findings in 1 object")

    path.write_text(f"{SERVICE}---\n{SERVICE.replace('web', 'http')}")
    assert line_with(running, "1 finding").split()[1:] == ["1", "finding"]
    assert line_with(running, "MF101").startswith("- MF101")
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=30)
