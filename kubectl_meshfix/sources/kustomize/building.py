"""What a folder builds: `kubectl kustomize`, run without network, plug-ins or charts, and with an end."""

import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import IO

from kubectl_meshfix.resources.meta import Struct

MAX_BYTES = 100 * 1024 * 1024
"""Of what one folder builds, as of one file that is read."""

SECONDS = 60.0
"""For one folder."""

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
"""Remote bases are found before anything is run; what looks like a local one and is not must not be fetched either."""


class Builder(Struct, frozen=True):
    """The program that builds, with the words before the folder."""

    command: tuple[str, ...]


class Text(Struct, frozen=True):
    """What a folder builds, as YAML."""

    text: str


class NotBuilt(Struct, frozen=True):
    """Why a folder could not be built: kustomize's own words. ``is_missing``: the program cannot build at all."""

    reason: str
    is_missing: bool = False


def find_builder(environ: Mapping[str, str] = os.environ) -> Builder | None:
    """kubectl, whose plug-in this is, else kustomize itself; None where neither is on the path."""
    for name, words in (("kubectl", ("kustomize",)), ("kustomize", ("build",))):
        if program := shutil.which(name, path=environ.get("PATH", "")):
            return Builder(command=(program, *words))
    return None


def build(builder: Builder, folder: str, *, seconds: float = SECONDS, most: int = MAX_BYTES) -> Text | NotBuilt:
    """What kustomize makes of a folder. Flags that allow plug-ins, functions or charts are never given."""
    try:
        process = subprocess.Popen(  # noqa: S603 -- a program of the path, and a folder that cannot be taken for a flag
            [*builder.command, os.path.realpath(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **_OFFLINE},
            start_new_session=os.name == "posix",
        )
    except OSError as error:
        return NotBuilt(reason=f"{builder.command[0]} cannot be run: {error.strerror}", is_missing=True)
    with process:
        streams = [_Stream(process.stdout, most, process), _Stream(process.stderr, 64 * 1024, None)]
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            return NotBuilt(reason=f"it was not built after {seconds:g} seconds")
        output, errors = (stream.content() for stream in streams)
    if output is None:
        return NotBuilt(reason=f"it builds more than {most // 2**20} MiB")
    words = (errors or b"").decode(errors="replace")
    if code:
        reason = _said(words, folder) or f"kustomize ended with code {code}"
        return NotBuilt(reason=reason, is_missing='unknown command "kustomize"' in words)
    return Text(text=output.decode(errors="replace"))


class _Stream:
    """One stream, read as it comes, so that neither of two can fill up and stop the program; too long a one ends it."""

    def __init__(self, stream: IO[bytes] | None, most: int, ended: "subprocess.Popen[bytes] | None") -> None:
        self.stream, self.most, self.ended = stream, most, ended
        self.parts: list[bytes] = []
        self.size = 0
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        while self.stream and (part := self.stream.read(1 << 16)):
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


def _said(words: str, folder: str) -> str:
    """Kustomize's own words: the innermost cause, without the program's frame and with paths from the folder."""
    lines = [line for line in words.splitlines() if not line.startswith("# Warning") and not re.match(r"^W\d{4} ", line)]
    text = " ".join(" ".join(lines).split())
    text = re.sub(r'^E\d{4} \S+ +\d+ \S+\] "command failed" err=<? ?', "", text).removesuffix(" >").strip('"')
    text = text.removeprefix("error: ").removeprefix("Error: ")
    root = os.path.realpath(folder)
    return _innermost(text).replace(f"{root}{os.sep}", "").replace(root, ".").rstrip(".")


def _innermost(text: str) -> str:
    """What went wrong, of a chain of ``accumulating resources: … recursed accumulation of path '…': …``."""
    cause = re.split(r"recursed accumulation of path '[^']*': ", text)[-1]
    return re.sub(r"^accumulating (?:resources|components)(?: from '[^']*')?: ", "", cause)


def command(folder: str, *flags: str) -> str:
    """What a person types to have a folder checked that was not built here."""
    words: Sequence[str] = ("kubectl", "kustomize", *flags, folder)
    return f"{' '.join(words)} | kubectl meshfix diagnose -f -"
