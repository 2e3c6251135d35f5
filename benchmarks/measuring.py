"""What a command costs, and what it costs against another one: pairs run in turn, medians, ratios."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from kubectl_meshfix.resources.meta import Struct

Command = Sequence[str]

FOUND = frozenset({0, 1, 79})
"""Exit codes of a run that came to its end: ours with findings is 1, that of ``istioctl analyze`` 79."""

COMPILED = tempfile.TemporaryDirectory()
"""Where Python keeps what it compiled: an installed program is compiled once, not at each run."""

UNFAIR = frozenset({"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"})
"""Settings of a developer that nobody has who runs an installed program."""


class Measure(StrEnum):
    """What is compared."""

    CPU = "CPU"
    WALL = "wall"
    PEAK = "memory"


class Cost(Struct, frozen=True):
    """Of one run: CPU seconds (user and system, children included), wall seconds, and the peak MiB of its largest process."""

    cpu: float
    wall: float
    peak: float

    def of(self, measure: Measure) -> float:
        """The number that a measure asks for."""
        return {Measure.CPU: self.cpu, Measure.WALL: self.wall, Measure.PEAK: self.peak}[measure]


class Row(Struct, frozen=True):
    """One line of the table: a command of ours against another command, and how much of its cost ours may take.

    A budget of None says that the ratio is only told. ``theirs`` is None where the other program is not on this machine.
    ``most`` limits the peak of ours, in MiB. ``environment`` is added to that of both commands.
    """

    what: str
    ours: Command
    against: str
    theirs: Command | None
    budgets: Mapping[Measure, float | None]
    most: float | None = None
    environment: Mapping[str, str] = {}
    rounds: int = 3


class Result(Struct, frozen=True):
    """A row's numbers in one measure: the medians of both commands and the median of the ratios, pair by pair."""

    row: Row
    measure: Measure
    ours: float
    theirs: float
    ratio: float
    spread: tuple[float, float]

    @property
    def verdict(self) -> str:
        """Whether the budget holds; empty where there is none."""
        budget = self.row.budgets[self.measure]
        return "" if budget is None else f"{'within' if self.ratio <= budget else 'over'} {budget:.2f}"


def cost(command: Command, environment: Mapping[str, str]) -> Cost:
    """Run a command whose output is thrown away; findings are no failure, anything else ends the benchmark."""
    started = time.perf_counter()
    whole = {name: value for name, value in os.environ.items() if name not in UNFAIR} | {
        "PYTHONPYCACHEPREFIX": COMPILED.name,
        **environment,
    }
    try:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=whole)
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in FOUND:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return Cost(cpu=usage.ru_utime + usage.ru_stime, wall=time.perf_counter() - started, peak=usage.ru_maxrss / 1024)


def results(row: Row) -> Iterator[Result]:
    """Both commands in turn, once without counting (caches fill) and then a few rounds; a result for each measure."""
    if row.theirs is None:
        return
    pairs = [(cost(row.ours, row.environment), cost(row.theirs, row.environment)) for _ in range(row.rounds + 1)][1:]
    for measure in row.budgets:
        ours, theirs = ([pair[side].of(measure) for pair in pairs] for side in (0, 1))
        ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
        yield Result(
            row=row,
            measure=measure,
            ours=statistics.median(ours),
            theirs=statistics.median(theirs),
            ratio=statistics.median(ratios),
            spread=(min(ratios), max(ratios)),
        )
