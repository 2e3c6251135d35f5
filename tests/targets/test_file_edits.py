"""Edits of files: what is prepared, when a file may be written, and how it is replaced."""

from pathlib import Path

import pytest

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.documents.reading.manifests import Manifests, Origin
from kubectl_meshfix.errors import TargetError
from kubectl_meshfix.fixes.plan import Change, Plan
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.targets.files import FileEdit, FileEdits, check, other_names, patched_texts, prepare, replace, write
from kubectl_meshfix.targets.full_objects import full_objects

TEXT = """\
kind: Service
metadata: {name: a}
spec: {x: web}
---
kind: Service
metadata: {name: b}
spec: {x: web}
"""
A, B, GONE, CHART = (Ref("v1", "Service", None, name) for name in ("a", "b", "gone", "chart"))
MANIFESTS = Manifests(
    texts={"a.yaml": TEXT, "shop/Chart.yaml": TEXT},
    origins={A.key: Origin("a.yaml", 0), B.key: Origin("a.yaml", 1), CHART.key: Origin("shop/Chart.yaml", 0)},
)


def plan(*refs: Ref, old: str = "web") -> Plan:
    """A change of each object."""
    operations = (Operation("test", "/spec/x", old), Operation("replace", "/spec/x", "http"))
    return Plan(changes=tuple(Change(resource=ref, operations=operations, proposals=()) for ref in refs), held=())


@pytest.mark.parametrize(
    ("given", "text", "refused"),
    [
        (plan(A), TEXT.replace("web", "http", 1), []),
        (plan(A, B), TEXT.replace("web", "http"), []),
        (plan(GONE, B), TEXT[:50] + TEXT[50:].replace("web", "http"), [("gone", "it is not in these files")]),
        (
            plan(CHART, B),
            TEXT[:50] + TEXT[50:].replace("web", "http"),
            [("chart", "it is rendered from a chart; change the template or the value that is filled in")],
        ),
        (plan(A, old="grpc"), TEXT, [("a", 'The change does not fit the object as it is now: /spec/x is not "grpc".')]),
        (plan(), TEXT, []),
    ],
)
def test_changes_are_spliced_into_their_files(given: Plan, text: str, refused: list[tuple[str, str]]) -> None:
    """What is not there, what a chart renders, and what does not fit is refused; a text that stays the same is no edit."""
    edits = prepare(given, MANIFESTS)

    assert [(item.resource.name, item.reason) for item in edits.refusals] == refused
    assert [edit.file for edit in edits.edits] == (["a.yaml"] if text != TEXT else [])
    assert patched_texts(edits, MANIFESTS) == {"a.yaml": text, "shop/Chart.yaml": TEXT}
    made = {change.resource.name for edit in edits.edits for change in edit.changes}
    assert made == {change.resource.name for change in given.changes} - {name for name, _ in refused}


@pytest.mark.parametrize(
    ("given", "ports", "refused"),
    [
        (plan(A), [("a", "web", "http")], []),
        (plan(A, B), [("a", "web", "http"), ("b", "web", "http")], []),
        (plan(GONE, B), [("b", "web", "http")], [("gone", "it is not in these files")]),
        (plan(A, old="grpc"), [], [("a", 'The change does not fit the object as it is now: /spec/x is not "grpc".')]),
    ],
)
def test_whole_objects_are_shown_before_and_after(given: Plan, ports: list[tuple[str, str, str]], refused: list[tuple[str, str]]) -> None:
    """Each from its document; what is not there or does not fit is refused."""
    wholes, refusals = full_objects(given, MANIFESTS)

    assert [(item.change.resource.name, item.before["spec"]["x"], item.after["spec"]["x"]) for item in wholes] == ports
    assert [(item.resource.name, item.reason) for item in refusals] == refused


def edit(path: Path, before: str = "old\n", *, new: bool = False, removed: bool = False) -> FileEdit:
    """A file that shall hold another text."""
    return FileEdit(file=str(path), before=before, after="new\n", changes=(), is_new=new, is_removed=removed)


def said(path: Path, given: FileEdit) -> str:
    """What speaks against an edit, without the folder's name; empty where nothing does."""
    try:
        check(FileEdits(edits=(given,), refusals=()))
    except TargetError as error:
        return f"{error.message} {error.hint}".replace(f"{path}/", "")
    return ""


def test_a_new_file_is_written_where_nothing_is(tmp_path: Path) -> None:
    """Not over a file, nor through a link that leads nowhere, nor into a folder that cannot be written."""
    (tmp_path / "a.yaml").write_text("mine\n")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "nowhere")
    exists = "{} exists by now, and would be overwritten. Nothing was written. Run the command again."

    assert said(tmp_path, edit(tmp_path / "new.yaml", new=True)) == ""
    for name in ("a.yaml", "link.yaml"):
        assert said(tmp_path, edit(tmp_path / name, new=True)) == exists.format(name)
    folder = said(tmp_path, edit(tmp_path / "gone" / "a.yaml", new=True))
    assert folder == "gone is read-only. Nothing was written. Make it writable, or leave it out of -f."


def test_a_file_is_written_if_it_is_what_was_read(tmp_path: Path) -> None:
    """Not one that is gone, that holds something else, or that nobody may write."""
    good, other, locked, program = (tmp_path / name for name in ("a.yaml", "other.yaml", "locked.yaml", "program.yaml"))
    for path, text, mode in ((good, "old\n", 0o644), (other, "mine\n", 0o644), (locked, "old\n", 0o444), (program, "old\n", 0o555)):
        path.write_text(text)
        path.chmod(mode)

    assert said(tmp_path, edit(good)) == ""
    assert said(tmp_path, edit(other)) == "other.yaml changed since it was read. Nothing was written. Run the command again."
    for path in (locked, program):
        assert said(tmp_path, edit(path)) == f"{path.name} is read-only. Nothing was written. Make it writable, or leave it out of -f."
    assert said(tmp_path, edit(tmp_path / "gone.yaml")) == (
        "gone.yaml cannot be read again: No such file or directory. Nothing was written. Run the command again."
    )


def test_what_was_written_before_is_named(tmp_path: Path) -> None:
    """The first that cannot be written tells of the others; those stay written."""
    first, second, third = (tmp_path / name for name in ("a.yaml", "b.yaml", "c.yaml"))
    first.write_text("old\n")
    third.write_text("old\n")
    write(edit(first))
    write(edit(second, "", new=True), [str(first)])
    write(edit(third, removed=True), [str(first), str(second)])

    assert (first.read_text(), second.read_text(), third.exists()) == ("new\n", "new\n", False)
    with pytest.raises(TargetError, match=f"a.yaml changed since it was read. Written before: {second}, {third}."):
        write(edit(first), [str(second), str(third)])


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    """Neither a half-written file nor another one beside it."""
    folder = tmp_path / "a.yaml"
    (folder / "full").mkdir(parents=True)

    with pytest.raises(OSError, match="irectory"):
        replace(folder, b"new\n")

    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize(("mode", "kept"), [(0o640, 0o640), (0o755, 0o755), (None, 0o644)])
def test_a_file_keeps_its_mode(tmp_path: Path, mode: int | None, kept: int) -> None:
    """A new one has that of any text."""
    path = tmp_path / "a.yaml"
    if mode is not None:
        path.write_text("old\n")
        path.chmod(mode)

    replace(path, b"new\n")

    assert (path.read_text(), path.stat().st_mode & 0o7777) == ("new\n", kept)


def test_other_names_of_a_file_are_counted(tmp_path: Path) -> None:
    """Without the one that it is edited under; a file that is not there yet has none."""
    path = tmp_path / "a.yaml"
    path.write_text("old\n")
    for name in ("b", "c"):
        (tmp_path / name).hardlink_to(path)

    assert (other_names(edit(path)), other_names(edit(tmp_path / "new.yaml", new=True))) == (2, 0)
