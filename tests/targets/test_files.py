"""The whole loop on manifests."""

import difflib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.command import run

WEB = """\
apiVersion: v1
kind: Service
metadata: {name: a, labels: {istio.io/rev: x}}
spec: {selector: {a: b}, ports: [{name: web, port: 80}]}
"""
"""A Service of a mesh with one mistake."""


def test_after_apply_only_a_persons_work_is_left(shop: Path) -> None:
    """All fixes are made, and then what they let be made: a label for a deprecated annotation once it does as it says.

    What is left has to be done by hand; a third apply touches nothing.
    """
    for _ in range(2):
        assert run("apply", "-f", str(shop), "-R", "--yes", "--restart", "--unsafe").exit_code == 0

    left = json.loads(run("diagnose", "-f", str(shop), "-R", "-o", "json").stdout)["findings"]
    assert {row["fix"]["safety"] if row["fix"] else None for row in left} <= {"manual", None}
    before = {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()}
    again = run("apply", "-f", str(shop), "-R", "--yes", "--restart", "--unsafe")
    assert again.exit_code == 0
    assert "nothing to change" in again.stderr
    assert {path: path.read_bytes() for path in before} == before


def test_only_the_lines_of_fixes_change(shop: Path) -> None:
    """The diff has the lines that dry-run showed, and comments, line ends and everything else stay."""
    before = {path: path.read_bytes() for path in shop.rglob("*.yaml")}
    shown = run("apply", "-f", str(shop), "-R", "--dry-run").stdout
    run("apply", "-f", str(shop), "-R", "--yes", "--restart", "--unsafe")

    changed = []
    for path, old in before.items():
        new = path.read_bytes()
        assert (b"\r\n" in new) == (b"\r\n" in old)
        assert new.count(b"\n") == new.count(b"\r\n") or b"\r\n" not in old
        lines = difflib.ndiff(old.decode().splitlines(), new.decode().splitlines())
        changed += [line[0] + line[2:] for line in lines if line[0] in "+-"]
    planned = [line for line in shown.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert sorted(changed) == sorted(planned)
    comments = [line.partition(b"#")[2] for old in before.values() for line in old.splitlines() if b"#" in line]
    kept = b"\n".join(path.read_bytes() for path in before)
    lost = [comment for comment in comments if comment not in kept]
    assert len(lost) <= 3, lost  # those of lines that were removed or rewritten whole


def test_findings_in_a_list_are_fixed_in_the_list(tmp_path: Path) -> None:
    """A Service inside of a List, in JSON, is fixed where it stands."""
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "a", "labels": {"istio.io/use-waypoint": "none"}},
        "spec": {"selector": {"a": "b"}, "ports": [{"port": 80}]},
    }
    path = tmp_path / "list.json"
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [{"kind": "Other"}, service]}, indent=2))

    run("apply", "-f", str(path), "--yes", "--unsafe")

    assert json.loads(path.read_text())["items"][1]["spec"]["ports"] == [{"port": 80, "name": "http"}]
    assert path.read_text().count("\n") == json.dumps({"items": [{}, service]}, indent=2).count("\n") + 5


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody wrote between reading and writing is never overwritten."""
    path = tmp_path / "a.yaml"
    text = WEB
    path.write_text(text)

    def somebody_else(question: str) -> bool:
        path.write_text(text + "# mine\n")
        return True

    monkeypatch.setattr("kubectl_meshfix.cli.console.confirm", somebody_else)
    result = run("apply", "-f", str(path), "--unsafe")

    assert "changed since it was read" in str(result.exception)
    assert path.read_text() == text + "# mine\n"


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    """What comes out of a named pipe cannot be put back into it; that is said before anything is asked, with the way that works."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    text = WEB.encode()
    writer = threading.Thread(target=path.write_bytes, args=(text,))
    writer.start()

    result = run("apply", "-f", str(path), "--unsafe")
    writer.join()

    assert "is a pipe or a device" in str(result.exception)
    assert "-f -" in result.exception.hint  # type: ignore[union-attr]


def test_other_names_keep_the_old_text(tmp_path: Path) -> None:
    """A file with hard links is replaced like any other; that the other names keep the old text is said."""
    path, link = tmp_path / "a.yaml", tmp_path / "backup"
    text = WEB
    path.write_text(text)
    link.hardlink_to(path)

    said = run("apply", "-f", str(path), "--unsafe", "--yes").stderr

    assert "1 other name (hard links), which will keep the old text" in said
    assert link.read_text() == text != path.read_text()


def test_what_standard_input_comes_from_is_left_alone(tmp_path: Path) -> None:
    """A file that the shell opened is nobody's to rewrite, whatever name of the device is given."""
    path = tmp_path / "a.yaml"
    text = WEB
    path.write_text(text)
    command = [sys.executable, "-c", "from kubectl_meshfix.cli.start import main; main()", "apply", "-f", "/dev/stdin", "--unsafe", "--yes"]
    with path.open() as stream:
        done = subprocess.run(command, stdin=stream, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "/dev/stdin is a pipe or a device" in done.stderr
    assert path.read_text() == text


def test_templates_are_never_edited(tmp_path: Path) -> None:
    """A template is named as not looked at; of what was rendered from one, the template is named, where the change has to be made too."""
    service = WEB.replace("name: a,", "name: NAME,")
    template, rendered = tmp_path / "service.yaml", tmp_path / "rendered.yaml"
    template.write_text(service.replace("NAME", "{{ .Values.name }}"))
    rendered.write_text("---\n# Source: shop/templates/service.yaml\n" + service.replace("NAME", "cart"))
    before = template.read_bytes()

    result = run("apply", "-f", str(tmp_path), "--unsafe", "--yes")

    assert f'{template}, line 3. A document was not checked: "{{{{ .Values.name }}}}" is a placeholder' in result.stderr
    assert "Service cart was rendered from shop/templates/service.yaml" in result.stderr
    assert "http-web" in rendered.read_text()
    assert template.read_bytes() == before


def test_what_cannot_be_edited_is_an_error(tmp_path: Path) -> None:
    """A fix that would show in a second place through an anchor is refused with the line to write out, and the exit code says so."""
    path = tmp_path / "a.yaml"
    path.write_text(
        "apiVersion: v1\nkind: Service\nmetadata: {name: a, labels: {istio.io/rev: x}}\n"
        "spec: {selector: {a: b}, ports: &ports [{name: web, port: 80}]}\nx-copy: *ports\n"
    )
    before = path.read_bytes()

    result = run("apply", "-f", str(path), "--unsafe", "--yes")

    assert result.exit_code == 2
    assert "refused Service a: Line 5 uses the anchor &ports of line 4" in result.stderr
    assert path.read_bytes() == before
