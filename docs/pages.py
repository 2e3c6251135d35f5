"""What the pages promise: commands with their output, other commands, and links. `make docs` writes the outputs anew.

A block titled ``console`` holds ``$ kubectl meshfix …`` commands, each with what it prints below it, on a screen of 100 columns. The
commands of a page run one after the other: those on files in a copy of ``examples``, those on a cluster where the examples are applied.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])

_RUN_ID = re.compile(r"\b\d{8}-\d{6}-[0-9a-f]{6}\b")
_SOME_RUN = "20260301-120000-4f2a9c"
_TIME = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_SOME_TIME = "2026-03-01T12:00:00Z"
_SHOWN = re.compile(r"(?<=^\$ )kubectl meshfix (.*(?:\\\n.*)*)\n((?:(?!\$ |```).*\n)*)", re.MULTILINE)
_CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"^(?:```|    ).*?$|`[^`\n]+`", re.MULTILINE)

Run = Callable[[Sequence[str]], str]


def title(page: Path) -> str:
    """A page's path from the root."""
    return page.relative_to(ROOT).as_posix()


def shown(page: Path) -> list[tuple[str, ...]]:
    """The arguments of the commands in a page's ``console`` blocks, in their order."""
    return [tuple(shlex.split(row[1])) for block in _CONSOLE.findall(_text(page)) for row in _SHOWN.finditer(block)]


def on_files(arguments: Sequence[str]) -> bool:
    """Whether a command needs no cluster."""
    return arguments[0] in ("rules", "--version", "--help") or "-f" in arguments


def rewritten(page: Path, wanted: Callable[[Sequence[str]], bool], run: Run) -> str:
    """The page with what the wanted commands print now, run in their order."""

    def answer(row: re.Match[str]) -> str:
        arguments = shlex.split(row[1])
        if not wanted(arguments):
            return row[0]
        text = steady(run(arguments))
        if "\n```" in text:
            raise SystemExit(f"{title(page)}: what {row[1]} prints would end the block; show another command.")
        printed = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
        return f"kubectl meshfix {row[1]}\n{printed.strip(chr(10))}\n" + ("\n" if row[2].endswith("\n\n") else "")

    return _CONSOLE.sub(lambda block: _SHOWN.sub(answer, block[0]), _text(page))


def refreshed(page: Path) -> str:
    """The page with what its commands on files print now."""
    with running(COLUMNS="100") as run:
        return rewritten(page, on_files, run)


@contextmanager
def running(**variables: str) -> Iterator[Run]:
    """A way to run commands one after the other in a copy of the examples, with variables of the environment.

    Runs of ``apply`` and times are told as some run at some time; that run in a command means the last one.
    """
    numbers: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "examples", Path(folder, "examples"))
        environment = {**os.environ, "XDG_STATE_HOME": str(Path(folder, "state")), **variables}

        def run(arguments: Sequence[str]) -> str:
            words = [numbers[-1] if word == _SOME_RUN and numbers else word for word in arguments]
            done = subprocess.run(  # noqa: S603
                [sys.executable, "-c", "from kubectl_meshfix.cli.start import main; main()", *words],
                cwd=folder,
                env=environment,
                text=True,
                encoding="utf-8",
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
            )
            numbers.extend(_RUN_ID.findall(done.stdout))
            return steady(done.stdout)

        yield run


def steady(text: str) -> str:
    """What a command printed, with the same run and the same time each time."""
    return _TIME.sub(_SOME_TIME, _RUN_ID.sub(_SOME_RUN, text))


def commands(page: Path) -> Iterator[Sequence[str]]:
    """The arguments of every ``kubectl meshfix …`` in code on a page, up to a pipe, a comment or an ellipsis."""
    for match in _CODE.finditer(_text(page).replace("\\\n", " ")):
        code = match.group().strip("` ").removeprefix("$ ")
        if code.startswith("kubectl meshfix "):
            yield shlex.split(re.split(r"\s+(?:\||\\\||>>?|<|#|&&|;)(?:\s|$)|…", code.removeprefix("kubectl meshfix "))[0])


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


if __name__ == "__main__":
    for path in PAGES:
        if any(on_files(arguments) for arguments in shown(path)):
            path.write_text(refreshed(path), encoding="utf-8")
