"""``diagnose --watch``: the report once, and then what appears in it and what goes."""

import gc
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from kubectl_meshfix.cli import console
from kubectl_meshfix.errors import MeshfixError
from kubectl_meshfix.render.report.blocks import MARKS
from kubectl_meshfix.render.text.terminal import Screen, Style, count, safe_line
from kubectl_meshfix.report import Diagnosis, Report

OF_CLUSTER, OF_FILES = 5.0, 1.0
"""Seconds between two readings, at least."""

SHARE = 3
"""A reading is paid for by a pause of so many times its length, so that watching never keeps a machine or a server busy."""


def watch(look: Callable[[], Report], first: Report, screen: Screen) -> None:
    """Read again until Ctrl-C, and print a line for each finding that appears or goes. An error is printed once, and waited out."""
    gc.enable()  # main turns it off for runs that end
    console.say("Watching; Ctrl-C ends it.")
    shortest = OF_FILES if first.source.kind == "files" and not first.source.is_in_cluster else OF_CLUSTER
    before, pause, said = _findings(first), shortest, ""
    while True:
        time.sleep(pause)
        started = time.monotonic()
        try:
            now = _findings(look())
        except MeshfixError as error:
            if error.message != said:
                console.print_error(error.message, error.hint)
            said = error.message
        else:
            if text := changes(before, now, screen, f"{datetime.now():%H:%M:%S}" + (" again" if said else "")):
                console.answer(text)
            before, said = now, ""
        pause = max(shortest, SHARE * (time.monotonic() - started))


Findings = dict[tuple[str | int, ...], Diagnosis]


def _findings(report: Report) -> Findings:
    """By what stays the same while lines move, and by their number where a file holds several copies of one object."""
    found: Findings = {}
    alike: Counter[tuple[str, ...]] = Counter()
    for row in report.active:
        key = (row.subject, row.code, row.steady_path or row.path, row.message, row.location.file if row.location else "")
        found[*key, alike[key]] = row
        alike[key] += 1
    return found


def changes(before: Findings, now: Findings, screen: Screen, moment: str) -> str:
    """A line for each finding that went (-) or appeared (+), and how many there are now; nothing where all is as it was."""
    gone = [_line("-", Style.ADDED, row, screen) for key, row in before.items() if key not in now]
    new = [_line("+", MARKS[row.severity][1], row, screen) for key, row in now.items() if key not in before]
    if not gone and not new:
        return ""
    return "\n".join([f"{moment}  {count(len(now), 'finding')}", *gone, *new]) + "\n"


def _line(sign: str, style: Style, row: Diagnosis, screen: Screen) -> str:
    place = f"{row.location.file}:{row.location.line}: " if row.location else ""
    return f"{screen.paint(f'{sign} {row.code}', style)} {safe_line(f'{place}{row.subject}: {row.message}')}"
