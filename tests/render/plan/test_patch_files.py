"""A diff of ``apply --dry-run`` is a patch file: git and patch take it as it is."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kubectl_meshfix.cli.main import app
from kubectl_meshfix.render.plan.diff import patch_name, unified
from kubectl_meshfix.render.text.terminal import Screen
from tests.render.findings import EXAMPLES

GIT, PATCH = shutil.which("git"), shutil.which("patch")

CART = Path(EXAMPLES, "shop", "cart.yaml").read_text(encoding="utf-8")
ONE_LINE = "apiVersion: v1\nkind: Service\nmetadata: {name: cart}\nspec: {selector: {app: cart}, ports: [{port: 80, name: web}]}"

TEXTS = {
    "lf": CART,
    "crlf": CART.replace("\n", "\r\n"),
    "no last newline": CART.rstrip("\n"),
    "crlf, no last newline": CART.replace("\n", "\r\n").rstrip("\r\n"),
    "the last line changes": ONE_LINE,
    "byte order mark": "\ufeff" + ONE_LINE + "\n",
}


def dry_run(file: str) -> bytes:
    """The diff of all fixes of a file."""
    return CliRunner().invoke(app, ["apply", "-f", file, "--scope", "all", "--dry-run", "--unsafe", "--restart"]).stdout_bytes


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A program of the system on a folder that is in no repository."""
    environment = {"GIT_CEILING_DIRECTORIES": "/", "PATH": os.environ["PATH"]}
    return subprocess.run(command, cwd=folder, text=True, capture_output=True, check=False, env=environment)


@pytest.mark.skipif(GIT is None, reason="There is no git")
@pytest.mark.parametrize("name", ["cart.yaml", "a folder/my cart.yaml"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_git_applies_what_apply_would_write(text: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the folder it was made in, a patch file applies, and the file is byte for byte what apply makes of it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    file = Path(name)
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(text.encode())
    Path("x.patch").write_bytes(dry_run(name))

    checked = run(str(GIT), "apply", "--check", "x.patch", folder=tmp_path)
    applied = run(str(GIT), "apply", "x.patch", folder=tmp_path)
    by_git = file.read_bytes()
    file.write_bytes(text.encode())
    CliRunner().invoke(app, ["apply", "-f", name, "--scope", "all", "--unsafe", "--restart", "--yes"])

    assert (checked.returncode, applied.returncode) == (0, 0), checked.stderr
    assert by_git == file.read_bytes() != text.encode()


@pytest.mark.skipif(PATCH is None, reason="There is no patch")
def test_a_file_elsewhere_can_be_patched_from_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file outside of the folder is named from the root, without dots, and the diff says how to apply it."""
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    file = tmp_path / "cart.yaml"
    file.write_text(CART)
    Path("x.patch").write_bytes(dry_run("../cart.yaml"))
    text = Path("x.patch").read_text()

    assert "# ../cart.yaml is outside of this folder. To patch it: patch -p1 -d / < FILE\n" in text
    assert f"--- a{tmp_path}/cart.yaml\n" in text
    assert run(str(PATCH), "--dry-run", "-p1", "-d", "/", "-i", str(Path("x.patch").resolve()), folder=tmp_path).returncode == 0


def test_names_are_from_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a file is named, a patch names it the shortest way."""
    monkeypatch.chdir(tmp_path)

    for name in ("a/b.yaml", "./a/b.yaml", "a/../a/b.yaml", str(tmp_path / "a" / "b.yaml")):
        assert patch_name(name) == ("a/b.yaml", True)
    assert patch_name("../b.yaml") == (f"{tmp_path.parent}/b.yaml".lstrip("/"), False)


def test_nothing_else_that_a_terminal_obeys_is_printed() -> None:
    """Escapes within a line and a carriage return that ends none are shown, not sent."""
    text = unified("a\rb: \x1b[31m\r\n", "a\rc: \u202e\r\n", "x.yaml", Screen())

    assert "-a\\rb: \\x1b[31m\r\n" in text
    assert "+a\\rc: \\u202e\r\n" in text
