"""``python -m tests.mutants``, which is ``make mutants``: how many of a sample of changes the tests notice, folder by folder."""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from tests.mutants.changes import Change, changes
from tests.mutants.plugin import CHOSEN, FAILED
from tests.mutants.record import KEPT, ROOT, Calls, calls, copied, pytest

FOLDERS = ("mesh", "injection", "rules", "fixes", "targets", "documents", "sources", "port_protocols", "traffic", "validation")
PROCESSES = 2


class Mutant(NamedTuple):
    """A change of a module, whose path is from the root of the tree, and how it is shown."""

    path: str
    change: Change
    shown: str

    @property
    def folder(self) -> str:
        """The folder of the package."""
        return Path(self.path).parts[1]


def mutants_of(path: str) -> list[Mutant]:
    """All mutants of a module."""
    source = (ROOT / path).read_bytes()
    return [Mutant(path, change, f"{path}:{change.shown(source)}") for change in changes(source)]


def drawn(folder: str, count: int, seed: int) -> Iterator[Mutant]:
    """So many mutants of a folder: a kind of change is drawn first, then one of that kind."""
    rng = random.Random(f"{seed}/{folder}")
    kinds: dict[str, list[Mutant]] = {}
    for path in sorted((ROOT / "kubectl_meshfix" / folder).rglob("*.py")):
        for mutant in mutants_of(str(path.relative_to(ROOT))):
            kinds.setdefault(mutant.change.kind, []).append(mutant)
    for _ in range(count):
        if not kinds:
            return
        kind = rng.choice(sorted(kinds))
        yield kinds[kind].pop(rng.randrange(len(kinds[kind])))
        kinds = {name: left for name, left in kinds.items() if left}


def stages(mutant: Mutant, known: Calls, seconds: float) -> Iterator[tuple[list[str], float]]:
    """Two lists of tests with their seconds: of the mirrored folder, those that call the module; then all others that call the function.

    In each, those that call the function come first, and of these the quickest. What is in no function may be noticed by any test.
    """
    function = f"{mutant.path}:{mutant.change.owner}"
    passed = {test: names for test, (_, names) in known.items() if names is not None}
    mirrored = {test for test in passed if test.startswith(f"tests/{mutant.folder}/")}
    module = {test for test, names in passed.items() if any(name.startswith(f"{mutant.path}:") for name in names)} or passed.keys()
    callers = {test for test in module if function in passed[test]}
    own = (module & mirrored if callers else mirrored) or mirrored
    callers = callers or {*module}
    for tests in (own, callers - own):
        left, chosen = seconds, []
        for test in sorted(tests, key=lambda test: (test not in callers, known[test][0])):
            left -= known[test][0]
            if left < 0:
                break
            chosen.append(test)
        if chosen:
            yield chosen, seconds - max(left, 0)


def ended(tree: Path, tests: Sequence[str], seconds: float, known: Calls) -> list[str] | None:
    """The first of these tests that fails in a copy of the tree, if one does; None where they do not end, or cannot even be collected."""
    files = dict.fromkeys(test.split("::")[0] for test in tests)
    chosen, failed = tree / "chosen", tree / "failed"
    chosen.write_text(json.dumps({"tests": tests, "known": [test for test in known if test.split("::")[0] in files]}), "utf-8")
    failed.unlink(missing_ok=True)
    try:
        code = pytest(tree, "-x", *files, environment={CHOSEN: str(chosen), FAILED: str(failed)}, timeout=seconds)
    except subprocess.TimeoutExpired:
        return None
    found: list[str] = json.loads(failed.read_text("utf-8")) if failed.exists() else []
    return found if found or code == 0 else None


def noticed(mutant: Mutant, tree: Path, known: Calls, seconds: float, broken: set[str]) -> bool:
    """Whether a test fails, or does not end, with the mutant in a copy of the tree, and does not without it.

    What was recorded of a test may be older than the code, and one that measures time may fail where the machine is busy; such tests
    are added to the ``broken`` ones, which are not run again.
    """
    path = tree / mutant.path
    source = path.read_bytes()
    for tests, needed in stages(mutant, known, seconds):
        left, limit = [test for test in tests if test not in broken], 120 + 10 * needed
        while left:
            path.write_bytes(mutant.change.of(source))
            try:
                failed = ended(tree, left, limit, known)
            finally:
                path.write_bytes(source)
            if failed == []:
                break
            if failed is None or not ended(tree, failed, limit, known):
                return True
            broken.update(failed)
            rest = [test for test in left if test not in broken]
            if len(rest) == len(left):  # the others have passed: a test that is not among them runs last
                break
            left = rest
    return False


def tried(mutants: Iterable[Mutant], seconds: float) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant with whether it was noticed; two at a time, each in a copy of the tree of its own."""
    known = calls()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(PROCESSES) as pool:
        trees: SimpleQueue[Path] = SimpleQueue()
        broken: set[str] = set()
        for number in range(PROCESSES):
            trees.put(copied(Path(folder) / str(number)))

        def one(mutant: Mutant) -> tuple[Mutant, bool]:
            tree = trees.get()
            try:
                return mutant, noticed(mutant, tree, known, seconds, broken)
            finally:
                trees.put(tree)

        yield from pool.map(one, mutants)


def _identity(mutant: Mutant) -> tuple[str, ...]:
    """What is the same after an edit elsewhere in the module."""
    return mutant.path, mutant.change.owner, mutant.shown.partition(": ")[2]


def folders(text: str) -> list[str]:
    """The folders of the package that a flag names. Raises ArgumentTypeError for one that is none."""
    names = text.split(",")
    if unknown := [name for name in names if name not in FOLDERS]:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)} is none of {', '.join(FOLDERS)}")
    return names


def main() -> None:
    """Draw, try, and tell what nobody noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--sample", type=int, default=40, help="mutants of each folder (40)")
    parser.add_argument("--seed", type=int, default=1, help="which sample (1)")
    parser.add_argument("--folders", type=folders, default=",".join(FOLDERS), help="folders of the package, with commas between")
    parser.add_argument("--seconds", type=float, default=60, help="at most so many seconds of tests, twice for each mutant (60)")
    parser.add_argument("--again", action="store_true", help="only those that nobody noticed the last time")
    flags = parser.parse_args()
    mutants = [mutant for folder in flags.folders for mutant in drawn(folder, flags.sample, flags.seed)]
    kept = KEPT / "unnoticed.json"
    if flags.again:
        last = {tuple(entry) for entry in json.loads(kept.read_text("utf-8"))}
        everything = (mutant for path in sorted({path for path, *_ in last}) for mutant in mutants_of(path))
        mutants = [mutant for mutant in everything if _identity(mutant) in last]
    counts: dict[str, Counter[bool]] = {}
    unnoticed: list[Mutant] = []
    for mutant, was in tried(mutants, flags.seconds):
        counts.setdefault(mutant.folder, Counter())[was] += 1
        if not was:
            unnoticed.append(mutant)
            sys.stdout.write(f"{mutant.shown}\n")
            sys.stdout.flush()
    kept.write_text(json.dumps([_identity(mutant) for mutant in unnoticed]), "utf-8")
    for folder, count in counts.items():
        sys.stdout.write(f"{folder:<16} {count.total():4} mutants {count[True]:4} noticed {count[True] / count.total():5.0%}\n")


if __name__ == "__main__":
    main()
