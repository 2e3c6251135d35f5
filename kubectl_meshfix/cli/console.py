"""Standard output for answers, standard error for talk: colours, widths, prompts."""

import contextlib
import io
import os
import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from kubectl_meshfix.cli import progress
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.render.text.terminal import Screen, Style, safe, safe_line


def open_streams() -> None:
    """Make the three standard streams take whatever is written: UTF-8 as from kubectl, whatever the locale; nowhere where one is closed."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 -- open until the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


class Color(StrEnum):
    """When to use colours."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def screen(stream: TextIO, color: Color = Color.AUTO) -> Screen:
    """What a stream can show. Colours need a terminal that is not dumb, and no ``NO_COLOR`` (`cli-runtime/pkg/printers/terminal.go`)."""
    wants = stream.isatty() and os.environ.get("TERM") != "dumb" and "NO_COLOR" not in os.environ
    return Screen(width=min(shutil.get_terminal_size((100, 24)).columns, 140), color={"auto": wants, "always": True, "never": False}[color])


def answer(text: str) -> None:
    """Write the answer."""
    progress.wipe()
    sys.stdout.write(text)
    sys.stdout.flush()


def tell(text: str) -> None:
    """Write a part of the answer while work is under way, which nobody's going away may stop half-way."""
    with contextlib.suppress(OSError):
        answer(text)


def conclude(text: str, *, after: bool = True) -> None:
    """Say what the answer comes to; ``after`` one that is read on the same screen, an empty line sets it off."""
    say(f"\n{text}" if after and sys.stdout.isatty() and sys.stderr.isatty() else text)


def say(text: str) -> None:
    """Talk to the person."""
    progress.wipe()
    sys.stderr.write(text if text.endswith("\n") else text + "\n")
    sys.stderr.flush()


def warn(text: str) -> None:
    """Pass a warning on, as kubectl prints the server's."""
    say(f"{screen(sys.stderr).paint('Warning:', Style.WARNING)} {safe_line(text)}")


def print_error(message: str, hint: str = "") -> None:
    """Say why a run ends, to whoever still listens."""
    with contextlib.suppress(OSError):
        say(safe(f"error: {message}\n{hint}".rstrip()))


def confirm(question: str) -> bool:
    """Ask before something is changed; only "y" and "yes" mean yes. Raises UsageError where nobody can answer."""
    if not sys.stdin.isatty():
        raise UsageError(
            "The changes need a confirmation, and standard input is not a terminal.",
            "Add --yes to make them, or --dry-run to only show them.",
        )
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
