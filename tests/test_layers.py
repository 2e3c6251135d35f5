"""What import-linter cannot say."""

import ast
import inspect
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path

import kubectl_meshfix
from kubectl_meshfix.rules import RULES

MODULES = {rule.check.__module__ for rule in RULES}


def test_no_rule_imports_another() -> None:
    """A rule can be read, changed and deleted without looking at any other."""
    for name in MODULES:
        tree = ast.parse(inspect.getsource(import_module(name)))
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        imported |= {f"{node.module}.{alias.name}" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}

        assert not imported & MODULES, name


PACKAGE = Path(kubectl_meshfix.__file__).parent


def imports() -> dict[str, set[str]]:
    """Which modules of the package each module imports, at its top or when it is called."""
    paths = {".".join((*path.relative_to(PACKAGE.parent).parts[:-1], path.stem)): path for path in PACKAGE.rglob("*.py")}
    modules = {name.removesuffix(".__init__"): path for name, path in paths.items()}
    graph: dict[str, set[str]] = {}
    for name, path in modules.items():
        nodes = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom) and node.module]
        wanted = ((str(node.module), f"{node.module}.{alias.name}") for node in nodes for alias in node.names)
        graph[name] = ({inner if inner in modules else outer for outer, inner in wanted} & modules.keys()) - {name}
    return graph


def circle(graph: Mapping[str, set[str]]) -> list[str]:
    """One circle of a graph, if there is any."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [str(node) for node in error.args[1]]
    return []


def test_no_module_is_in_a_circle() -> None:
    """Modules can be read one after the other: none needs one that needs it, not even between functions."""
    assert circle(imports()) == []


def test_no_folder_is_in_a_circle() -> None:
    """The same of folders, and of modules beside folders, at any depth."""
    graph = imports()
    for room in {name.rpartition(".")[0] for name in graph} - {""}:

        def part(name: str, start: str = f"{room}.") -> str:
            return name.removeprefix(start).partition(".")[0] if name.startswith(start) else ""

        inside: dict[str, set[str]] = {}
        for name, wanted in graph.items():
            inside.setdefault(part(name), set()).update(map(part, wanted))
        assert circle({name: wanted - {name, ""} for name, wanted in inside.items() if name}) == [], room
