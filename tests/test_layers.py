"""What import-linter cannot say."""

import ast
import inspect
import sys

from kubectl_meshfix.rules import RULES

MODULES = {rule.check.__module__ for rule in RULES}


def test_no_rule_imports_another() -> None:
    """A rule can be read, changed and deleted without looking at any other."""
    for name in MODULES:
        tree = ast.parse(inspect.getsource(sys.modules[name]))
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        imported |= {f"{node.module}.{alias.name}" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}

        assert not imported & MODULES, name
