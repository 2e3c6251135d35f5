"""``make rule``: what a contributor begins with works."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PAGES = ("tests/rules/test_pages.py", "tests/rules/test_words.py")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What the rules, their pages' tests and the maker of rules need, in a folder of its own."""
    ignored = shutil.ignore_patterns("__pycache__", "recordings", "krew")
    for name in ("kubectl_meshfix", "docs", "tests", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python in that folder, on its code."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_new_rule_passes_all_but_what_is_left_to_write(copy: Path) -> None:
    """The module and page that are written work as they are: all that fails is the test that finds words still to be written."""
    made = run(copy, "docs/new_rule.py", "MF599", "example-rule", "gateways")

    assert made.returncode == 0, made.stderr
    assert "make docs lint test" in made.stdout
    tested = run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", *PAGES, "-k", "MF599 or registry or given")
    assert re.findall(r"^FAILED \S+::(\w+)", tested.stdout, re.MULTILINE) == ["test_page_says_it_in_whole_sentences"], tested.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("MF142", "slow-route", "gateway"), "gateways      MF5xx"),
        (("MF142", "slow-route", "gateways"), "Codes of gateways begin with MF5."),
        (("MF501", "slow-route", "gateways"), "MF501 or slow-route exists already"),
        ((), "FAMILY is one of"),
    ],
    ids=["no family", "another family's code", "a code that was used", "nothing"],
)
def test_a_rule_that_would_clash_is_refused(arguments: tuple[str, ...], said: str) -> None:
    """Nothing is written where a name or a code does not fit, and what does is said."""
    refused = run(ROOT, "docs/new_rule.py", *arguments)

    assert refused.returncode == 1
    assert said in refused.stderr
