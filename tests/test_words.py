"""What people read is said in plain words: errors, refusals, hints, help, and pages that are written by hand."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from docs.pages import PAGES, ROOT, title
from kubectl_meshfix.cli.main import app
from kubectl_meshfix.cli.verbs import VERBS
from tests.words import BANNED, check

PACKAGE = ROOT / "kubectl_meshfix"
SPEAKING = ("chain", "cli", "documents", "governance", "injection", "render", "sources", "targets")
"""Rooms whose sentences are read by people. Those of rules are tried by the tests of rules."""

MODULES = [PACKAGE / "scope.py", PACKAGE / "errors.py", *(path for room in SPEAKING for path in sorted((PACKAGE / room).rglob("*.py")))]

BY_HAND = [page for page in PAGES if not {"rules", "explain"} & set(page.parts) and page.name != "fixes.md"]
"""Pages that no program writes, and that are no rule's."""


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_help_is_plain(verb: str) -> None:
    """The help of the program and of each verb has none of the banned words."""
    text = CliRunner().invoke(app, [*filter(None, [verb]), "--help"]).stdout

    assert "--help" in text
    assert check(text) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_sentences_are_plain(module: Path) -> None:
    """No text in the code of what speaks to people has a banned word; docstrings, which the help does not show, may."""
    texts = list(sentences(module.read_text(encoding="utf-8")))

    assert [problem for text in texts for problem in check(text)] == []


@pytest.mark.parametrize("page", BY_HAND, ids=title)
def test_pages_are_plain(page: Path) -> None:
    """The pages say it as the program does."""
    assert check(page.read_text(encoding="utf-8")) == []


def test_the_checker_can_fail() -> None:
    """A banned word is found in any case, over a line's end and in an f-string of the code, and a better one is named."""
    assert check("Its callers' proxies Go\n  by it.") == [f'"go by" is not said; better: {BANNED["go by"]}']
    assert check("The last one wins, and `wins` is code.") == ['"wins" is not said; better: takes precedence']
    assert check("A window shows who goes bypassing.") == []
    (text,) = sentences('"""The last one wins."""\nraise UsageError(f"{name} wins over {other}.")\n')
    assert check(text)


def sentences(code: str) -> Iterator[str]:
    """The texts with more than one word in a module's code, without its docstrings; of an f-string what stands between its values."""
    tree = ast.parse(code)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    pieces = {id(piece) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for piece in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield " ".join(str(piece.value) if isinstance(piece, ast.Constant) else "…" for piece in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value and id(node) not in told | pieces:
            yield node.value
