"""``diagnose --bundle``: shown first, and written only then."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kubectl_meshfix.errors import UsageError
from tests.command import SERVICE, run


@pytest.fixture
def manifest(tmp_path: Path) -> str:
    """A Service with one mistake."""
    path = tmp_path / "cart.yaml"
    path.write_text(SERVICE)
    return str(path)


def test_a_bundle_is_printed_and_can_be_diagnosed(manifest: str, tmp_path: Path) -> None:
    """The answer is YAML that the same command finds the same in; the exit code is that of the findings."""
    shown = run("diagnose", "-f", manifest, "--bundle", "-")
    (tmp_path / "bundle.yaml").write_text(shown.stdout)

    assert shown.exit_code == 1
    assert "cart" not in shown.stdout
    assert "shop" not in shown.stdout
    assert "MF101" in run("diagnose", "-f", str(tmp_path / "bundle.yaml")).stdout


def test_a_folder_that_is_not_there_is_told_before_anything_is_shown(manifest: str, tmp_path: Path) -> None:
    """Nobody is asked about a bundle that cannot be written."""
    done = run("diagnose", "-f", manifest, "--bundle", str(tmp_path / "none" / "bundle.yaml"))

    assert isinstance(done.exception, UsageError)
    assert done.exception.message == f"There is no folder {tmp_path / 'none'}."
    assert not done.stdout


def test_a_file_is_written_only_by_somebody_who_saw_it(manifest: str, tmp_path: Path) -> None:
    """Where standard input is no terminal nobody can agree, and nothing is written."""
    done = run("diagnose", "-f", manifest, "--bundle", str(tmp_path / "bundle.yaml"))

    assert isinstance(done.exception, UsageError)
    assert not (tmp_path / "bundle.yaml").exists()


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("answer", "written"), [("y", True), ("n", False)])
def test_the_question_comes_after_the_bundle(answer: str, written: bool, manifest: str, tmp_path: Path) -> None:
    """What is written is what was shown, and only where the answer is yes."""
    target = tmp_path / "bundle.yaml"
    ours, theirs = os.openpty()
    os.write(ours, f"{answer}\n".encode())

    words = ["-m", "kubectl_meshfix", "diagnose", "-f", manifest, "--bundle", str(target)]
    done = subprocess.run([sys.executable, *words], stdin=theirs, capture_output=True, text=True, check=False)

    assert f"Write it to {target}? [y/N]" in done.stderr
    assert target.exists() is written
    assert not written or target.read_text() == done.stdout


@pytest.mark.parametrize("words", [("-o", "json"), ("--watch",), ("--statistics",), ("--contexts", "a,b")])
def test_a_bundle_stands_alone(words: tuple[str, ...], manifest: str) -> None:
    """It replaces the report, so what shapes a report is refused."""
    source = ("-f", manifest) if words[0] != "--contexts" else ()

    assert isinstance(run("diagnose", *source, "--bundle", "-", *words).exception, UsageError)
