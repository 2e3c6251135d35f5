"""What is pinned: the program's own requirements, and with them those of its developers."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pinned(file: str) -> dict[str, str]:
    """Each requirement of a list, with its hashes, by its text up to these. Every line is part of one."""
    entries = re.split(r"\n(?! )", (ROOT / file).read_text(encoding="utf-8").strip())
    return {entry.partition(" \\\n")[0]: entry for entry in entries}


def names(requirements: list[str]) -> set[str]:
    """The packages that are required, by the names that indexes give them."""
    return {canonicalize_name(Requirement(text).name) for text in requirements}


def test_the_program_gets_its_own_requirements_only() -> None:
    """The short list has all that the program depends on, and nothing that only its developers ask for."""
    groups = [text for group in PROJECT["dependency-groups"].values() for text in group if isinstance(text, str)]
    found = names(list(pinned("requirements-runtime.txt")))
    alone = names(groups) - names(PROJECT["project"]["dependencies"])

    assert names(PROJECT["project"]["dependencies"]) <= found
    assert alone & found <= {"markdown-it-py"}  # typer needs it too


def test_the_two_lists_agree() -> None:
    """What the short list pins, the long one pins to the same version and files, so that adding the rest changes nothing."""
    assert pinned("requirements-runtime.txt").items() <= pinned("requirements.txt").items()


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-runtime.txt"])
def test_every_requirement_is_pinned_and_names_no_address(file: str) -> None:
    """One version, with hashes, and no index or host that the list was made with."""
    for text, entry in pinned(file).items():
        assert re.search(r"^[\w.-]+==[\w.]+( ;|$)", text), text
        assert "--hash=sha256:" in entry, text
        assert not re.search(r"://|--(extra-)?index|--find-links", entry), text


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_make_says_what_it_sets_up(tmp_path: Path) -> None:
    """`make demo` begins with the number of packages that it installs here, and the tests' environment adds the rest of the long list."""
    command = ["make", "-n", f"PYTHON={sys.executable}", f"VENV={tmp_path / 'venv'}", "lint"]
    lines = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    first, second = (
        subprocess.run(["sh", "-ec", line], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for line in lines
        if line.startswith("echo")
    )
    short, whole = (
        len(names([text for text in pinned(file) if "sys_platform" not in text]))
        for file in ("requirements-runtime.txt", "requirements.txt")
    )

    assert re.fullmatch(rf"Setting up \S+ with {short} packages \(runtime only\) …\n", first)
    assert re.fullmatch(rf"Adding {whole - short} packages to \S+ for tests, checks, documentation and releases …\n", second)
