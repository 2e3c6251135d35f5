"""Which functions each test calls: recorded once for each file of tests, and kept in ``build/mutants`` until the file changes."""

import ast
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

from tests.mutants.plugin import CALLS, SEEN

Calls: TypeAlias = Mapping[str, tuple[float, frozenset[str] | None]]
"""Of each test, by its id: its seconds, and ``path:qualified name`` of each function that it calls; None for one that does not pass."""

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "build" / "mutants"
_IGNORED = shutil.ignore_patterns(".git", ".venv", "build", "dist", ".hypothesis", ".*_cache")


def copied(folder: Path) -> Path:
    """A copy of the tree in a folder."""
    shutil.copytree(ROOT, folder, ignore=_IGNORED)
    return folder


def pytest(tree: Path, *arguments: str, environment: Mapping[str, str], timeout: float | None = None) -> int:
    """Pytest's exit code in a copy of the tree. ``subprocess.TimeoutExpired`` where it takes longer."""
    command = [sys.executable, "-m", "pytest", "-p", "tests.mutants.plugin", "-p", "no:cacheprovider", *arguments]
    variables = {**os.environ, **environment, "PYTHONPATH": str(tree)}
    variables.pop("KUBEBUILDER_ASSETS", None)
    with subprocess.Popen(
        command,
        cwd=tree,
        env=variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            raise


def _noting(path: str, source: str) -> str:
    """A module each of whose functions notes that it is called."""
    tree = ast.parse(source)

    def visit(node: ast.AST, owner: str) -> None:
        for child in ast.iter_child_nodes(node):
            name = (
                f"{owner}.{child.name}".lstrip(".") if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else owner
            )
            visit(child, name)
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                place = 1 if ast.get_docstring(child, clean=False) is not None else 0
                child.body.insert(place, ast.parse(f"__import__({SEEN!r})._seen.seen.add({f'{path}:{name}'!r})").body[0])

    visit(tree, "")
    return ast.unparse(tree)


def _run(files: list[str], folder: Path) -> dict[str, tuple[float, list[str] | None]]:
    tree = copied(folder)
    for path in (tree / "kubectl_meshfix").rglob("*.py"):
        path.write_text(_noting(str(path.relative_to(tree)), path.read_text("utf-8")), "utf-8")
    (tree / "kubectl_meshfix" / "_seen.py").write_text("seen: set[str] = set()\n", "utf-8")
    noted = folder.with_suffix(".json")
    pytest(tree, *files, environment={CALLS: str(noted)})
    return json.loads(noted.read_text("utf-8")) if noted.exists() else {}


def files_of_tests() -> list[str]:
    """The files of tests that may notice a change, by their paths from the root."""
    files = (path.relative_to(ROOT) for path in sorted((ROOT / "tests").rglob("test_*.py")))
    return [str(path) for path in files if path.parts[1] not in {"krew", "mutants"}]


def calls() -> Calls:
    """What each test calls; only files of tests that are new or changed are run."""
    kept = KEPT / "calls.json"
    known = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    digests = {path: hashlib.sha256((ROOT / path).read_bytes()).hexdigest() for path in files_of_tests()}
    known = {file: entry for file, entry in known.items() if entry["digest"] == digests.get(file)}
    missing = sorted(digests.keys() - known.keys())
    if missing:
        sys.stderr.write(f"Noting which functions the tests of {len(missing)} files call …\n")
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
            halves = [(missing[index::2], Path(folder) / str(index)) for index in range(2) if missing[index::2]]
            tests = {test: entry for half in pool.map(lambda half: _run(*half), halves) for test, entry in half.items()}
        for file in missing:
            known[file] = {"digest": digests[file], "tests": {test: entry for test, entry in tests.items() if test.split("::")[0] == file}}
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(known), "utf-8")
    rows = (row for entry in known.values() for row in entry["tests"].items())
    return {test: (seconds, None if names is None else frozenset(names)) for test, (seconds, names) in rows}
