"""Ratios of one run: ``python -m benchmarks [start|files|traces|formats|cluster|linear]…``; the cluster needs KUBEBUILDER_ASSETS.

Nothing here is compared with a number of another day or another machine. Each line is one of our commands against something
everybody knows the price of, measured in the same minute: downloading the same lists with ``kubectl get --raw``, parsing the
same files with libyaml, importing typer, or the same command on half as much.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from benchmarks import world
from kubectl_meshfix.cli.work.formats import MODULES
from tests.cluster.server import Server, assets, running

MESHFIX = [sys.executable, "-c", "from kubectl_meshfix.cli.start import main; main()"]
ROUNDS = 3


def measured(command: list[str], env: dict[str, str] | None = None) -> tuple[float, float]:
    """Seconds and peak MiB of a command whose output is thrown away; findings (exit code 1) are no failure."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def timed(command: list[str], env: dict[str, str] | None = None) -> float:
    """Seconds of a command."""
    return measured(command, env)[0]


def median(work: Callable[[], float]) -> float:
    """The median of a few rounds."""
    return statistics.median(work() for _ in range(ROUNDS))


def report(what: str, ours: float, theirs: float, against: str) -> None:
    """One line."""
    sys.stdout.write(f"{what:<44} {ours:7.2f} s   {ours / theirs:5.2f} x {against} ({theirs:.2f} s)\n")
    sys.stdout.flush()


def start() -> None:
    """What is paid before any work: the help, against nothing but the framework that prints it."""
    bare = median(lambda: timed([sys.executable, "-c", "import typer"]))
    for words in (["--help"], ["diagnose", "--help"], ["rules"]):
        report(" ".join(["kubectl meshfix", *words]), median(lambda words=words: timed([*MESHFIX, *words])), bare, "import typer")  # type: ignore[misc]
    complete = [sys.executable, "-c", "from kubectl_meshfix.cli.start import complete; complete()", "diagnose", "--select", "MF1"]
    report("a TAB after --select MF1", median(lambda: timed(complete)), bare, "import typer")


def files() -> None:
    """A thousand manifests, against libyaml alone."""
    with tempfile.TemporaryDirectory() as folder:
        world.write_manifests(Path(folder), 1_000)
        texts = [path.read_text() for path in sorted(Path(folder).iterdir())]

        def parse() -> float:
            started = time.perf_counter()
            for text in texts:
                list(yaml.load_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
            return time.perf_counter() - started

        ours = median(lambda: timed([*MESHFIX, "diagnose", "-f", folder, "-o", "json"]))
        report(f"diagnose -f, 1,000 files ({sum(map(len, texts)) / 1e6:.1f} MB)", ours, median(parse), "parsing with libyaml")


def traces() -> None:
    """One request on a thousand objects, and ten thousand on a hundred workloads, each against ``diagnose`` of the same files."""
    with tempfile.TemporaryDirectory() as folder:
        world.write_manifests(Path(folder), 250)
        words = ["deploy/app-00000", "http://app-00001/api", "-n", world.namespace_of(0)]
        diagnosed = median(lambda: timed([*MESHFIX, "diagnose", "-f", folder, "-o", "json"]))
        report("trace -f, 1,000 objects", median(lambda: timed([*MESHFIX, "trace", "-f", folder, *words])), diagnosed, "diagnose")
    with tempfile.TemporaryDirectory() as folder:
        world.write_manifests(Path(folder), 100)
        diagnosed = median(lambda: timed([*MESHFIX, "diagnose", "-f", folder, "-o", "json"]))
        seconds = timed([*MESHFIX, "trace", "-f", folder, "--matrix", "deploy", "-o", "json"])
        report("trace --matrix, 100 workloads by 100 Services", seconds, diagnosed, "diagnose")


def formats() -> None:
    """Ten thousand findings in every format, against JSON."""
    with tempfile.TemporaryDirectory() as folder:
        world.write_findings(Path(folder), 10_000)
        runs = {name: measured([*MESHFIX, "diagnose", "-f", folder, "-o", name]) for name in ("json", "table", "yaml", *MODULES)}
    for name, (seconds, peak) in runs.items():
        report(f"10,000 findings, -o {name} ({peak:.0f} MiB)", seconds, runs["json"][0], "-o json")


def linear() -> None:
    """Twice the manifests."""
    seconds = []
    for number in (2_000, 4_000):
        with tempfile.TemporaryDirectory() as folder:
            world.write_manifests(Path(folder), number)
            seconds.append(median(lambda folder=folder: timed([*MESHFIX, "diagnose", "-f", folder, "-o", "json"])))  # type: ignore[misc]
    report("diagnose -f, 4,000 files", seconds[1], seconds[0], "2,000 files")


def cluster() -> None:
    """Ten thousand pods and two thousand Services, against downloading the same lists."""
    binaries = assets()
    if binaries is None:
        sys.stdout.write("cluster: skipped, KUBEBUILDER_ASSETS names no kube-apiserver\n")
        return
    seconds, peak = [], 0.0
    for services in (1_000, 2_000):
        with tempfile.TemporaryDirectory() as folder, running(binaries, Path(folder)) as server:
            world.fill(server, services=services, pods=services * 5)
            env = os.environ | {"KUBECONFIG": str(server.kubeconfig())}
            runs = [measured([*MESHFIX, "diagnose", "-A", "-o", "json"], env) for _ in range(ROUNDS)]
            ours, peak = statistics.median(run[0] for run in runs), max(run[1] for run in runs)
            download = median(lambda server=server: downloads(server))  # type: ignore[misc]
            seconds.append(ours)
            report(f"diagnose -A, {services * 5:,} pods, {services:,} Services", ours, download, "kubectl get --raw of the same lists")
    report("diagnose -A, twice the cluster", seconds[1], seconds[0], "half of it")
    sys.stdout.write(f"{'peak memory, the larger cluster':<44} {peak:7.0f} MiB\n")


def downloads(server: Server) -> float:
    """Seconds to fetch every list that diagnose reads, whole, one after the other."""
    return sum(
        timed([str(server.binaries / "kubectl"), "--kubeconfig", str(server.folder / "admin.kubeconfig"), "get", "--raw", path])
        for path in world.LISTS
    )


if __name__ == "__main__":
    parts = {"start": start, "files": files, "traces": traces, "formats": formats, "linear": linear, "cluster": cluster}
    for name in sys.argv[1:] or parts:
        parts[name]()
