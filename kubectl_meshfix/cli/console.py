"""Standard output for answers, standard error for everything else: colours, widths, prompts."""

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
    """Make the standard streams UTF-8, as kubectl's are, whatever the locale. A closed stream becomes the null device."""
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
    """What a stream can show: colours where a flag or the environment asks for them, else on a terminal that is not dumb."""
    wants = {"auto": _wants_color(stream), "always": True, "never": False}[color]
    return Screen(width=min(shutil.get_terminal_size((100, 24)).columns, 140), color=wants)


def _wants_color(stream: TextIO) -> bool:
    """``NO_COLOR``, even empty, forbids them (`cli-runtime/pkg/printers/terminal.go`); ``FORCE_COLOR`` and ``CLICOLOR_FORCE`` ask."""
    if "NO_COLOR" in os.environ:
        return False
    if any(os.environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb" and os.environ.get("CLICOLOR") != "0"


_manner = {"quiet": False}


def hush(is_quiet: bool) -> None:
    """Whether only answers, warnings and errors are written from now on."""
    _manner["quiet"] = is_quiet
    progress.silence(is_quiet)


def answer(text: str) -> None:
    """Write the answer."""
    progress.wipe()
    sys.stdout.write(text)
    sys.stdout.flush()


def tell(text: str) -> None:
    """Write a part of the answer while changes are made. A closed standard output does not stop the changes."""
    with contextlib.suppress(OSError):
        answer(text)


def summarise(text: str, *, after: bool) -> None:
    """Write the summary of an answer for people, which is a part of it; ``after`` something, below an empty line."""
    if not _manner["quiet"]:
        answer(f"\n{text}" if after else text)


def conclude(text: str, *, after: bool = True) -> None:
    """Write what an answer for programs leads to, on standard error; ``after`` an answer on the same terminal, below an empty line."""
    say(f"\n{text}" if after and sys.stdout.isatty() and sys.stderr.isatty() else text)


def say(text: str) -> None:
    """Write a line to standard error, unless only the answer is wanted."""
    if not _manner["quiet"]:
        insist(text)


def insist(text: str) -> None:
    """Write a line to standard error."""
    progress.wipe()
    sys.stderr.write(text if text.endswith("\n") else text + "\n")
    sys.stderr.flush()


def warn(text: str) -> None:
    """Pass a warning on, as kubectl prints the server's."""
    insist(f"{screen(sys.stderr).paint('Warning:', Style.WARNING)} {safe_line(text)}")


def print_error(message: str, hint: str = "") -> None:
    """Write an error and its hint to standard error, unless that is closed."""
    with contextlib.suppress(OSError):
        insist(safe(f"error: {message}\n{hint}".rstrip()))


def confirm(question: str) -> bool:
    """Ask before something is changed; only "y" and "yes" mean yes. Raises UsageError where nobody can answer."""
    if not sys.stdin.isatty():
        raise UsageError(
            "The changes need a confirmation, and standard input is not a terminal.",
            "Add --yes to make them, or --dry-run to only show them.",
        )
    sys.stderr.write(f"{safe_line(question)} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
