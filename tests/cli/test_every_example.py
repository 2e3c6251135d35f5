"""Every rule's fix through the command line, on the examples of its page: made and taken back in files, and built by kustomize."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kubectl_meshfix.cli.main import app
from tests.cli.test_exports import KUBECTL, kustomize, objects
from tests.rules.offers import FIXABLE, Scene

EVERY = ("--restart", "--unsafe", "--yes")

by_scene = pytest.mark.parametrize(
    "scene", [scene for scene in FIXABLE if scene.rule.code not in {"MF305", "MF806"}], ids=lambda scene: scene.key
)
"""A restart is nothing that a manifest could say."""


def written(scene: Scene, folder: Path, end: str = "\n") -> Path:
    """The file of an example, in a folder with the objects that stand beside it."""
    for name, text in {"page.yaml": scene.page, **scene.beside}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, newline=end)
    return folder / "page.yaml"


def meshfix(*arguments: str) -> Result:
    """One command."""
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


@by_scene
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_every_fix_is_made_in_files_and_taken_back(scene: Scene, end: str, tmp_path: Path) -> None:
    """A manifest's mistake is found, ends with its fix, and comes back with undo: each byte as it was."""
    manifest = written(scene, tmp_path, end)
    before, words = manifest.read_bytes(), ("-f", str(tmp_path), "-R", "--scope", "all", "--select", scene.rule.code)

    assert meshfix("apply", *words, *EVERY).exit_code == 0

    after = manifest.read_bytes()
    assert after != before
    assert after.count(end.encode()) == after.count(b"\n")
    left = json.loads(meshfix("diagnose", *words, "-o", "json").stdout)["findings"]
    assert not [row for row in left if row["fix"] and row["fix"]["patches"]]

    assert meshfix("undo", "-f", str(tmp_path), "--yes").exit_code == 0
    assert manifest.read_bytes() == before


@by_scene
@pytest.mark.skipif(KUBECTL is None, reason="there is no kubectl")
def test_kustomize_makes_every_fix(scene: Scene, tmp_path: Path) -> None:
    """A build with the exported component gives what apply writes into the file, for every rule that has a fix."""
    manifest = written(scene, tmp_path)
    words = ("apply", "-f", str(tmp_path), "-R", "--scope", "all", "--select", scene.rule.code, *EVERY)

    built = kustomize(tmp_path, [manifest.name], meshfix(*words, "-o", "kustomize").stdout)
    meshfix(*words)

    assert objects(built) == objects(manifest.read_text()) != objects(scene.page)
