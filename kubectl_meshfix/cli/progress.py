"""The progress of long work: one line on a terminal's standard error, removed before anything else is written.

Not rich's: it takes a tenth of a second to load, and to print beside its bar it leads standard output to where the bar is.
"""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator

from kubectl_meshfix.render.text.terminal import safe_line

PATIENCE = 1.0
"""Seconds of work before the line is shown."""

OFTEN = 0.1
"""Seconds between two states of it."""

BAR = 24
"""Cells of a whole bar."""

WIPE = "\r\x1b[K"


class _Line:
    """The one line. Threads may show it side by side."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_there = False
        self._next = 0.0

    is_silent = False
    """Whether nobody wants to see it."""

    def begin(self) -> None:
        """Work begins; it may turn out to be short."""
        self._next = time.monotonic() + PATIENCE

    def show(self, text: str) -> None:
        """Put a state where the last one is, unless it is too soon, or nobody watches."""
        with self._lock:
            if time.monotonic() >= self._next and not self.is_silent and _is_watched():
                self._next = time.monotonic() + OFTEN
                self._is_there = True
                with contextlib.suppress(OSError):  # the terminal has gone
                    sys.stderr.write(WIPE + text[: _columns() - 1])
                    sys.stderr.flush()

    def wipe(self) -> None:
        """Leave nothing behind."""
        with self._lock:
            if self._is_there:
                self._is_there = False
                with contextlib.suppress(OSError):
                    sys.stderr.write(WIPE)
                    sys.stderr.flush()


_line = _Line()


def silence(is_silent: bool) -> None:
    """Whether the line is never shown from now on."""
    _line.is_silent = is_silent


wipe = _line.wipe
"""Take the line away; whatever writes to the terminal does so first."""


@contextlib.contextmanager
def reading(unit: str = "objects") -> Iterator[Callable[[str, int, int], None]]:
    """While objects are read: a function that takes a kind, how many of it have been read, and how many there are."""
    come: dict[str, tuple[int, int]] = {}

    def tell(kind: str, count: int, total: int) -> None:
        if not total:  # of what there is none nothing has to be told
            return
        come[kind] = count, total
        rows = list(come.values())
        done, expected = sum(row[0] for row in rows), sum(row[1] for row in rows)
        _line.show(f"Reading  {_bar(done, expected)}  {done:,} of {expected:,} {unit}  {kind} {count:,} of {total:,}")

    with _begun():
        yield tell


@contextlib.contextmanager
def steps(doing: str, total: int) -> Iterator[Callable[[object], None]]:
    """While things are done one after the other: a function that takes the thing that is done."""
    numbers = iter(range(1, total + 1))

    def tell(thing: object) -> None:
        done = next(numbers, total)
        _line.show(f"{doing}  {_bar(done, total)}  {done:,} of {total:,}  {safe_line(str(thing))}")

    with _begun():
        yield tell


@contextlib.contextmanager
def _begun() -> Iterator[None]:
    _line.begin()
    try:
        yield
    finally:
        wipe()


def _bar(done: int, total: int) -> str:
    filled = BAR * min(done, total) // max(total, 1)
    return "━" * filled + "─" * (BAR - filled)


def _is_watched() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except OSError:
        return 80
