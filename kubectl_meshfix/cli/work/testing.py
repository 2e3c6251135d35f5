"""From flags to a run of expectations: which files, which mesh, and what happens to each."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from kubectl_meshfix.cli import environment
from kubectl_meshfix.cli.flags.formats.expectations import ExpectationFormat
from kubectl_meshfix.cli.flags.options import ConnectionFlags, SourceFlags
from kubectl_meshfix.cli.work.tracing import read
from kubectl_meshfix.errors import ExitCode, UsageError
from kubectl_meshfix.expectations.coverage import coverage
from kubectl_meshfix.expectations.running import run, wanted_kinds
from kubectl_meshfix.expectations.terms import Expectation, Verdict
from kubectl_meshfix.governance.config_files import text_of
from kubectl_meshfix.governance.expectations.reading import parse_expectations
from kubectl_meshfix.render.expectations import document, github, junit, markdown
from kubectl_meshfix.render.expectations.words import Run
from kubectl_meshfix.render.report import locations
from kubectl_meshfix.render.text import machine

_ENDS = (".yaml", ".yml", ".json")


def run_files(words: Sequence[str], connection: ConnectionFlags, where: SourceFlags) -> Run:
    """What happens to the expectations of all files. The mesh is read once, after every file is understood. Raises MeshfixError."""
    found = [item for file in files_of(words) for item in parse_expectations(text_of(file, "a file of expectations"), file)]
    source, namespace = read(connection, where, wanted_kinds(found))
    placed = [_placed(item, namespace) for item in found]
    outcomes = tuple(run(source.snapshot.meshes, placed))
    traces = [result.trace for outcome in outcomes for result in outcome.results if result.trace]
    return Run(outcomes, coverage(source.snapshot.meshes, traces, namespace))


def _placed(item: Expectation, namespace: str | None) -> Expectation:
    """An expectation that names no namespace is of that of the run."""
    return item if item.namespace else msgspec.structs.replace(item, namespace=namespace)


def files_of(words: Sequence[str]) -> Iterator[str]:
    """The files that words name; of a folder those that end like YAML or JSON. Raises UsageError for a folder without any."""
    for word in words:
        if not os.path.isdir(word):  # noqa: PTH112 -- pathlib's raises for a name that is too long
            yield word
            continue
        found = sorted(str(path) for path in Path(word).iterdir() if path.suffix in _ENDS and path.is_file())
        if not found:
            raise UsageError(f"The folder {word} holds no files of expectations.", "To write one: kubectl meshfix test --init FILE.")
        yield from found


def rendered(found: Run, output: ExpectationFormat) -> str:
    """A run in a format for programs or CI systems."""
    match output:
        case ExpectationFormat.JSON:
            return machine.as_json(document.document(found))
        case ExpectationFormat.YAML:
            return machine.as_yaml(document.document(found))
        case ExpectationFormat.JUNIT:
            return junit.junit(found, _place())
        case ExpectationFormat.GITHUB:
            return github.github(found, _place())
        case _:
            return markdown.markdown(found)


def exit_code(found: Run) -> ExitCode:
    """An expectation that could not be checked is an error, whatever the others are."""
    verdicts = {row.verdict for row in found.results}
    if Verdict.ERROR in verdicts:
        return ExitCode.ERROR
    return ExitCode.OK if verdicts <= {Verdict.HOLDS} else ExitCode.FINDINGS


def _place() -> locations.Run:
    folder = Path.cwd()
    return locations.Run(folder=folder.as_posix(), root=environment.root(folder).as_posix(), finished=environment.now())
