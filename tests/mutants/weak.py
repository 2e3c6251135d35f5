"""``python -m tests.mutants.weak``, which is ``make mutants WEAK=yes``: the changes that no test can notice, of all changes in one run.

Weak mutation (W. E. Howden, 1982) asks less of a test than ``make mutants``: not that it fails with a change, but that the condition around
the change comes out otherwise, once. All changes are asked about in one run of the tests. What no test tells apart here, none notices.
"""

import argparse
import ast
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple, TypeAlias

from tests.mutants.__main__ import FOLDERS, folders
from tests.mutants.changes import Change, changes
from tests.mutants.judging import FOLDER
from tests.mutants.record import copied, files_of_tests, pytest

_CONDITIONS = (ast.Compare, ast.BoolOp, ast.UnaryOp, ast.BinOp, ast.Tuple, ast.List, ast.Set, ast.Subscript, ast.Slice)
"""What is judged as a whole: a change in a part counts where the whole comes out otherwise."""

_OWN_SCOPE = (ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await)
"""What cannot stand in a lambda, as ``super`` cannot: changes beside them are left out."""

Span: TypeAlias = tuple[int, int]


class Condition(NamedTuple):
    """An expression that is judged as a whole, and whether only its truth counts."""

    span: Span
    is_test: bool


class _Conditions:
    """The condition around each expression of a module."""

    def __init__(self, source: bytes) -> None:
        self.lines = [0, *accumulate(len(line) for line in source.splitlines(keepends=True))]
        self.around: dict[Span, Condition] = {}
        self.visit(ast.parse(source), None)

    def visit(self, node: ast.AST, whole: Condition | None) -> None:
        """Note the expressions below a node, of which ``whole`` is the condition around."""
        tests = [getattr(node, "test", None), getattr(node, "guard", None), *getattr(node, "ifs", ())]
        for child in ast.iter_child_nodes(node):
            inner = whole if isinstance(node, _CONDITIONS) or (isinstance(node, ast.Call) and child is node.func) else None
            if isinstance(child, ast.expr) and not isinstance(node, ast.pattern):
                assert child.end_lineno is not None
                assert child.end_col_offset is not None
                span = self.lines[child.lineno - 1] + child.col_offset, self.lines[child.end_lineno - 1] + child.end_col_offset
                is_value = isinstance(getattr(child, "ctx", ast.Load()), ast.Load) and not isinstance(child, ast.Slice | ast.Starred)
                if inner is None and is_value and _is_movable(child):
                    inner = Condition(span, child in tests)
                if inner:
                    self.around.setdefault(span, inner)
            self.visit(child, inner)


def _is_movable(node: ast.expr) -> bool:
    return not any(isinstance(below, _OWN_SCOPE) or (isinstance(below, ast.Name) and below.id == "super") for below in ast.walk(node))


def weak(source: bytes, first: int) -> tuple[str, list[Change]]:
    """A module that notes which changes its conditions tell apart, and these changes, numbered from ``first``.

    What is not in a function, in a pattern or beside an assignment expression is left out.
    """
    around = _Conditions(source).around
    asked: list[Change] = []
    parts: dict[Condition, list[str]] = {}
    for change in changes(source):
        whole = around.get((change.start, change.end))
        if whole and change.owner:
            start, end = whole.span
            text = source[start : change.start] + change.text.encode() + source[change.end : end]
            mutant = "None" if change.kind == "return" else f"lambda: ({text.decode()})"
            parts.setdefault(whole, []).append(f"({first + len(asked)}, {mutant})")
            asked.append(change)
    return _spliced(source, parts), asked


def _spliced(source: bytes, parts: Mapping[Condition, list[str]]) -> str:
    conditions = sorted(parts, key=lambda item: (item.span[0], -item.span[1]))

    def text(start: int, end: int, inside: list[Condition]) -> Iterator[str]:
        while inside:
            one = inside[0]
            below = [item for item in inside[1:] if item.span[1] <= one.span[1]]
            inside = inside[1 + len(below) :]
            yield source[start : one.span[0]].decode()
            yield f"{'_weak_test' if one.is_test else '_weak_value'}(lambda: ({''.join(text(*one.span, below))}), {', '.join(parts[one])})"
            start = one.span[1]
        yield source[start:end].decode()

    return "".join(text(0, len(source), conditions))


def told_apart(tree: Path, files: list[str], folder: Path) -> set[int]:
    """The numbers of the changes that these tests tell apart in an instrumented tree."""
    folder.mkdir()
    pytest(tree, *files, environment={FOLDER: str(folder)})
    return {int(number) for path in folder.iterdir() for number in path.read_text("utf-8").split()}


def main() -> None:
    """Instrument a copy, run the tests, and tell which changes they do not tell apart."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants.weak", description=__doc__)
    parser.add_argument("--folders", type=folders, default=",".join(FOLDERS), help="folders of the package, with commas between")
    parser.add_argument("tests", nargs="*", help="files of tests (all)")
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        tree = copied(Path(folder) / "tree")
        shown: list[tuple[str, str]] = []
        for path in sorted(path for name in flags.folders for path in (tree / "kubectl_meshfix" / name).rglob("*.py")):
            source = path.read_bytes()
            text, asked = weak(source, len(shown))
            path.write_text(text, "utf-8")
            shown.extend((path.relative_to(tree).parts[1], f"{path.relative_to(tree)}:{change.shown(source)}") for change in asked)
        with (tree / "kubectl_meshfix" / "__init__.py").open("a", encoding="utf-8") as package:
            package.write("from tests.mutants.judging import install\n\ninstall()\n")
        files = flags.tests or files_of_tests()
        halves = [files[0::2], files[1::2]] if len(files) > 1 else [files]
        found = pool.map(lambda half: told_apart(tree, half[1], Path(folder) / f"seen-{half[0]}"), enumerate(halves))
        seen = set[int]().union(*found)
    for number, (_, line) in enumerate(shown):
        if number not in seen:
            sys.stdout.write(f"{line}\n")
    for name in flags.folders:
        asked_of = [number for number, (owner, _) in enumerate(shown) if owner == name]
        apart = len(seen.intersection(asked_of))
        sys.stdout.write(f"{name:<16} {len(asked_of):5} changes {apart:5} told apart {apart / max(len(asked_of), 1):5.0%}\n")


if __name__ == "__main__":
    main()
