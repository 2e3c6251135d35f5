"""Taking back what apply did to manifests."""

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from kubectl_meshfix.cli.main import app
from kubectl_meshfix.documents.reading.manifests import Manifests
from kubectl_meshfix.errors import UsageError
from kubectl_meshfix.targets import file_changes, journal
from kubectl_meshfix.targets.files import FileEdit
from tests.command import SERVICE, run

ALL = ("--yes", "--restart", "--unsafe")


def runs() -> list[dict[str, object]]:
    """What undo --list knows."""
    found: list[dict[str, object]] = json.loads(run("undo", "--list", "-o", "json").stdout)["runs"]
    return found


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """A file with one mistake, which apply has repaired."""
    path = tmp_path / "cart.yaml"
    path.write_text(SERVICE)
    assert run("apply", "-f", str(path), *ALL).exit_code == 0
    return path


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file's bytes."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_byte_comes_back(shop: Path) -> None:
    """All fixes of the shop, taken back: the files are what they were, and the run counts as undone."""
    before = contents(shop)
    run("apply", "-f", str(shop), "-R", *ALL)
    assert contents(shop) != before

    result = run("undo", "-f", str(shop), "--yes")

    assert result.exit_code == 0
    assert contents(shop) == before
    assert [row["state"] for row in runs()] == ["undone"]
    with pytest.raises(UsageError, match="no run of apply to take back"):
        CliRunner().invoke(app, ["undo", "-f", str(shop), "--yes"], catch_exceptions=False)


@pytest.mark.parametrize("many", [0, 1, 2000])
@given(st.lists(st.sampled_from(["a\n", "b\r\n", "\x0c", "\n", "c"])), st.lists(st.sampled_from(["a\n", "b\r\n", "d\n", "c"])))
def test_hunks_lead_back_to_every_text(many: int, before: list[str], after: list[str]) -> None:
    """Whatever was edited, and however coarse the comparison: the hunks make the old text of the new one."""
    old, new = "".join(before), "".join(after)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file_changes, "MANY", many)
        change = file_changes.file_change(FileEdit(file="a", before=old, after=new, changes=()), Manifests(texts={}, origins={}))

    assert file_changes.restored(new, change.hunks) == old


@pytest.mark.parametrize(("many", "hunks"), [(2, 1), (3, 2), (4, 2)])
def test_lines_are_compared_one_by_one_up_to_a_number(many: int, hunks: int) -> None:
    """Two of three lines differ: that is two places, and one where the three are more than are compared."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file_changes, "MANY", many)
        edit = FileEdit(file="a", before="a\nb\nc\n", after="x\nb\ny\n", changes=())

        assert len(file_changes.file_change(edit, Manifests(texts={}, origins={})).hunks) == hunks


def test_apply_says_how_to_take_it_back(manifest: Path) -> None:
    """The run's id is named at the end of apply, and is the one that the list shows with its findings."""
    manifest.write_text(SERVICE)
    said = run("apply", "-f", str(manifest), *ALL).stderr

    newest = runs()[-1]
    assert f"kubectl meshfix undo {newest['id']}" in said
    assert newest["findings"] == ["MF101"]
    assert str(manifest) in run("undo", "--list").stdout


def test_dry_run_writes_nothing(manifest: Path) -> None:
    """The diff is shown, the file and the journal stay."""
    fixed = manifest.read_text()

    result = run("undo", "-f", str(manifest), "--dry-run")

    assert result.exit_code == 1
    assert "-  - name: http-web   # a comment\n+  - name: web   # a comment\n" in result.stdout
    assert manifest.read_text() == fixed
    assert [row["state"] for row in runs()] == ["applied"]


def test_what_others_wrote_beside_it_stays(manifest: Path) -> None:
    """In a file that was edited since, the field goes back and the edit stays."""
    manifest.write_text("# mine\n" + manifest.read_text().replace("app: cart", "app: shop"))

    assert run("undo", "-f", str(manifest), "--yes").exit_code == 0

    assert manifest.read_text() == "# mine\n" + SERVICE.replace("app: cart", "app: shop")


@pytest.mark.parametrize("as_json", [False, True])
def test_what_stands_in_a_list_is_found_there(tmp_path: Path, as_json: bool) -> None:
    """In a List that was edited since, also in its order, each object's fields go back and the edits stay."""
    path = tmp_path / "all.yaml"
    items = [yaml.safe_load(SERVICE.replace("cart", name)) for name in ("a", "b")]

    def write(services: list[dict[str, Any]], note: str) -> str:
        whole = {"apiVersion": "v1", "kind": "List", "metadata": {"note": note}, "items": services}
        text = json.dumps(whole, indent=2) if as_json else yaml.safe_dump(whole, sort_keys=False)
        path.write_text(text)
        return text

    write(items, "")
    assert run("apply", "-f", str(path), *ALL).exit_code == 0
    write(yaml.safe_load(path.read_text())["items"][::-1], "mine")

    assert run("undo", "-f", str(path), "--yes").exit_code == 0

    assert path.read_text() == write(items[::-1], "mine")


def test_what_stands_twice_is_refused(manifest: Path) -> None:
    """Of two objects of one name nobody can say which one was changed."""
    manifest.write_text(manifest.read_text() + "---\n" + manifest.read_text())

    result = run("undo", "-f", str(manifest), "--yes")

    assert result.exit_code == 2
    assert "holds Service shop/cart 2 times" in result.stderr


def test_the_same_name_in_another_namespace_is_another_object(manifest: Path) -> None:
    """The one that was changed goes back, whatever stands beside it; a document that names no namespace may be it."""
    other, own = SERVICE.replace("namespace: shop", "namespace: bank"), manifest.read_text()
    manifest.write_text(f"{own}---\n{other}")

    assert run("undo", "-f", str(manifest), "--yes").exit_code == 0
    assert manifest.read_text() == f"{SERVICE}---\n{other}"


def test_an_object_of_another_kind_or_name_is_not_it(manifest: Path) -> None:
    """Where the object is gone from its file, nothing beside it is taken for it."""
    others = SERVICE.replace("kind: Service", "kind: Endpoints") + "---\n" + SERVICE.replace("name: cart", "name: till") + "---\n- 1\n"
    manifest.write_text(others)

    result = run("undo", "-f", str(manifest), "--yes")

    assert result.exit_code == 2
    assert "no longer holds Service shop/cart" in result.stderr
    assert manifest.read_text() == others


def test_what_others_changed_is_refused(manifest: Path) -> None:
    """A field that holds something else by now is shown, and only --force-fields takes it back."""
    edited = manifest.read_text().replace("http-web", "grpc-web")
    manifest.write_text(edited)

    result = run("undo", "-f", str(manifest), "--yes")

    assert result.exit_code == 2
    assert 'changed to "grpc-web" since; apply wrote "http-web"' in result.stderr
    assert manifest.read_text() == edited
    assert run("undo", "-f", str(manifest), "--yes", "--force-fields").exit_code == 0
    assert manifest.read_text() == SERVICE


def test_a_deleted_file_stays_deleted(manifest: Path) -> None:
    """There is nothing to take back in a file that is gone."""
    manifest.unlink()

    result = run("undo", "-f", str(manifest), "--yes")

    assert result.exit_code == 0
    assert "deleted since" in result.stderr
    assert not manifest.exists()


def test_only_the_owner_reads_the_journal(manifest: Path) -> None:
    """Entries hold parts of manifests: nobody else may read them."""
    (entry,) = journal.folder().iterdir()

    assert stat.S_IMODE(entry.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.folder().stat().st_mode) == 0o700


def killed(moment: int, *arguments: str) -> bool:
    """A command, killed when it wants to rename a file for the ``moment``-th time, or right after; whether that ever came."""
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from kubectl_meshfix.cli.start import main\n"
        "count, rename = 0, Path.replace\n"
        "def replace(self, target):\n"
        "    global count\n"
        "    count += 1\n"
        f"    if count == {moment}: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    answer = rename(self, target)\n"
        "    count += 1\n"
        f"    if count == {moment}: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return answer\n"
        "Path.replace = replace\n"
        f"sys.argv = {['meshfix', *arguments]!r}\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env={**os.environ}, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


def test_a_run_killed_between_files_is_taken_back(tmp_path: Path) -> None:
    """Killed before or after any write, of a file or of the journal: undo restores every byte."""
    folder = tmp_path / "some"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / f"{name}.yaml").write_text(SERVICE.replace("cart", name))
    before = contents(folder)
    moment = 1
    while killed(moment, "apply", "-f", str(folder), *ALL):
        for crumb in set(contents(folder)) - set(before):
            crumb.unlink()  # a file that was being written beside the one it should replace
        touched = contents(folder) != before
        if touched or any(row["state"] != "undone" for row in runs()):
            assert run("undo", "-f", str(folder), "--yes").exit_code == 0
        assert contents(folder) == before
        moment += 1
    assert moment == 15  # seven renames, the journal's four and three files, each before and after


def test_an_undo_that_is_killed_is_run_again(tmp_path: Path) -> None:
    """Killed before or after any write, undo finishes when it is run once more."""
    folder = tmp_path / "some"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.yaml").write_text(SERVICE.replace("cart", name))
    before = contents(folder)
    for moment in range(1, 9):
        run("apply", "-f", str(folder), *ALL)
        assert killed(moment, "undo", "-f", str(folder), "--yes")
        for crumb in set(contents(folder)) - set(before):
            crumb.unlink()
        if any(row["state"] != "undone" for row in runs()):
            assert run("undo", "-f", str(folder), "--yes").exit_code == 0
        assert contents(folder) == before


def test_a_journal_that_cannot_be_written_stops_apply(tmp_path: Path) -> None:
    """With a full disk under the journal nothing is changed, and that is said."""
    path = tmp_path / "cart.yaml"
    path.write_text(SERVICE)
    script = (
        "import resource, sys\n"
        "from kubectl_meshfix.cli.start import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        f"sys.argv = ['meshfix', 'apply', '-f', {str(path)!r}, '--yes', '--unsafe']\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-B", "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "The journal that undo needs cannot be written" in done.stderr
    assert "so nothing was changed" in done.stderr
    assert path.read_text() == SERVICE
    assert list(journal.folder().iterdir()) == []


def test_a_damaged_entry_is_listed_as_such(manifest: Path) -> None:
    """What cannot be read stands in the list, and the others can be taken back all the same."""
    (journal.folder() / "20200101-000000-aaaaaa.json").write_text("{")
    (journal.folder() / "20200101-000000-bbbbbb.json").write_text('{"schemaVersion": 99}')

    shown = run("undo", "--list").stdout

    assert "it is damaged" in shown
    assert "a newer kubectl-meshfix" in shown
    assert run("undo", "-f", str(manifest), "--yes").exit_code == 0
    assert manifest.read_text() == SERVICE


def test_a_pipe_in_a_files_place_is_not_waited_for(manifest: Path) -> None:
    """Nobody may ever write into it; it is said what is there, and nothing is changed."""
    manifest.unlink()
    os.mkfifo(manifest)

    result = run("undo", "-f", str(manifest), "--yes")

    assert "cannot be read" in f"{result.output}{result.exception}"
    assert stat.S_ISFIFO(manifest.stat().st_mode)
