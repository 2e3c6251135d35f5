"""The texts of files after fixes, before they are tried."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from kubectl_meshfix.documents.patch import Operation
from kubectl_meshfix.sources.kustomize.building import Builder
from kubectl_meshfix.sources.kustomize.built import BuiltEnvironment, objects_of
from kubectl_meshfix.sources.kustomize.origins import Origins
from kubectl_meshfix.sources.kustomize.tree import tree
from kubectl_meshfix.targets.kustomize.drafting import NOT_TOGETHER, PlacedEdit, drafted, together
from kubectl_meshfix.targets.kustomize.options import InDocument, InOverlay, Option, Wanted
from tests.sources.kustomize.shop import write

A = Operation("replace", "/a", 2)
TYPE, OTHER = Operation("add", "/spec/type", "x"), Operation("add", "/spec/type", "y")
MORE = Operation("add", "/spec/more", 1)
ALIAS = "c: 1\na: &x 1\nb: *x\n"


class Draft:
    """Files, and fixes of objects of an environment of them."""

    def __init__(self, folder: Path, own: str = "resources: [a.yaml]\n", manifest: str = "a: 1\n---\na: 1\n") -> None:
        self.folder = folder
        self.file = str(folder / "a.yaml")
        (environment,) = tree([str(write(folder, {"kustomization.yaml": own, "a.yaml": manifest}))]).environments
        built = tuple(objects_of("---\n".join(f"apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n" for name in "ab")))
        self.environment = BuiltEnvironment(environment=environment, objects=built)

    def of(self, *rows: tuple[int, Option, Operation]) -> tuple[list[tuple[str, str, tuple[int, ...]]], Mapping[int, str]]:
        """Files, their new texts and indexes, and what cannot be done; each row is an object, a place, and what is wanted of it."""
        wanted = [
            Wanted(environment=self.environment, built=self.environment.objects[number], operations=(operation,), fix=index)
            for index, (number, _, operation) in enumerate(rows)
        ]
        choices = {index: option for index, (_, option, _) in enumerate(rows)}
        draft = drafted(wanted, choices, Origins(Builder(command=())))
        return [(Path(one.file).name, one.after, one.wanted) for one in draft.edits], draft.errors

    def at(self, document: int, *operations: Operation) -> tuple[int, Option, Operation]:
        """Operations on a document."""
        return 0, InDocument(self.file, document, operations), operations[0]


def test_what_several_need_alike_is_one_edit(tmp_path: Path) -> None:
    """Each document has its own; what only tests is none."""
    draft = Draft(tmp_path)

    assert draft.of(draft.at(0, A), draft.at(0, A), draft.at(1, A)) == ([("a.yaml", "a: 2\n---\na: 2\n", (0, 1, 2))], {})
    assert draft.of(draft.at(0, A), draft.at(0, Operation("add", "/b", 1))) == ([("a.yaml", "a: 2\nb: 1\n---\na: 1\n", (0, 1))], {})
    assert draft.of(draft.at(0, Operation("test", "/a", 1))) == ([], {})
    assert draft.of() == ([], {})


def test_the_second_of_two_that_contradict_each_other(tmp_path: Path) -> None:
    """It is left out, and so are all that are like it; in another document it is none of their business."""
    draft = Draft(tmp_path)
    other = Operation("replace", "/a", 3)

    assert draft.of(draft.at(0, A), draft.at(0, other), draft.at(0, A), draft.at(0, other), draft.at(1, other)) == (
        [("a.yaml", "a: 2\n---\na: 3\n", (0, 1, 2, 3, 4))],
        {1: NOT_TOGETHER, 3: NOT_TOGETHER},
    )


@pytest.mark.parametrize(
    ("rows", "after", "errors"),
    [
        (((0, A),), None, {0: "Line 3 uses the anchor &x of line 2, so a change of one changes both"}),
        (((7, A),), None, {0: "There is no document 7 in this text"}),
        (((7, A), (0, Operation("replace", "/c", 2)), (7, A)), ALIAS.replace("c: 1", "c: 2"), {0: "There is no document 7 in this text"}),
        (((0, Operation("replace", "/c", 1)),), None, {}),
    ],
)
def test_what_a_text_cannot_hold(
    tmp_path: Path, rows: tuple[tuple[int, Operation], ...], after: str | None, errors: dict[int, str]
) -> None:
    """The reason is told for each that wants it, without the full stop; a text that stays as it is is no edit."""
    draft = Draft(tmp_path, manifest=ALIAS)

    edits, found = draft.of(*(draft.at(*row) for row in rows))

    assert edits == ([] if after is None else [("a.yaml", after, tuple(range(len(rows))))])
    assert {index: found[index] for index in errors} == errors
    assert sorted(found) == [index for index, (document, _) in enumerate(rows) if document == 7 or errors.get(index)]


MERGE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {}\nspec:\n  {}\n"
ENTRY = "- path: meshfix-service-{0}.yaml\n  target:\n    kind: Service\n    name: {0}\n"


def test_a_patch_for_each_object_and_one_edit_of_the_kustomization(tmp_path: Path) -> None:
    """The files first, then the kustomization that names them; of two that contradict each other neither is written."""
    draft, place = Draft(tmp_path), InOverlay()
    own = "resources: [a.yaml]\npatches:\n"

    assert draft.of((0, place, TYPE), (1, place, TYPE), (0, place, MORE)) == (
        [
            ("meshfix-service-a.yaml", MERGE.format("a", "type: x\n  more: 1"), (0, 2)),
            ("meshfix-service-b.yaml", MERGE.format("b", "type: x"), (1,)),
            ("kustomization.yaml", own + ENTRY.format("a") + ENTRY.format("b"), (0, 2, 1)),
        ],
        {},
    )
    assert draft.of((0, place, TYPE), (0, place, OTHER), (1, place, TYPE)) == (
        [("meshfix-service-b.yaml", MERGE.format("b", "type: x"), (2,)), ("kustomization.yaml", own + ENTRY.format("b"), (2,))],
        {0: NOT_TOGETHER, 1: NOT_TOGETHER},
    )


def test_a_kustomization_that_cannot_be_edited(tmp_path: Path) -> None:
    """All that it would name has the reason."""
    draft, place = Draft(tmp_path, own="patches: &p []\nvars: *p\n"), InOverlay()

    _, errors = draft.of((0, place, TYPE), (1, place, TYPE))

    assert errors == dict.fromkeys((0, 1), "Line 2 uses the anchor &p of line 1, so a change of one changes both")


def test_objects_of_one_name_have_a_patch_each(tmp_path: Path) -> None:
    """The second file has a number."""
    draft = Draft(tmp_path)
    text = "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  namespace: {}\n"
    objects = tuple(objects_of("---\n".join(map(text.format, ("one", "two")))))
    draft.environment = BuiltEnvironment(environment=draft.environment.environment, objects=objects)

    edits, _ = draft.of((0, InOverlay(), TYPE), (1, InOverlay(), TYPE))

    assert [name for name, _, _ in edits] == ["meshfix-service-a.yaml", "meshfix-service-a-2.yaml", "kustomization.yaml"]


def test_tests_of_all_fixes_come_first() -> None:
    """What one changes, another may rely on as it was."""
    one, other = Operation("test", "/a", 1), Operation("test", "/b", 1)

    assert together([[one, A], [A, other, TYPE]]) == [one, other, A, TYPE]
    assert together([[A], [Operation("replace", "/a", 3)]]) is None
    assert together([]) == []


def test_an_edit_says_what_was_before(tmp_path: Path) -> None:
    """A new file had no text."""
    draft = Draft(tmp_path)
    wanted = [Wanted(environment=draft.environment, built=draft.environment.objects[0], operations=(TYPE,), fix=0)]

    (patch, own) = drafted(wanted, {0: InOverlay()}, Origins(Builder(command=()))).edits

    assert (patch.before, own.before) == (None, "resources: [a.yaml]\n")
    assert isinstance(own, PlacedEdit)
