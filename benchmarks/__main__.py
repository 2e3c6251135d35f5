"""Ratios of one run: ``python -m benchmarks [--markdown] [PART]…``; docs/performance.md says how to read them.

Nothing here is compared with a number of another day or another machine. Each row is one of our commands against another one,
run in turn with it: istioctl (ISTIOCTL names it), kubectl and a cluster (KUBEBUILDER_ASSETS), the frozen program (FROZEN), or
the same command on less. What is not named is passed over, and said to be.
"""

import importlib
import os
import platform
import sys
from collections.abc import Callable, Iterator

from benchmarks import rows
from benchmarks.measuring import Measure, Result, Row, results

PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    part.__name__: part
    for part in (rows.start, rows.frozen, rows.files, rows.definitions, rows.linear, rows.cluster, rows.traces, rows.formats)
}
ASKED: dict[str, Callable[[], Iterator[Row]]] = {"scale": rows.scale}
"""Only where they are named: they take long."""

ALONE = ("shapes", "proxies")
"""Measured within one process, each by a table of its own."""

HEAD = "| what | against | compared | ours | theirs | ratio | of the pairs | budget |\n|---|---|---|---|---|---|---|---|"


def amount(measure: Measure, value: float) -> str:
    """With its unit."""
    return f"{value:.0f} MiB" if measure is Measure.PEAK else f"{value:.2f} s"


def cells(result: Result) -> list[str]:
    """A result as the cells of a table."""
    row, measure = result.row, result.measure
    verdict = result.verdict
    if measure is Measure.PEAK and row.most:
        verdict = f"{'within' if result.ours <= row.most else 'over'} {row.most:.0f} MiB"
    low, high = result.spread
    numbers = [amount(measure, result.ours), amount(measure, result.theirs), f"{result.ratio:.2f}", f"{low:.2f}-{high:.2f}"]
    return [row.what, row.against, measure.value, *numbers, verdict]


def plain(result: Result) -> str:
    """A result as a line of text."""
    what, against, compared, ours, theirs, ratio, spread, verdict = (cell.replace("`", "") for cell in cells(result))
    return f"{what}: {compared} {ratio} x {against} ({ours}, {theirs}; pairs {spread})  {verdict}".rstrip()


def machine() -> str:
    """What the numbers were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, {platform.system()}, Python {platform.python_version()}"


def main(words: list[str]) -> None:
    """Measure the named parts, or all but the long ones, and print each row as soon as it is known."""
    markdown = "--markdown" in words
    names = [word for word in words if word != "--markdown"] or list(PARTS)
    known = [*PARTS, *ASKED, *ALONE]
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"No part is named {', '.join(unknown)}: {', '.join(known)}.")
    print(f"{machine()}\n" + (f"\n{HEAD}" if markdown else ""), flush=True)
    for name in names:
        if name in ALONE:
            getattr(importlib.import_module(f"benchmarks.{name}"), name)()
            continue
        measured = False
        for row in (PARTS | ASKED)[name]():
            for result in results(row):
                measured = True
                print(f"| {' | '.join(cells(result))} |" if markdown else plain(result), flush=True)
            if row.theirs is None:
                print(f"{row.what}: skipped, {row.against} is not named", file=sys.stderr)
        if not measured:
            print(f"{name}: nothing measured; see the start of benchmarks/__main__.py for what it needs", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
