"""Programs that others wrote, run without network and with an end."""

import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from typing import IO

from kubectl_meshfix.resources.meta import Struct

MAX_BYTES = 100 * 1024 * 1024
"""Of what a program writes, as of one file that is read."""

SECONDS = 60.0
"""For one run."""

_OFFLINE = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "NO_PROXY": "",
    "no_proxy": "",
}
"""Nothing is fetched by the way of a program either."""


class Output(Struct, frozen=True):
    """What a program wrote."""

    text: str


class Failed(Struct, frozen=True):
    """Why there is no output, in the program's own words.

    ``is_missing``: there is no such program, or it cannot do this at all. ``is_late``: it was ended before it had done its work.
    """

    reason: str
    is_missing: bool = False
    is_late: bool = False


def run(words: Sequence[str], *, seconds: float = SECONDS, most: int = MAX_BYTES) -> Output | Failed:
    """What a program writes that needs no network, or what it says is wrong. It is ended, with all it started, after ``seconds``."""
    try:
        process = subprocess.Popen(  # noqa: S603 -- a program of the path, and a folder that cannot be taken for a flag
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **_OFFLINE},
            start_new_session=os.name == "posix",
        )
    except OSError as error:
        return Failed(reason=f"{words[0]} cannot be run: {error.strerror}", is_missing=True)
    with process:
        streams = [_Stream(process.stdout, most, process), _Stream(process.stderr, 64 * 1024, None)]
        try:
            code = process.wait(seconds)
        except BaseException as error:
            _end(process)
            if isinstance(error, subprocess.TimeoutExpired):
                return Failed(reason=f"it was not built after {seconds:g} seconds", is_late=True)
            raise
        output, errors = (stream.content() for stream in streams)
    if output is None:
        return Failed(reason=f"it builds more than {most // 2**20} MiB")
    if code:
        said = (errors or b"").decode(errors="replace").strip()
        return Failed(reason=said or f"{os.path.basename(words[0])} ended with code {code}")  # noqa: PTH119
    return Output(text=output.decode(errors="replace"))


class _Stream:
    """One stream, read as it comes, so that neither of two can fill up and stop the program; too long a one ends it."""

    def __init__(self, stream: IO[bytes] | None, most: int, ended: "subprocess.Popen[bytes] | None") -> None:
        self.stream, self.most, self.ended = stream, most, ended
        self.parts: list[bytes] = []
        self.size = 0
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        while self.stream and (part := self.stream.read1(1 << 16)):  # type: ignore[attr-defined]
            self.size += len(part)
            if self.size <= self.most:
                self.parts.append(part)
            elif self.ended:
                _end(self.ended)
                return

    def content(self) -> bytes | None:
        """All of it; None where it was too long and that matters."""
        self.thread.join()
        return None if self.size > self.most and self.ended else b"".join(self.parts)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a program and what it has started."""
    try:
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except ProcessLookupError:
        pass
