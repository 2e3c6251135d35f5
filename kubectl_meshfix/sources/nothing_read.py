"""Why nothing was checked, in one sentence: a run that looked at nothing is not a clean one."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from kubectl_meshfix.documents.reading.read import read
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.mesh.problems import Problem
from kubectl_meshfix.resources import kinds
from kubectl_meshfix.sources.manifest_files import Texts, is_manifest_name
from kubectl_meshfix.sources.manifest_objects import is_manifest

CHART = "Chart.yaml"

MOST = 3
"""Kinds that are named."""

NAME_SOME = "Name manifests (.yaml, .yml, .json), a directory of them (-R goes into its folders), or - for standard input."


def nothing_read(paths: Sequence[str], texts: Texts, problems: Sequence[Problem], *, recursive: bool) -> UsageError:
    """The error for paths that hold no object that any rule reads: what was there instead, and what to do about it."""
    where = ", ".join("this folder" if path == "." else path for path in paths)
    if failed := next((problem for problem in texts.problems if problem.kept_by), None):
        hint = "Put helm on the path." if failed.kept_by == "no helm" else f"Check it with: {failed.command}"
        return UsageError(f"Nothing was checked in {where}: {failed.reason}.", hint)
    others = Counter(_kinds(texts.texts.values()))
    unfilled = [problem for problem in problems if problem.hides and problem.level == "info"]
    charts = [Path(name).parent for name in texts.texts if Path(name).name == CHART]
    there = [
        *([_counted(len(charts), "Helm chart", "Helm charts")] if charts else []),
        *([f"{_counted(len(unfilled), 'file', 'files')} with placeholders that are not filled in"] if unfilled else []),
        *([f"{', '.join(sorted(others)[:MOST])}{' and other kinds' if len(others) > MOST else ''}, which no rule reads"] if others else []),
        *([f"{_counted(texts.ignored, 'path', 'paths')} that .gitignore names"] if texts.ignored else []),
    ]
    if there:
        verb = "are" if there[0][0].isdigit() and not there[0].startswith("1 ") else "is"
        return UsageError(f"Nothing was checked in {where}: there {verb} {' and '.join(there)}.", _way_out(charts, texts))
    below = "" if recursive else next((path for path in paths if _has_more_below(Path(path))), "")
    hint = f"The folders in {below} hold files: add -R to read them." if below else NAME_SOME
    return UsageError(f"There is no Kubernetes object in {where}.", hint)


def _way_out(charts: Sequence[Path], texts: Texts) -> str:
    if charts:
        return f"Render it first: helm template {charts[0]} | kubectl meshfix diagnose -f - (or add --helm)"
    return "Files that .gitignore names are read with --no-ignore, and those that you name." if texts.ignored else NAME_SOME


def _kinds(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if "apiVersion" in text:
            values = (document.value for document in read(text).documents if is_manifest(document.value))
            names = ((str(value["apiVersion"]), str(value.get("kind") or "")) for value in values)
            yield from (kind for api_version, kind in names if kind and not _is_judged(api_version, kind))


def _is_judged(api_version: str, kind: str) -> bool:
    found = kinds.of(api_version, kind)
    return found is not None and found not in kinds.UNJUDGED


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _has_more_below(folder: Path) -> bool:
    try:
        return any(is_manifest_name(file.name) for inner in folder.iterdir() if inner.is_dir() for file in inner.iterdir())
    except OSError:
        return False
