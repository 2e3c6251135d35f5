"""The rows that are measured: each function prepares its input, yields its rows one by one, and cleans up behind itself."""

import os
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks import filling, world
from benchmarks.measuring import Command, Measure, Row
from kubectl_meshfix.cli.work.formats import MODULES
from tests.cluster.server import Server, assets, running

PROGRAM = "from kubectl_meshfix.cli.start import main; main()"

IMPORT = [sys.executable, "-c", "import typer"]
PARSE = """
import pathlib, sys, yaml
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    list(yaml.load_all(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
"""

TOLD: dict[Measure, float | None] = {Measure.CPU: None}
"""Of a row that has no budget."""


def meshfix(*words: str) -> Command:
    """A command of ours, run by this Python."""
    return [sys.executable, "-c", PROGRAM, *words]


def diagnosed(folder: str, *words: str) -> Command:
    """``diagnose`` of a folder."""
    return meshfix("diagnose", "-f", folder, "-o", "json", *words)


def analyzed(*words: str) -> Command | None:
    """``istioctl analyze``, with time enough to read everything; None where ISTIOCTL names no program."""
    program = os.environ.get("ISTIOCTL")
    return [program, "analyze", "--timeout", "10m", *words] if program else None


def start() -> Iterator[Row]:
    """What is paid before any work, against importing the framework that reads the command line."""
    complete = [sys.executable, "-c", "from kubectl_meshfix.cli.completion.answer import main; main()", "diagnose", "--select", "MF1"]
    commands = {"`--help`": (meshfix("--help"), 1.2), "`rules`": (meshfix("rules"), None), "a TAB after `--select MF1`": (complete, None)}
    for what, (command, budget) in commands.items():
        yield Row(what, command, "`import typer`", IMPORT, {Measure.CPU: budget}, rounds=9)
    with tempfile.TemporaryDirectory() as folder:
        world.write_manifests(Path(folder), 1)
        yield Row("`diagnose -f`, one small file", diagnosed(folder), "`import typer`", IMPORT, {Measure.CPU: 2.5}, rounds=9)


def frozen() -> Iterator[Row]:
    """The program as it is shipped, which needs no Python, against the installed one: its start, and one small file."""
    program = os.environ.get("FROZEN")
    with tempfile.TemporaryDirectory() as folder:
        world.write_manifests(Path(folder), 1)
        for what, words in {"`--help`": ["--help"], "one small file": ["diagnose", "-f", folder, "-o", "json"]}.items():
            ours = [program, *words] if program else []
            theirs = meshfix(*words) if program else None
            yield Row(f"the frozen program, {what}", ours, "the installed one", theirs, {Measure.CPU: 1.1}, rounds=9)


def files() -> Iterator[Row]:
    """A thousand manifests: against istioctl, against nothing but parsing, and what a plan of fixes costs more."""
    with tempfile.TemporaryDirectory() as folder:
        world.write_manifests(Path(folder), 1_000)
        limits: dict[Measure, float | None] = {Measure.CPU: 0.5, Measure.PEAK: 0.5}
        what = "`diagnose -f`, 1,000 manifests"
        yield Row(what, diagnosed(folder), "`istioctl analyze --use-kube=false`", analyzed("--use-kube=false", "-A", folder), limits)
        yield Row(what, diagnosed(folder), "parsing them with libyaml", [sys.executable, "-c", PARSE, folder], TOLD)
        planned = meshfix("apply", "--dry-run", "-f", folder)
        yield Row("`apply -f --dry-run`, 1,000 manifests", planned, "`diagnose` of them", diagnosed(folder), TOLD)


def definitions() -> Iterator[Row]:
    """A repository of an operator: twenty times as many bytes of CustomResourceDefinitions as of manifests."""
    with tempfile.TemporaryDirectory() as folder:
        size = world.write_manifests(Path(folder), 1_715)
        with tempfile.TemporaryDirectory() as other:
            world.write_manifests(Path(other), 1_715)
            size += world.write_definitions(Path(folder, "crds"), 19 * size)
            what = f"`diagnose -f -R`, {size / 1e6:.0f} MB, 95 % of them CustomResourceDefinitions"
            measures: dict[Measure, float | None] = {Measure.CPU: 1.5, Measure.PEAK: None}
            yield Row(what, diagnosed(folder, "-R"), "the same without them", diagnosed(other, "-R"), measures)


def linear() -> Iterator[Row]:
    """Twice the manifests."""
    with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as half:
        world.write_manifests(Path(whole), 4_000)
        world.write_manifests(Path(half), 2_000)
        measures: dict[Measure, float | None] = {Measure.CPU: 2.1, Measure.PEAK: None}
        yield Row("`diagnose -f`, 4,000 manifests", diagnosed(whole), "2,000 manifests", diagnosed(half), measures)


def traces() -> Iterator[Row]:
    """One request on a thousand objects, and ten thousand on a hundred workloads, each against ``diagnose`` of the same files."""
    with tempfile.TemporaryDirectory() as folder:
        world.write_manifests(Path(folder), 250)
        one = meshfix("trace", "-f", folder, "deploy/app-00000", "http://app-00001/api", "-n", world.namespace_of(0))
        yield Row("`trace -f`, 1,000 objects", one, "`diagnose` of them", diagnosed(folder), TOLD)
    with tempfile.TemporaryDirectory() as folder:
        world.write_manifests(Path(folder), 100)
        all_pairs = meshfix("trace", "-f", folder, "--matrix", "deploy", "-o", "json")
        yield Row("`trace --matrix`, 100 workloads by 100 Services", all_pairs, "`diagnose` of them", diagnosed(folder), TOLD, rounds=1)


def formats() -> Iterator[Row]:
    """Ten thousand findings in every format."""
    with tempfile.TemporaryDirectory() as folder:
        world.write_findings(Path(folder), 10_000)
        measures: dict[Measure, float | None] = {Measure.CPU: None, Measure.PEAK: None}
        for name in ("table", "yaml", *MODULES):
            command = meshfix("diagnose", "-f", folder, "-o", name)
            yield Row(f"10,000 findings, `-o {name}`", command, "`-o json`", diagnosed(folder), measures, rounds=1)


def cluster() -> Iterator[Row]:
    """Ten thousand pods and two thousand Services with their routes, and half of that."""
    with ExitStack() as stack:
        servers = [filled(stack, services, services * 5) for services in (2_000, 1_000)]
        if None in servers:
            return
        whole, half = (server for server in servers if server)
        what = "`diagnose -A`, 10,000 pods, 2,000 Services"
        limits: dict[Measure, float | None] = {Measure.CPU: 0.5, Measure.PEAK: 0.5}
        yield Row(what, on(whole), "`istioctl analyze -A`", analyzed("-A", "--kubeconfig", str(whole.kubeconfig())), limits)
        wall: dict[Measure, float | None] = {Measure.WALL: 1.2}
        yield Row(what, on(whole), "`kubectl get --raw` of the same lists", downloads(whole, world.LISTS), wall, rounds=5)
        some = downloads(whole, world.HELD)
        yield Row(what, on(whole), "`kubectl get --raw` of the six that hold something", some, {Measure.WALL: None}, rounds=5)
        yield Row(what, on(whole), "half of it", on(half), {Measure.CPU: 2.1, Measure.PEAK: None})


def scale() -> Iterator[Row]:
    """A hundred thousand pods and twenty thousand Services, against a fifth: half an hour when idle, and 10 GB for the servers."""
    with ExitStack() as stack:
        servers = [filled(stack, services, services * 5) for services in (20_000, 4_000)]
        if None in servers:
            return
        whole, fifth = (server for server in servers if server)
        what = "`diagnose -A`, 100,000 pods, 20,000 Services"
        yield Row(what, on(whole), "a fifth of it", on(fifth), {Measure.CPU: 5.5, Measure.PEAK: None}, most=1.2 * 1024)


def filled(stack: ExitStack, services: int, pods: int) -> Server | None:
    """An API server with that many objects, stopped with the stack; None where KUBEBUILDER_ASSETS names no kube-apiserver."""
    binaries = assets()
    if binaries is None:
        return None
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    server = stack.enter_context(running(binaries, Path(folder)))
    filling.fill(server, services=services, pods=pods)
    return server


def on(server: Server) -> Command:
    """``diagnose -A`` of a server."""
    return meshfix("diagnose", "-A", "-o", "json", "--kubeconfig", str(server.kubeconfig()))


def downloads(server: Server, paths: Sequence[str]) -> Command:
    """Fetch lists, whole, one after the other: a kubectl for each."""
    kubectl = [str(server.binaries / "kubectl"), "--kubeconfig", str(server.kubeconfig()), "get", "--raw"]
    return ["sh", "-ec", "\n".join(shlex.join([*kubectl, path]) for path in paths)]
