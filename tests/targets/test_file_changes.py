"""Edits of files as the journal keeps them, and taking them back without apply."""

from pathlib import Path

import pytest

from kubectl_meshfix.documents.reading.manifests import Manifests
from kubectl_meshfix.resources.meta import Ref
from kubectl_meshfix.targets.field_reversal import Field
from kubectl_meshfix.targets.file_changes import file_change, hashed, restored
from kubectl_meshfix.targets.files import FileEdit
from kubectl_meshfix.targets.journal_entry import FileChange, Hunk, Inside, JournalEntry, Where
from kubectl_meshfix.targets.undo_files import FileUndoPlan, prepare

NOTHING = Manifests(texts={}, origins={})


@pytest.mark.parametrize(
    ("hunks", "text"),
    [
        ((Hunk(1, ("b\n",), ("x\n",)),), "a\nb\nc\n"),
        ((Hunk(1, (), ("x\n",)),), "a\nc\n"),
        ((Hunk(1, ("b\n", "B\n"), ()),), "a\nb\nB\nx\nc\n"),
        ((Hunk(0, ("A\n",), ("a\n",)), Hunk(2, ("C\n",), ("c\n",))), "A\nx\nC\n"),
        ((Hunk(1, ("b\n",), ("y\n",)),), None),
        ((Hunk(2, ("b\n",), ("x\n",)),), None),
        ((Hunk(2, ("b\n",), ("c\n", "d\n")),), None),
        ((), "a\nx\nc\n"),
    ],
)
def test_hunks_that_do_not_fit_restore_nothing(hunks: tuple[Hunk, ...], text: str | None) -> None:
    """Each has to stand where it was written."""
    assert restored("a\nx\nc\n", hunks) == text


@pytest.mark.parametrize(("lines", "hunks"), [(2000, 2), (2001, 1)])
def test_so_many_lines_are_compared(lines: int, hunks: int) -> None:
    """Where the first and the last of them differ, those between are kept apart; of more than are compared all are one hunk."""
    between = "".join(f"{number}\n" for number in range(lines - 2))
    edit = FileEdit(file="a", before=f"a\n{between}b\n", after=f"x\n{between}y\n", changes=())

    found = file_change(edit, NOTHING).hunks
    assert [(hunk.line, len(hunk.before)) for hunk in found] == ([(0, 1), (lines - 1, 1)] if hunks == 2 else [(0, lines)])


def test_lines_that_are_alike_are_kept_apart() -> None:
    """However often a line comes, only those that differ are in a hunk; what is not said of an edit is not so."""
    lines = ["- a: 1\n", "  b: 2\n"] * 150
    after = ["- x: 1\n" if place in (10, 250) else line for place, line in enumerate(lines)]
    edit = FileEdit(file="a", before="".join(lines), after="".join(after), changes=())
    found = file_change(edit, NOTHING)

    assert [(hunk.line, hunk.before, hunk.after) for hunk in found.hunks] == [(place, ("- a: 1\n",), ("- x: 1\n",)) for place in (10, 250)]
    assert (edit.is_new, edit.is_removed, edit.is_built_from, found.created) == (False, False, False, False)


BASE = """\
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {x: 1}
---
kind: Service
metadata: {name: till}
spec: {x: 1}
---
resources: [a.yaml]
spec: {x: 1}
---
metadata: {labels: {a: b}}
spec: {x: 1}
---
- x: 1
"""


def built(before: str, after: str, *, new: bool = False) -> tuple[Inside, ...]:
    """The objects of a file that others are built from, with what changes in them."""
    edit = FileEdit(file="a.yaml", before=before, after=after, changes=(), is_built_from=True, is_new=new)
    return file_change(edit, NOTHING).objects


def test_a_base_has_the_objects_that_stand_in_it() -> None:
    """Those that have a name and change, by what the file says of them; a kustomization has none."""
    field = (Field("/spec/x", 1, 2),)

    assert built(BASE, BASE.replace("x: 1", "x: 2")) == (
        Inside(Ref("v1", "Service", "shop", "cart"), field),
        Inside(Ref("", "Service", None, "till"), field),
    )
    assert built(BASE, BASE.replace("x: 1", "x: 2", 1)) == (Inside(Ref("v1", "Service", "shop", "cart"), field),)
    assert built(BASE, BASE + "# a comment\n") == ()
    assert built("", BASE, new=True) == ()


TILL = Ref("v1", "Service", "shop", "till")


def looked(path: Path, now: str, *, objects: tuple[Inside, ...] = (), hunks: tuple[Hunk, ...] = (), after: str = "new\n") -> FileUndoPlan:
    """What undo finds where a file holds a text by now, of which apply made ``after`` of "old"."""
    path.write_text(now)
    row = FileChange(file=str(path), before_hash=hashed("old\n"), after_hash=hashed(after), hunks=hunks, objects=objects)
    entry = JournalEntry(schema_version=1, id="x", made="", version="", where=Where(kind="files"), findings=(), files=(row,))
    return prepare(entry, force=False)


def told(plan: FileUndoPlan) -> str:
    """Why a file is refused or settled; empty where it is taken back."""
    return "".join(item.reason for item in (*plan.refused, *plan.settled))


BACK = (Hunk(0, ("old\n",), ("new\n",)),)


def test_lines_count_where_they_lead_back_to_the_very_text(tmp_path: Path) -> None:
    """Lines of the journal that make another text than there was are not written."""
    path = tmp_path / "a.yaml"
    (step,) = looked(path, "new\n", hunks=BACK).steps

    assert (step.edit.before, step.edit.after) == ("new\n", "old\n")
    assert told(looked(path, "old\n", hunks=BACK)) == "it is as it was before"
    without = "it was edited since, and holds no object whose fields could be taken back"
    assert told(looked(path, "new\n", hunks=(Hunk(0, ("older\n",), ("new\n",)),))) == without
    assert told(looked(path, "newer\n", hunks=BACK)) == without


INSIDE = (Inside(TILL, (Field("/spec/x", 1, 2),)),)
UNRESTORED = "it was edited since, and the fields cannot be restored in it:"
NOW = "apiVersion: v1\nkind: Service\nmetadata: {name: till, namespace: shop}\nspec: {x: 2}\n"


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (NOW, ""),
        (NOW.replace(", namespace: shop", ""), ""),
        (NOW.replace("x: 2", "x: 1"), "it is as it was before"),
        (f"metadata: 5\n---\nkind: Service\n---\n- 1\n---\n{NOW}", ""),
        (f"{NOW}---\n{NOW.replace('v1', 'example.com/v1')}", ""),
        (f"{NOW}---\n{NOW.replace('shop', 'bank')}---\n{NOW.replace('Service', 'ConfigMap')}---\n{NOW.replace('till', 'cart')}", ""),
        (f"{NOW}---\n{NOW}", "it was edited since, and holds Service shop/till 2 times"),
        (NOW.replace("till", "cart"), "it was edited since, and no longer holds Service shop/till"),
        (NOW.replace("x: 2", "x: 3"), "it was edited since: /spec/x was changed to 3 since; apply wrote 2"),
        (
            NOW.replace("{x: 2}", "&a {x: 2}") + "y: *a\n",
            f"{UNRESTORED} Line 5 uses the anchor &a of line 4, so a change of one changes both.",
        ),
    ],
)
def test_an_object_is_found_in_a_file_that_was_edited(tmp_path: Path, now: str, words: str) -> None:
    """By its kind, name and namespace, which the file may leave out; whatever else stands beside it."""
    plan = looked(tmp_path / "a.yaml", now, objects=INSIDE)

    assert told(plan) == words
    assert [step.edit.after for step in plan.steps] == ([] if words else [now.replace("x: 2", "x: 1", 1)])
